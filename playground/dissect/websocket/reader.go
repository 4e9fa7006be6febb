package websocket

import "seewire/playground/dissect"

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
	open    bool    // there is one
	closed  bool    // a Close was sent
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
	broken     bool // it was said that its text is not UTF-8
}

// New reads the frames of one direction. The extensions are those that the
// server has answered with, in Sec-WebSocket-Extensions.
func New(h *dissect.Direction, extensions string) dissect.Parser {
	w := &reader{h: h, scratch: make([]byte, 4<<10)}
	if agreed := parseDeflate(extensions); agreed != nil {
		w.inflate = &messageInflater{takeover: agreed.takeover(h.From)}
	}
	return w
}

func (w *reader) Parse(p []byte) int {
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
		if !w.open {
			w.violations.Add(rules[continuationWithoutStart])
			w.message = message{}
		}
	default:
		if w.open {
			w.violations.Add(rules[messageInterrupted])
		}
		w.message = message{opcode: w.head.opcode, compressed: w.head.rsv1 && w.inflate != nil}
		if w.message.compressed {
			w.inflate.begin()
		}
	}
	w.open = !w.head.fin
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
	}
}

func (w *reader) End() {
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
	f.Message = w.sum(f.Offset)
	if w.head.opcode == opClose {
		w.closed = true
		f.Ends = dissect.Close
	}
	w.h.Emit(f)
	w.header, w.taken, w.violations = w.header[:0], 0, nil
	w.payload.Reset()
}
