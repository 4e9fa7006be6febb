package dissect

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// maxState bounds, in bytes, what a frame repeats of each buffer of the
// parser. Events are whole.
const maxState = 2 << 10

// maxLine bounds a line of an event stream, in bytes. The specification knows
// no bound; a recording has one.
const maxLine = 16 << 20

const byteOrderMark = "\uFEFF"

// An eventStream reads text/event-stream as WHATWG HTML §9.2.6 says, line by
// line. Its bytes are what a body's coding carries, so a line may lie in
// several pieces.
//
// A CR ends a line by itself, and with a LF right after it ends it too. So that
// the frames are the same for any split, a line that ends with CR is shown when
// the byte after it is known, with the time of its CR. (A browser does not
// wait: it dispatches at the CR, and drops a LF that comes first afterwards.)
type eventStream struct {
	h        *direction
	stream   uint32 // the one of HTTP/2 that carries it
	exchange int    // and its exchange

	// What comes out of a compressed body has no place of its own among the
	// bytes: its frames have no bytes, and stand at one of the piece inside
	// which they came.
	inflated bool
	inside   int64

	line    []byte  // so far, its end included
	pieces  []piece // where these bytes are
	after   int64   // the offset after the last byte that was taken
	cr      bool    // the line has ended with CR; a LF may follow
	crAt    time.Time
	started bool // past the place for a byte order mark

	data    strings.Builder // the data buffer
	typ     string          // the event type buffer
	id      string          // the last event ID buffer
	lastID  string          // the event source's last event ID string
	retry   *int64          // its reconnection time, if the stream sets it
	inBlock bool            // a field was seen since the last blank line
}

// newEventStream reads the events of a body. The ID is the one that the
// request has sent as Last-Event-ID: the event source's last event ID string.
//
// The specification starts the last event ID buffer empty for each stream, so
// that an event without an id in a resumed stream would make the event source
// forget where it was. Browsers start it with what they have sent, and so does
// this.
func newEventStream(h *direction, lastEventID string) *eventStream {
	return &eventStream{h: h, id: lastEventID, lastID: lastEventID}
}

// write reads from p, which starts at the direction's offset, at most to the end of
// a line, and returns how many bytes it took.
func (s *eventStream) write(p []byte) int {
	if !s.started {
		if p[0] == byteOrderMark[len(s.line)] {
			s.take(p[:1])
			if len(s.line) == len(byteOrderMark) {
				s.started = true
				s.emit(Frame{Kind: "bom", Say: []Phrase{{Key: say.SSEBOM}}}, []part{{sseFields.BOM, len(byteOrderMark), "U+FEFF"}})
			}
			return 1
		}
		s.started = true
	}
	if s.cr {
		n := 0
		if p[0] == '\n' {
			s.take(p[:1])
			s.crAt = s.h.at
			n = 1
		}
		s.endLine(s.crAt)
		return n
	}
	p = p[:min(len(p), maxLine-len(s.line))]
	n := bytes.IndexAny(p, "\r\n")
	if n < 0 {
		s.take(p)
		if len(s.line) == maxLine {
			s.h.c.description.over = true // the rest is unknown data
		}
		return len(p)
	}
	s.take(p[:n+1])
	if p[n] == '\r' {
		s.cr, s.crAt = true, s.h.at
	} else {
		s.endLine(s.h.at)
	}
	return n + 1
}

// take appends to the line.
func (s *eventStream) take(p []byte) {
	s.line = append(s.line, p...)
	if s.inflated {
		return
	}
	s.after = s.h.offset + int64(len(p))
	if last := len(s.pieces) - 1; last >= 0 && s.pieces[last].offset+int64(s.pieces[last].length) == s.h.offset {
		s.pieces[last].length += len(p)
	} else {
		s.pieces = append(s.pieces, piece{s.h.offset, len(p)})
	}
}

// end is the end of the body. A line without an end is not a line, and a block
// without a blank line after it is discarded.
func (s *eventStream) end() {
	if s.cr {
		s.endLine(s.crAt)
	}
	if len(s.line) > 0 {
		l := splitLine(string(s.line))
		s.emit(Frame{
			Kind: "ignored", Incomplete: true,
			Say: []Phrase{l.says(), {Key: say.SSEReason, Text: unfinishedLine}},
			SSE: &SSE{Reason: unfinishedLine},
		}, l.parts(l.valueField()))
	}
	if s.inBlock {
		s.clear()
		s.emit(Frame{
			Offset: s.after, Kind: "end", Say: []Phrase{{Key: say.SSEEnd}, {Key: say.SSEReason, Text: unfinishedBlock}},
			SSE: &SSE{Reason: unfinishedBlock},
		}, nil)
	}
}

// endLine interprets the line, whose last byte was there at that time.
func (s *eventStream) endLine(at time.Time) {
	s.cr, s.started = false, true
	l := splitLine(string(s.line))
	valueField := l.valueField()
	f := Frame{At: at, SSE: &SSE{}}
	switch {
	case l.blank():
		f.Kind = "blank"
		s.dispatch(&f)
	case l.comment():
		f.Kind, f.Say = "comment", []Phrase{l.says()}
	default:
		s.inBlock = true
		f.Kind, f.Say = "field", []Phrase{l.says()}
		if reason := s.field(l.name, l.value); reason != "" {
			f.Kind, f.SSE.Reason = "ignored", reason
			f.say(Phrase{Key: say.SSEReason, Text: reason})
			valueField = sseFields.Ignored
		}
	}
	s.emit(f, l.parts(valueField))
}

// field processes a field, and gives the reason if it has no effect.
func (s *eventStream) field(name, value string) (ignored string) {
	switch name {
	case "data":
		s.data.WriteString(value)
		s.data.WriteByte('\n')
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
		return unknownField
	}
	return ""
}

// dispatch does what a blank line asks for.
func (s *eventStream) dispatch(f *Frame) {
	s.lastID = s.id
	typ, data, inBlock := s.typ, s.data.String(), s.inBlock
	s.clear()
	switch {
	case data != "":
		if typ == "" {
			typ = "message"
		}
		data = data[:len(data)-1] // each data line has put a LF after its value
		f.SSE.Event = &Event{Type: typ, Data: data, LastEventID: s.lastID}
		f.say(Phrase{Key: say.SSEBlank}, phrase(say.SSEEvent, typ), phrase(say.SSEEventRow, data))
	case inBlock:
		f.SSE.Reason = noData
	default:
		f.SSE.Reason = noBlock
	}
	if f.SSE.Reason != "" {
		f.say(Phrase{Key: say.SSEBlank}, Phrase{Key: say.SSEReason, Text: f.SSE.Reason})
	}
}

// clear empties what belongs to a block.
func (s *eventStream) clear() {
	s.typ, s.inBlock = "", false
	s.data.Reset()
}

// emit shows the line, of which the parts are the fields, with the state that
// it leaves.
func (s *eventStream) emit(f Frame, parts []part) {
	f.Protocol, f.Stream, f.Exchange = "sse", s.stream, s.exchange
	if f.SSE == nil {
		f.SSE = &SSE{}
	}
	f.SSE.Data = clipTail(s.data.String(), maxState)
	f.SSE.Type = clip(s.typ, maxState)
	f.SSE.ID = clip(s.id, maxState)
	f.SSE.LastEventID = clip(s.lastID, maxState)
	f.SSE.ReconnectionTime = s.retry
	if len(s.pieces) > 0 {
		f.Offset = s.pieces[0].offset
		last := s.pieces[len(s.pieces)-1]
		f.Length = int(last.offset-f.Offset) + last.length
	}
	if s.inflated {
		f.Offset, f.Fields = s.inside, []Field{}
	} else {
		f.Fields = place(parts, s.pieces, f.Offset)
	}
	s.line, s.pieces = s.line[:0], s.pieces[:0]
	s.h.emit(f)
}
