package sse

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"seewire/playground/dissect"
)

// maxState bounds, in bytes, what a frame repeats of each buffer of the
// parser. Events are whole.
const maxState = 2 << 10

// MaxLine bounds a line of an event stream, in bytes. The specification knows
// no bound; a recording has one.
const MaxLine = 16 << 20

const byteOrderMark = "\uFEFF"

// A Stream reads text/event-stream as WHATWG HTML §9.2.6 says, line by
// line. Its bytes are what a body's coding carries, so a line may lie in
// several pieces.
//
// A CR ends a line by itself, and with a LF right after it ends it too. So that
// the frames are the same for any split, a line that ends with CR is shown when
// the byte after it is known, with the time of its CR. (A browser does not
// wait: it dispatches at the CR, and drops a LF that comes first afterwards.)
type Stream struct {
	h       *dissect.Direction
	carrier dissect.Carrier

	// What comes out of a compressed body has no place of its own among the
	// bytes: its frames have no bytes, and stand at one of the piece inside
	// which they came.
	inside int64

	line    []byte  // so far, its end included
	pieces  []piece // where these bytes are
	parts   []part  // for the array
	after   int64   // the offset after the last byte that was taken
	cr      bool    // the line has ended with CR; a LF may follow
	crAt    time.Time
	started bool // past the place for a byte order mark

	data    dataBuffer
	typ     string // the event type buffer
	id      string // the last event ID buffer
	lastID  string // the event source's last event ID string
	retry   *int64 // its reconnection time, if the stream sets it
	inBlock bool   // a field was seen since the last blank line
}

// A dataBuffer is the data buffer. Most events have one line of data, which is kept
// where it stands.
type dataBuffer struct {
	first string
	more  *strings.Builder // all of them, where there are several
}

// add adds the value of a line, with the LF that follows it.
func (b *dataBuffer) add(line string) {
	switch {
	case b.more != nil:
		b.more.WriteString(line)
	case b.first == "":
		b.first = line
	default:
		b.more = new(strings.Builder)
		b.more.WriteString(b.first)
		b.more.WriteString(line)
	}
}

func (b *dataBuffer) text() string {
	if b.more != nil {
		return b.more.String()
	}
	return b.first
}

// Is tells whether an EventSource would read the events of a response, whose
// content type is text/event-stream (WHATWG HTML §9.2.2).
func Is(response *dissect.Head) bool { return response.Code == "200" }

// New reads the events of a body. The carrier has the ID that the request has
// sent as Last-Event-ID: the event source's last event ID string.
//
// The specification starts the last event ID buffer empty for each stream, so
// that an event without an id in a resumed stream would make the event source
// forget where it was. Browsers start it with what they have sent, and so does
// this.
func New(h *dissect.Direction, carrier dissect.Carrier) *Stream {
	return &Stream{h: h, carrier: carrier, id: carrier.LastEventID, lastID: carrier.LastEventID}
}

// LastEventID is what the event source would send when it reconnects.
func (s *Stream) LastEventID() string { return s.lastID }

// ReconnectionTime is its reconnection time in milliseconds; nil where the
// stream has not set it.
func (s *Stream) ReconnectionTime() *int64 { return s.retry }

// Inside gives the place of what comes next, where the body is inflated.
func (s *Stream) Inside(offset int64) { s.inside = offset }

// Write reads from p, which starts at the direction's offset, at most to the end of
// a line, and returns how many bytes it took.
func (s *Stream) Write(p []byte) int {
	if !s.started {
		if p[0] == byteOrderMark[len(s.line)] {
			s.take(p[:1])
			if len(s.line) == len(byteOrderMark) {
				s.started = true
				s.emit(dissect.Frame{Kind: "bom", Say: s.h.Say(dissect.Phrase{Key: say.BOM})}, []part{{field.BOM, len(byteOrderMark), "U+FEFF"}})
			}
			return 1
		}
		s.started = true
	}
	if s.cr {
		n := 0
		if p[0] == '\n' {
			s.take(p[:1])
			s.crAt = s.h.At
			n = 1
		}
		s.endLine(s.crAt)
		return n
	}
	p = p[:min(len(p), MaxLine-len(s.line))]
	n := lineEnd(p)
	if n < 0 {
		s.take(p)
		if len(s.line) == MaxLine {
			s.h.Description.Stop() // the rest is unknown data
		}
		return len(p)
	}
	s.take(p[:n+1])
	if p[n] == '\r' {
		s.cr, s.crAt = true, s.h.At
	} else {
		s.endLine(s.h.At)
	}
	return n + 1
}

// lineEnd is where the first CR or LF is, or -1. To look for one byte after the other is a
// quarter of the work of looking for both, as far as lines mostly go.
func lineEnd(p []byte) int {
	near := p[:min(len(p), 1<<10)]
	if lf := bytes.IndexByte(near, '\n'); lf >= 0 {
		if cr := bytes.IndexByte(near[:lf], '\r'); cr >= 0 {
			return cr
		}
		return lf
	}
	return bytes.IndexAny(p, "\r\n")
}

// take appends to the line.
func (s *Stream) take(p []byte) {
	s.line = append(s.line, p...)
	if s.carrier.Inflated {
		return
	}
	s.after = s.h.Offset + int64(len(p))
	if last := len(s.pieces) - 1; last >= 0 && s.pieces[last].offset+int64(s.pieces[last].length) == s.h.Offset {
		s.pieces[last].length += len(p)
	} else {
		s.pieces = append(s.pieces, piece{s.h.Offset, len(p)})
	}
}

// End is the end of the body. A line without an end is not a line, and a block
// without a blank line after it is discarded.
func (s *Stream) End() {
	if s.cr {
		s.endLine(s.crAt)
	}
	if len(s.line) > 0 {
		l := splitLine(string(s.line))
		f := dissect.Frame{
			Kind: "ignored", Incomplete: true,
			Say: []dissect.Phrase{l.says(), {Key: say.Reason, Text: unfinishedLine}},
			SSE: &dissect.SSE{Reason: unfinishedLine},
		}
		if writesLineEnds(string(s.line)) {
			f.Violations = append(f.Violations, rules[writtenLineEnd])
		}
		s.emit(f, l.parts(s.parts[:0], l.valueField()))
	}
	if s.inBlock {
		s.clear()
		s.emit(dissect.Frame{
			Offset: s.after, Kind: "end", Say: []dissect.Phrase{{Key: say.End}, {Key: say.Reason, Text: unfinishedBlock}},
			SSE: &dissect.SSE{Reason: unfinishedBlock},
		}, nil)
	}
}

// endLine interprets the line, whose last byte was there at that time.
func (s *Stream) endLine(at time.Time) {
	s.cr, s.started = false, true
	line := string(s.line)
	l := splitLine(line)
	valueField := l.valueField()
	f := dissect.Frame{At: at, SSE: s.h.State(dissect.SSE{})}
	switch {
	case l.blank():
		f.Kind = "blank"
		s.dispatch(&f)
	case l.comment():
		f.Kind, f.Say = "comment", s.h.Say(l.says())
	default:
		s.inBlock = true
		f.Kind, f.Say = "field", s.h.Say(l.says())
		if reason := s.field(l, line); reason != "" {
			f.Kind, f.SSE.Reason = "ignored", reason
			f.AddSay(dissect.Phrase{Key: say.Reason, Text: reason})
			valueField = field.Ignored
		}
	}
	if !l.valid {
		f.Violations = append(f.Violations, rules[notUTF8])
	}
	if writesLineEnds(line) {
		f.Violations = append(f.Violations, rules[writtenLineEnd])
	}
	s.emit(f, l.parts(s.parts[:0], valueField))
}

// field processes a field, and gives the reason if it has no effect.
func (s *Stream) field(l textLine, line string) (ignored string) {
	value := l.value
	switch l.name {
	case "data":
		s.data.add(l.valueAndLF(line))
	case "event":
		s.typ = value
	case "id":
		if strings.Contains(value, "\x00") {
			return idWithNull
		}
		s.id = value
	case "retry":
		if value == "" {
			return retryEmpty
		}
		if strings.Trim(value, "0123456789") != "" {
			return retryNotDigits
		}
		milliseconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return retryTooLarge // the specification leaves it open
		}
		s.retry = &milliseconds
	default:
		return whyUnknown(l.name)
	}
	return ""
}

// whyUnknown is why a name is none that counts.
func whyUnknown(name string) string {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "data", "event", "id", "retry":
		return almostField
	}
	if len(name) <= 8 && strings.Trim(name, "0123456789abcdefABCDEF") == "" {
		return chunkLine
	}
	return unknownField
}

// dispatch does what a blank line asks for.
func (s *Stream) dispatch(f *dissect.Frame) {
	s.lastID = s.id
	typ, data, inBlock := s.typ, s.data.text(), s.inBlock
	s.clear()
	switch {
	case data != "":
		if typ == "" {
			typ = "message"
		}
		data = data[:len(data)-1] // each data line has put a LF after its value
		f.SSE.Event = s.h.Event(dissect.Event{Type: typ, Data: data, LastEventID: s.lastID})
		f.Say = s.h.Say(dissect.Phrase{Key: say.Blank}, dissect.Text(say.Event, typ), dissect.Text(say.EventRow, data))
	case inBlock:
		f.SSE.Reason = noData
	default:
		f.SSE.Reason = noBlock
	}
	if f.SSE.Reason != "" {
		f.Say = s.h.Say(dissect.Phrase{Key: say.Blank}, dissect.Phrase{Key: say.Reason, Text: f.SSE.Reason})
	}
}

// clear empties what belongs to a block.
func (s *Stream) clear() {
	s.typ, s.inBlock = "", false
	s.data = dataBuffer{}
}

// emit shows the line, of which the parts are the fields, with the state that
// it leaves.
func (s *Stream) emit(f dissect.Frame, parts []part) {
	f.Protocol, f.Stream, f.Exchange = "sse", s.carrier.Stream, s.carrier.Exchange
	if f.SSE == nil {
		f.SSE = &dissect.SSE{}
	}
	f.SSE.Data = dissect.ClipTail(s.data.text(), maxState)
	f.SSE.Type = dissect.Clip(s.typ, maxState)
	f.SSE.ID = dissect.Clip(s.id, maxState)
	f.SSE.LastEventID = dissect.Clip(s.lastID, maxState)
	f.SSE.ReconnectionTime = s.retry
	if len(s.pieces) > 0 {
		f.Offset = s.pieces[0].offset
		last := s.pieces[len(s.pieces)-1]
		f.Length = int(last.offset-f.Offset) + last.length
	}
	if s.carrier.Inflated {
		f.Offset, f.Fields = s.inside, []dissect.Field{}
	} else {
		f.Fields = place(s.h.Fields(len(parts)+max(0, len(s.pieces)-1)), parts, s.pieces, f.Offset)
	}
	clear(parts) // their values are in an array that lives on
	s.parts = parts
	s.line, s.pieces = s.line[:0], s.pieces[:0]
	s.h.Emit(f)
}
