package export

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A compactor writes the documents of one feed for pages, in a tenth of the
// JSON. What frames of a kind have in common is sent once, and what a page can
// read from the bytes, or from the frame or the segment before, is not sent. A page
// makes frames of them again, which are the same as those in a capture's JSON:
// static/js/lib/compact.js.
//
// A compact document is JSON:
//
//	base         milliseconds since 1970; the first time counts from it, and each other from the one before, in nanoseconds
//	connections  see [compactor.connection]
//	shapes       what frames have in common; a frame names its shape by the number, over all documents of the feed
//	frames       rows, see [compactor.row]
//	lastEventId, reconnectionTime, log, notes: as in a Document
//
// What a browser dispatches is in the frames.
type compactor struct {
	shapes map[shapeKey][]*shape
	count  int                        // of the shapes
	before map[streamKey]*dissect.SSE // the last state of each event stream
	told   []told                     // by a connection's number
	out    []byte
	fresh  [2][]byte // bytes of each side, of one connection
	added  []byte    // shapes, in this document
	once   shape     // of a frame whose shape is not kept

	time int64 // the last one that was written, in nanoseconds since 1970
	of   *shape
	at   int // in the values of the row
}

// Told is what a page knows of a connection.
type told struct {
	texts bool
	last  [2][]byte // segment of each side, unless it is longer than maxAlike
}

// The shapes that are kept are bounded. A frame that brings another one, or one of more
// fields, has it in its row.
const (
	maxShapes      = 250
	maxShapeFields = 32
)

// maxStates bounds the event streams whose last state is kept. Where there is one
// more, all are forgotten, here and in the page.
const maxStates = 256

type streamKey struct {
	connection int
	from       dissect.Side
	stream     uint32 // of HTTP/2
}

// What a phrase may begin with beside the value of a field.
const (
	eventText = -1 // the data of the event that the frame dispatched
	lineText  = -2 // the frame's bytes, without its line end
)

func newCompactor() *compactor {
	return &compactor{shapes: map[shapeKey][]*shape{}, before: map[streamKey]*dissect.SSE{}}
}

// write returns a document. The bytes of a frame are those that a page has, or nil
// where they are not known any more. What is returned is overwritten by the next call.
func (c *compactor) write(d *Document, bytesOf func(*dissect.Frame) []byte) ([]byte, error) {
	var base int64
	for i := range d.Connections {
		if segments := d.Connections[i].Segments; base == 0 && len(segments) > 0 {
			base = segments[0].At.UnixMilli()
		}
	}
	if len(d.Frames) > 0 {
		base = d.Frames[0].At.UnixMilli()
	}
	c.time = base * 1e6
	c.out = appendText(append(c.out[:0], `{"id":`...), d.ID)
	c.out = strconv.AppendInt(append(c.out, `,"base":`...), base, 10)
	c.out = append(c.out, `,"connections":[`...)
	for i := range d.Connections {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		if err := c.connection(&d.Connections[i]); err != nil {
			return nil, err
		}
	}
	c.out = appendText(append(c.out, `],"lastEventId":`...), d.LastEventID)
	if d.ReconnectionTime != nil {
		c.out = strconv.AppendInt(append(c.out, `,"reconnectionTime":`...), *d.ReconnectionTime, 10)
	}
	if d.Mark != 0 {
		c.out = strconv.AppendInt(append(c.out, `,"mark":`...), int64(d.Mark), 10)
	}
	if len(d.Log) > 0 || len(d.Notes) > 0 {
		rest, err := json.Marshal(struct {
			Log   []wire.Line `json:"log,omitempty"`
			Notes []Note      `json:"notes,omitempty"`
		}{d.Log, d.Notes})
		if err != nil {
			return nil, err
		}
		c.out = append(append(c.out, ','), rest[1:len(rest)-1]...)
	}

	c.added = c.added[:0]
	c.out = append(c.out, `,"frames":[`...)
	for i := range d.Frames {
		f := &d.Frames[i]
		if i > 0 {
			c.out = append(c.out, ',')
		}
		if err := c.row(f, bytesOf(f)); err != nil {
			return nil, err
		}
	}
	c.out = append(append(c.out, `],"shapes":[`...), c.added...)
	return append(c.out, "]}"...), nil
}

// connection appends a connection:
//
//	{number, peer, hop, protocol, streams, ends, gaps, dropped: as in a Document, the texts in the first alone,
//	 segments: see [compactor.segment], one behind the other on each side,
//	 client, server: the bytes of segments that do not stand in the one before, as base64, where there are some}
func (c *compactor) connection(connection *Connection) error {
	c.out = strconv.AppendInt(append(c.out, `{"number":`...), int64(connection.Number), 10)
	for connection.Number >= len(c.told) {
		c.told = append(c.told, told{})
	}
	known := &c.told[connection.Number]
	if !known.texts {
		known.texts = true
		c.out = appendText(append(c.out, `,"peer":`...), connection.Peer)
		c.out = appendText(append(c.out, `,"protocol":`...), connection.Protocol)
		if connection.Hop != "" {
			c.out = appendText(append(c.out, `,"hop":`...), connection.Hop)
		}
	}
	if connection.Streams != nil || connection.Ends != nil || connection.Gaps != nil || connection.Dropped != 0 {
		rest, err := json.Marshal(struct {
			Streams []uint32   `json:"streams,omitempty"`
			Ends    []End      `json:"ends,omitempty"`
			Gaps    []wire.Gap `json:"gaps,omitempty"`
			Dropped int64      `json:"dropped,omitempty"`
		}{connection.Streams, connection.Ends, connection.Gaps, connection.Dropped})
		if err != nil {
			return err
		}
		c.out = append(append(c.out, ','), rest[1:len(rest)-1]...)
	}
	c.out = append(c.out, `,"segments":[`...)
	var last [2][]byte
	for side := range last {
		c.fresh[side], last[side] = c.fresh[side][:0], known.last[side]
	}
	rest := [2][]byte{connection.Client, connection.Server}
	for i := range connection.Segments {
		s := &connection.Segments[i]
		if i > 0 {
			c.out = append(c.out, ',')
		}
		side := sideNumber(dissect.Side(s.From))
		p := rest[side][:s.Length]
		rest[side] = rest[side][s.Length:]
		c.out = strconv.AppendInt(append(c.out, '['), side, 10)
		c.numbers(c.since(s.At), int64(s.Length))
		c.segment(p, last[side], side)
		c.out = append(c.out, ']')
		if last[side] = p; len(p) > maxAlike {
			last[side] = nil
		}
	}
	c.out = append(c.out, ']')
	for side, name := range [2]string{`,"client":"`, `,"server":"`} {
		known.last[side] = append(known.last[side][:0], last[side]...)
		if len(c.fresh[side]) > 0 {
			c.out = base64.StdEncoding.AppendEncode(append(c.out, name...), c.fresh[side])
			c.out = append(c.out, '"')
		}
	}
	c.out = append(c.out, '}')
	return nil
}

// since is a time, counted from the one before.
func (c *compactor) since(t time.Time) int64 {
	before := c.time
	c.time = t.UnixNano()
	return c.time - before
}

// segment appends to a segment, [0 for the client or 1, time, length], what of it stands in
// the one before of its side: three numbers for each run,
//
//	how many bytes come first that are not there, where there the run begins, its length
//
// The rest is not there.
func (c *compactor) segment(p, before []byte, side int64) {
	for r := range alike(p, before) {
		c.numbers(int64(r.fresh), int64(r.from), int64(r.length))
		c.fresh[side] = append(c.fresh[side], p[:r.fresh]...)
		p = p[r.fresh+r.length:]
	}
	c.fresh[side] = append(c.fresh[side], p...)
}

func sideNumber(side dissect.Side) int64 {
	if side == dissect.Client {
		return 0
	}
	return 1
}

// row appends a frame:
//
//	[shape, connection, exchange, time, offset, length,
//	 place, value, …]   of the values that are not what they were in the row before of the same shape
//
// Its values are, each at the next place:
//
//	stream               where the shape has one
//	count, text          of each phrase, what of it the shape has; for a text that is the start of another, a number: of the field, eventText or lineText
//	length, value        of each field; 0 for a value that is the text of its bytes, an object for a field that has more
//	those of its state   where the shape has one, see [compactor.state]
//	rest                 where the shape has one: the members that few frames have
func (c *compactor) row(f *dissect.Frame, frame []byte) error {
	rest, err := restOf(f)
	if err != nil {
		return err
	}
	c.out = append(c.out, '[')
	c.of, c.at = c.shape(f, rest != nil), 0
	c.numbers(int64(f.Connection), int64(f.Exchange), c.since(f.At), f.Offset, int64(f.Length))
	if f.Stream != 0 {
		c.number(int64(f.Stream))
	}
	for i := range f.Say {
		p := &f.Say[i]
		if p.Count != 0 {
			c.number(p.Count)
		}
		if p.Text != "" {
			c.phraseText(p.Text, f, frame)
		}
	}
	for i := range f.Fields {
		field := &f.Fields[i]
		c.number(int64(field.Length))
		if field.Covered != nil || field.Pieces != 0 {
			whole, err := json.Marshal(field)
			if err != nil {
				return err
			}
			c.whole(whole)
			continue
		}
		end := field.Offset + field.Length
		if field.Mask == "" && end <= len(frame) && string(frame[field.Offset:end]) == field.Value && utf8.ValidString(field.Value) {
			c.number(0)
		} else {
			c.text(field.Value)
		}
	}
	if f.SSE != nil {
		c.state(f)
	}
	if rest != nil {
		c.whole(rest)
	}
	c.out = append(c.out, ']')
	return nil
}

// restOf are the members that few frames have, as JSON; nil for none.
func restOf(f *dissect.Frame) ([]byte, error) {
	if f.Message == nil && f.Violations == nil && f.Headers == nil && f.Window == nil {
		return nil, nil
	}
	return json.Marshal(struct {
		Message    *dissect.Message    `json:"message,omitempty"`
		Violations []dissect.Violation `json:"violations,omitempty"`
		Headers    []dissect.Header    `json:"headers,omitempty"`
		Window     *int64              `json:"window,omitempty"`
	}{f.Message, f.Violations, f.Headers, f.Window})
}

// shape appends the number of a frame's shape, or the shape where it is not kept.
func (c *compactor) shape(f *dissect.Frame, rest bool) *shape {
	flags, key := flagsOf(f, rest), keyOf(f)
	for _, s := range c.shapes[key] {
		if s.is(f, flags) {
			c.out = strconv.AppendInt(c.out, int64(s.id), 10)
			return s
		}
	}
	if c.count == maxShapes || len(f.Fields) > maxShapeFields {
		c.once = shapeOf(f, flags)
		c.out = c.once.append(c.out)
		return &c.once
	}
	s := shapeOf(f, flags)
	s.id = c.count
	c.count++
	c.shapes[key] = append(c.shapes[key], &s)
	if len(c.added) > 0 {
		c.added = append(c.added, ',')
	}
	c.added = s.append(c.added)
	c.out = strconv.AppendInt(c.out, int64(s.id), 10)
	return &s
}

// phraseText appends what stands in a phrase: the start of a text that the frame
// has anyway, or the text.
func (c *compactor) phraseText(text string, f *dissect.Frame, frame []byte) {
	for i := range f.Fields {
		if startsWith(f.Fields[i].Value, text) {
			c.number(int64(i))
			return
		}
	}
	if f.SSE != nil && f.SSE.Event != nil && startsWith(f.SSE.Event.Data, text) {
		c.number(eventText)
		return
	}
	line := bytes.TrimRight(frame[:min(len(frame), 2*dissect.MaxPhrase)], "\r\n")
	if startsWith(line, text) && utf8.ValidString(text) {
		c.number(lineText)
		return
	}
	c.text(text)
}

// startsWith tells whether a phrase has this text of a longer one, or of one as long.
func startsWith[T string | []byte](whole T, text string) bool {
	return len(whole) > 0 && whole[0] == text[0] && dissect.IsClipped(text, whole, dissect.MaxPhrase)
}

// state appends what a line did to the parser of its event stream:
//
//	data, type, id, last event ID, reconnection time, reason
//	event's type, event's data, event's last event ID           where it dispatched one
//
// A number stands for a text: 0 for none, 1 for the same as at the line before, 2
// for the data before and a line of this value, or of an event's data for those
// before without their last line end. -1 is no reconnection time.
func (c *compactor) state(f *dissect.Frame) {
	now, key := f.SSE, streamKey{f.Connection, f.From, f.Stream}
	before := c.before[key]
	if before == nil {
		before = &dissect.SSE{}
		if len(c.before) == maxStates {
			clear(c.before)
		}
		c.before[key] = before
	}
	value := f.Value("sse.data")
	if n := len(now.Data) - 1; n >= len(before.Data) && now.Data[n] == '\n' && strings.HasPrefix(now.Data, before.Data) && now.Data[len(before.Data):n] == value {
		c.number(2)
	} else {
		c.sameText(now.Data, before.Data)
	}
	c.sameText(now.Type, before.Type)
	c.sameText(now.ID, before.ID)
	c.sameText(now.LastEventID, before.LastEventID)
	retry := int64(-1)
	if now.ReconnectionTime != nil {
		retry = *now.ReconnectionTime
	}
	c.number(retry)
	c.sameText(now.Reason, before.Reason)
	if e := now.Event; e != nil {
		c.text(e.Type)
		if data, ok := strings.CutSuffix(before.Data, "\n"); ok && data == e.Data {
			c.number(2)
		} else {
			c.text(e.Data)
		}
		c.sameText(e.LastEventID, now.LastEventID)
	}
	*before = *now
	before.Event = nil // it lies in a room
}

// sameText appends a text, or a number for it.
func (c *compactor) sameText(text, before string) {
	switch text {
	case "":
		c.number(0)
	case before:
		c.number(1)
	default:
		c.text(text)
	}
}

// number appends a value, unless it is the same as in the row before.
func (c *compactor) number(n int64) {
	if c.of.number(c.at, n) {
		c.numbers(int64(c.at), n)
	}
	c.at++
}

func (c *compactor) text(s string) {
	if c.of.text(c.at, s) {
		c.numbers(int64(c.at))
		c.out = appendText(append(c.out, ','), s)
	}
	c.at++
}

// whole appends a value that is JSON.
func (c *compactor) whole(value []byte) {
	c.of.forget(c.at)
	c.numbers(int64(c.at))
	c.out = append(append(c.out, ','), value...)
	c.at++
}

func (c *compactor) numbers(numbers ...int64) {
	for _, n := range numbers {
		c.out = strconv.AppendInt(append(c.out, ','), n, 10)
	}
}
