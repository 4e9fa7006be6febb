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

// maxPieces bounds, in bytes, the values of the pieces of one field together.
const maxPieces = 1 << 20

// maxLine bounds a line of an event stream, in bytes. The specification knows
// no bound; a recording has one.
const maxLine = 16 << 20

var byteOrderMark = []byte("\uFEFF")

// An eventStream reads text/event-stream as WHATWG HTML §9.2.6 says, line by
// line. Its bytes are what a body's coding carries, so a line may lie in
// several pieces.
//
// A CR ends a line by itself, and with a LF right after it ends it too. So that
// the frames are the same for any split, a line that ends with CR is shown when
// the byte after it is known, with the time of its CR. (A browser does not
// wait: it dispatches at the CR, and drops a LF that comes first afterwards.)
type eventStream struct {
	h *half

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

// A piece is a run of bytes of a line.
type piece struct {
	offset int64
	length int
}

func newEventStream(h *half) *eventStream { return &eventStream{h: h} }

// write reads from p, which starts at the half's offset, at most to the end of
// a line, and returns how many bytes it took.
func (s *eventStream) write(p []byte) int {
	if !s.started {
		if p[0] == byteOrderMark[len(s.line)] {
			s.take(p[:1])
			if len(s.line) == len(byteOrderMark) {
				s.started = true
				s.emit(Frame{Kind: "bom", Summary: "Byte order mark"}, []part{{"sse.bom", len(s.line), "U+FEFF"}})
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
			s.h.c.budget = -1 // the rest is unknown data
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
		n := len(s.line)
		parts, _, _ := splitLine(string(s.line), n)
		s.emit(Frame{
			Kind: "ignored", Summary: "Line cut at the end of the stream", Incomplete: true,
			SSE: &SSE{Reason: unfinishedLine},
		}, parts)
	}
	if s.inBlock {
		s.inBlock = false
		s.data.Reset()
		s.typ = ""
		s.emit(Frame{
			Offset: s.after, Kind: "end", Summary: "End of the stream: a block without a blank line is discarded",
			SSE: &SSE{Reason: unfinishedBlock},
		}, nil)
	}
}

// A part is what one field is of a line.
type part struct {
	name   string
	length int
	value  string
}

// splitLine splits a line, of which the first n bytes are its content and the
// rest its end, at its first colon. The field of the value is for the caller
// to name: it is the last part before the line's end, if there is a value.
func splitLine(line string, n int) (parts []part, name, value string) {
	content := line[:n]
	rawName, rawValue, colon := strings.Cut(content, ":")
	name = toText(rawName)
	parts = make([]part, 0, 5)
	parts = append(parts, part{"sse.field", len(rawName), name})
	if colon {
		parts = append(parts, part{"sse.colon", 1, ":"})
		// One space after the colon is for the eye. A comment has no value to
		// keep it out of.
		if after, ok := strings.CutPrefix(rawValue, " "); ok && rawName != "" {
			parts = append(parts, part{"sse.space", 1, " "})
			rawValue = after
		}
	}
	value = toText(rawValue)
	parts = append(parts, part{valueField(name, colon), len(rawValue), value})
	if n < len(line) {
		end := "sse.line_end"
		if n == 0 {
			end = "sse.blank"
		}
		parts = append(parts, part{end, len(line) - n, escape(line[n:])})
	}
	return parts, name, value
}

// valueField names the field of a value.
func valueField(name string, colon bool) string {
	switch name {
	case "data", "event", "id", "retry":
		return "sse." + name
	case "":
		return "sse.comment"
	}
	return "sse.ignored"
}

// endLine interprets the line, whose last byte was there at that time.
func (s *eventStream) endLine(at time.Time) {
	line := string(s.line)
	s.cr, s.started = false, true
	content := strings.TrimRight(line, "\r\n")
	parts, name, value := splitLine(line, len(content))
	f := Frame{At: at, SSE: &SSE{}}
	switch {
	case line == line[len(content):]:
		f.Kind = "blank"
		s.dispatch(&f)
	case content[0] == ':':
		f.Kind, f.Summary = "comment", "Comment "+quote(value)
	default:
		f.Kind, f.Summary = "field", name+" "+quote(value)
		s.inBlock = true
		if reason := s.field(name, value); reason != "" {
			f.Kind, f.Summary, f.SSE.Reason = "ignored", "Ignored: "+quote(toText(content)), reason
			for i := range parts {
				if parts[i].name == valueField(name, true) {
					parts[i].name = "sse.ignored"
				}
			}
		}
	}
	s.emit(f, parts)
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
	hadBlock := s.inBlock
	s.inBlock = false
	typ := s.typ
	s.typ = ""
	if s.data.Len() == 0 {
		f.Summary = "Blank line: nothing to dispatch"
		f.SSE.Reason = noData
		if !hadBlock {
			f.SSE.Reason = noBlock
		}
		return
	}
	data := s.data.String()
	s.data.Reset()
	if typ == "" {
		typ = "message"
	}
	f.SSE.Event = &Event{Type: typ, Data: data[:len(data)-1], LastEventID: s.lastID}
	f.Summary = "Event " + quote(typ) + " dispatched: " + quote(f.SSE.Event.Data)
}

// emit shows the line, of which the parts are the fields, with the state that
// it leaves.
func (s *eventStream) emit(f Frame, parts []part) {
	f.Protocol = "sse"
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
	f.Fields = s.place(parts, f.Offset)
	s.line, s.pieces = s.line[:0], s.pieces[:0]
	s.h.emit(f)
}

// place gives the parts of a line their places in the direction's bytes, from
// the frame's offset. A part that lies in several pieces becomes as many fields.
func (s *eventStream) place(parts []part, frame int64) []Field {
	fields := make([]Field, 0, len(parts)+len(s.pieces))
	pieces := s.pieces
	used := 0 // of pieces[0]
	for _, part := range parts {
		first := len(fields)
		for left := part.length; left > 0; {
			if used == pieces[0].length {
				pieces, used = pieces[1:], 0
			}
			n := min(left, pieces[0].length-used)
			fields = append(fields, Field{
				Name: part.name, Offset: int(pieces[0].offset-frame) + used, Length: n,
				Piece: len(fields) - first + 1,
			})
			used += n
			left -= n
		}
		these := fields[first:]
		value := clip(part.value, min(maxValue, maxPieces/max(1, len(these))))
		for i := range these {
			these[i].Value, these[i].Pieces = value, len(these)
			if len(these) == 1 {
				these[i].Piece, these[i].Pieces = 0, 0
			}
		}
	}
	return fields
}
