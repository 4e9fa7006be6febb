package websocket

import (
	"strings"

	"seewire/playground/dissect"
)

// A reader reads the frames of one direction (RFC 6455 §5).
type reader struct {
	h       *dissect.Direction
	inflate *messageInflater // nil where permessage-deflate was not agreed on

	header     []byte          // of the current frame, as far as it is there
	head       frameHead       // what it says, once it is complete
	taken      uint64          // of the payload
	payload    dissect.Excerpt // unmasked
	violations dissect.Violations
	scratch    []byte // for unmasking

	message message // the one whose fragments are arriving
	before  []byte  // the start of a character that the fragment before this one has cut
	open    bool    // there is one
	closed  bool    // a Close was sent

	middle  bool   // a message may have begun before the recording
	stray   bool   // a continuation that goes on with nothing is going on
	foreign string // extensions that were agreed on and are not known here
	early   int64  // where the bytes end that came before the server's answer
	answer  []byte // what may be an HTTP response in place of a frame
	frames  bool   // it is none
}

// A message is what the fragments of a message add up to.
type message struct {
	opcode     byte
	compressed bool
	inflated   *int // its length, once that is known
	first      int64
	fragments  int
	length     uint64
	text       utf8Check
	whole      dissect.Excerpt // of a text in fragments
	broken     bool            // it was said that its text is not UTF-8
	opaque     bool            // an extension that is not known here has changed its payload
	odd        bool            // a reserved bit is set, without an extension that could mean it
}

// New reads the frames of one direction. The extensions are those that the
// server has answered with, in Sec-WebSocket-Extensions.
func New(h *dissect.Direction, extensions string) dissect.Parser {
	return newReader(h, extensions)
}

func newReader(h *dissect.Direction, extensions string) *reader {
	w := &reader{h: h, scratch: make([]byte, 512)}
	if agreed := parseDeflate(extensions); agreed != nil {
		w.inflate = &messageInflater{takeover: agreed.takeover(h.From)}
	}
	for _, name := range dissect.ListNames(extensions) {
		if !strings.EqualFold(name, deflateName) {
			w.foreign = name
		}
	}
	return w
}

// Middle reads frames from the middle of a connection: a message, and what
// compressed ones refer to, may have been before.
func Middle(h *dissect.Direction, extensions string) dissect.Parser {
	w := newReader(h, extensions)
	w.middle = true
	if w.inflate != nil {
		w.inflate.middle = true
	}
	return w
}

// Resume goes on behind a gap in the recording: with a frame, where the bytes look
// like it.
func (w *reader) Resume(int64) (next dissect.Parser, sure bool) {
	r := &reader{h: w.h, scratch: w.scratch, inflate: w.inflate, foreign: w.foreign, closed: w.closed, middle: true}
	if r.inflate != nil {
		r.inflate.windowUnknown = r.inflate.takeover
	}
	return &behindGap{r, dissect.NewUnknown(w.h)}, true
}

// A behindGap looks for the start of a frame: what has come before it may belong to
// one whose start is missing. No frame says where it begins, but what was written at
// once often does.
type behindGap struct {
	*reader
	unknown dissect.Parser
}

// Parse implements dissect.Parser.
func (b *behindGap) Parse(p []byte) int {
	if b.h.Protocols.Resume(b.h, p) == nil {
		return b.unknown.Parse(p)
	}
	b.unknown.End()
	b.h.Parser = b.reader
	return b.reader.Parse(p)
}

// End implements dissect.Parser.
func (b *behindGap) End() { b.unknown.End() }

// Early says that bytes up to there came before the server's answer.
func (w *reader) Early(end int64) { w.early = end }

// httpAnswer is how an HTTP response begins. No frame of a server begins like it:
// "H" would be a Close with RSV1 and without FIN.
const httpAnswer = "HTTP/1."

// parseAnswer looks for an HTTP response in place of a frame: servers send one
// when they fail after the 101.
func (w *reader) parseAnswer(p []byte) (n int, done bool) {
	if w.h.From == dissect.Client || w.frames || len(w.header) > 0 {
		return 0, false
	}
	if p[0] == httpAnswer[len(w.answer)] {
		w.answer = append(w.answer, p[0])
		if len(w.answer) == len(httpAnswer) {
			w.h.GiveUp(w.answer, 1, rules[answerInFrames])
		}
		return 1, true
	}
	if len(w.answer) == 0 {
		return 0, false
	}
	w.noAnswer()
	return 0, true
}

// noAnswer reads as frames what looked like an answer.
func (w *reader) noAnswer() {
	taken := w.answer
	w.answer, w.frames = nil, true
	w.h.Replay(taken, 0, w)
}

func (w *reader) Parse(p []byte) int {
	if n, done := w.parseAnswer(p); done {
		return n
	}
	var n int
	if need := headerLength(w.header); len(w.header) < need {
		n = min(need-len(w.header), len(p))
		w.header = append(w.header, p[:n]...)
		if len(w.header) < headerLength(w.header) {
			return n
		}
		w.begin()
	} else {
		n = int(min(uint64(len(p)), w.head.length-w.taken, uint64(len(w.scratch))))
		w.take(p[:n])
	}
	if w.taken == w.head.length {
		w.finish(w.h.Offset + int64(n))
	}
	return n
}

// begin looks at a header that is complete.
func (w *reader) begin() {
	w.head = parseHead(w.header)
	w.checkHead()
	if w.head.control() {
		return
	}
	if w.closed {
		w.violations.Add(rules[dataAfterClose])
	}
	switch w.head.opcode {
	case opContinuation:
		if !w.open && !w.stray {
			if !w.middle {
				w.violations.Add(rules[continuationWithoutStart])
			}
			w.message, w.stray = message{}, true
		}
		w.open, w.stray = w.open && !w.head.fin, w.stray && !w.head.fin
	default:
		if w.open {
			w.violations.Add(rules[messageInterrupted])
		}
		reserved := w.head.rsv1 || w.head.rsv2 || w.head.rsv3
		w.message = message{opcode: w.head.opcode, compressed: w.head.rsv1 && w.inflate != nil}
		w.message.opaque = reserved && !w.message.compressed && w.foreign != ""
		w.message.odd = reserved && !w.message.compressed && w.foreign == ""
		if w.message.compressed {
			w.inflate.begin()
		}
		w.open, w.stray, w.middle = !w.head.fin, false, false
	}
	w.before = w.message.text.cutOff()
	w.message.fragments++
	w.message.length += w.head.length
}

// take unmasks bytes of the payload: each is XORed with a byte of the key, in
// turn (RFC 6455 §5.3).
func (w *reader) take(p []byte) {
	plain := w.scratch[:len(p)]
	for i, b := range p {
		plain[i] = b ^ w.head.key[(w.taken+uint64(i))%4]
	}
	w.taken += uint64(len(p))
	w.payload.Write(plain)
	switch {
	case w.head.control():
	case w.message.compressed:
		w.inflate.write(plain)
	case w.message.opcode == opText:
		w.message.text.write(plain)
		if !w.head.fin || w.message.fragments > 1 {
			w.message.whole.Write(plain)
		}
	}
}

func (w *reader) End() {
	if len(w.answer) > 0 {
		w.noAnswer()
	}
	if len(w.header) == 0 {
		return
	}
	f := dissect.Frame{
		Offset: w.h.Offset - int64(len(w.header)) - int64(w.payload.N), Length: len(w.header) + w.payload.N,
		Protocol: "websocket", Kind: kindOf(w.header[0] & 0x0F), Say: []dissect.Phrase{{Key: say.Header}}, Incomplete: true,
	}
	l := w.headerFields()
	if len(w.header) == headerLength(w.header) {
		f.Say = w.says(w.payload.N, w.payloadFields(&l))
		f.Message = w.sum(f.Offset)
	}
	f.Fields, f.Violations = l.Fields, w.violations
	w.h.Emit(f)
}

// finish shows the frame, which ends at the offset, and is ready for the next.
func (w *reader) finish(end int64) {
	l := w.headerFields()
	content := w.payloadFields(&l)
	f := dissect.Frame{
		Offset: end - int64(l.Length), Length: l.Length,
		Protocol: "websocket", Kind: kindOf(w.head.opcode),
		Say:    w.says(w.payload.N, content),
		Fields: l.Fields, Violations: w.violations,
	}
	if f.Offset < w.early {
		f.Violations = append(f.Violations, rules[frameBeforeAnswer])
	}
	f.Message = w.sum(f.Offset)
	if w.head.opcode == opClose {
		w.closed = true
		f.Ends = dissect.Close
	}
	w.h.Emit(f)
	w.header, w.taken, w.violations, w.frames = w.header[:0], 0, nil, false
	w.payload.Reset()
}
