package export

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A compactor writes the documents of one feed for pages, in a fifth of the
// JSON. What frames of a kind have in common is sent once, and what a page can
// read from the bytes, or from the frame before, is not sent. A page makes
// frames of them again, which are the same as those in a capture's JSON:
// static/js/lib/compact.js.
//
// A compact document is JSON:
//
//	base         milliseconds since 1970; times count from it, in nanoseconds
//	connections  see [compactor.connection]
//	shapes       what frames have in common; a frame names its shape by the number, over all documents of the feed
//	frames       rows, see [compactor.row]
//	lastEventId, reconnectionTime, log, notes: as in a Document
//
// What a browser dispatches is in the frames.
type compactor struct {
	shapes map[string]int
	before map[streamKey]*dissect.SSE // the last state of each event stream
	out    []byte
	key    []byte
	added  []string // shapes, in this document
	told   []bool   // by a connection's number: a page knows its texts
}

// maxShapes bounds the shapes that are kept. A frame that brings another one has
// it in its row.
const maxShapes = 1000

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
	return &compactor{shapes: map[string]int{}, before: map[streamKey]*dissect.SSE{}}
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
	c.out = appendText(append(c.out[:0], `{"id":`...), d.ID)
	c.out = strconv.AppendInt(append(c.out, `,"base":`...), base, 10)
	c.out = append(c.out, `,"connections":[`...)
	for i := range d.Connections {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		if err := c.connection(&d.Connections[i], base); err != nil {
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
		if err := c.row(f, bytesOf(f), base); err != nil {
			return nil, err
		}
	}
	c.out = append(c.out, `],"shapes":[`...)
	c.out = append(c.out, strings.Join(c.added, ",")...)
	return append(c.out, "]}"...), nil
}

// connection appends a connection:
//
//	{number, peer, hop, protocol, streams, ends, dropped: as in a Document, the texts in the first alone,
//	 client, server: as there, where there is something,
//	 segments: [[0 for the client or 1, time, offset, length], …]}
func (c *compactor) connection(connection *Connection, base int64) error {
	c.out = strconv.AppendInt(append(c.out, `{"number":`...), int64(connection.Number), 10)
	for connection.Number >= len(c.told) {
		c.told = append(c.told, false)
	}
	if !c.told[connection.Number] {
		c.told[connection.Number] = true
		c.out = appendText(append(c.out, `,"peer":`...), connection.Peer)
		c.out = appendText(append(c.out, `,"protocol":`...), connection.Protocol)
		if connection.Hop != "" {
			c.out = appendText(append(c.out, `,"hop":`...), connection.Hop)
		}
	}
	for _, side := range []struct {
		name  string
		bytes []byte
	}{{`,"client":"`, connection.Client}, {`,"server":"`, connection.Server}} {
		if len(side.bytes) > 0 {
			c.out = base64.StdEncoding.AppendEncode(append(c.out, side.name...), side.bytes)
			c.out = append(c.out, '"')
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
	for i := range connection.Segments {
		s := &connection.Segments[i]
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = strconv.AppendInt(append(c.out, '['), sideNumber(dissect.Side(s.From)), 10)
		c.numbers(s.At.UnixNano()-base*1e6, s.Offset, int64(s.Length))
		c.out = append(c.out, ']')
	}
	c.out = append(c.out, "]}"...)
	return nil
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
//	 stream,                 where the shape has one
//	 count, text,            of each phrase, what of it the shape has; for a text that is the start of another, a number: of the field, eventText or lineText
//	 length, value,          of each field; 0 for a value that is the text of its bytes, an object for a field that has more
//	 state,                  where the shape has one, see [compactor.state]
//	 rest]                   where the shape has one: the members that few frames have
//
// A shape is what all these leave open:
//
//	[protocol, kind, 0 for the client or 1, ends, 1 for incomplete, 1 for a stream, 1 for a state, 1 for a rest,
//	 [[key, 1 for a count + 2 for a text], …],
//	 [[name, offset from the end of the field before, mask, 1 for hexadecimal], …]]
func (c *compactor) row(f *dissect.Frame, frame []byte, base int64) error {
	rest, err := restOf(f)
	if err != nil {
		return err
	}
	c.out = append(c.out, '[')
	c.shape(f, rest != nil)
	c.numbers(int64(f.Connection), int64(f.Exchange), f.At.UnixNano()-base*1e6, f.Offset, int64(f.Length))
	if f.Stream != 0 {
		c.numbers(int64(f.Stream))
	}
	for _, p := range f.Say {
		if p.Count != 0 {
			c.numbers(p.Count)
		}
		if p.Text != "" {
			c.phraseText(p.Text, f, frame)
		}
	}
	for i := range f.Fields {
		field := &f.Fields[i]
		c.numbers(int64(field.Length))
		if field.Covered != nil || field.Pieces != 0 {
			whole, err := json.Marshal(field)
			if err != nil {
				return err
			}
			c.out = append(append(c.out, ','), whole...)
			continue
		}
		end := field.Offset + field.Length
		if field.Mask == "" && end <= len(frame) && string(frame[field.Offset:end]) == field.Value && utf8.ValidString(field.Value) {
			c.numbers(0)
		} else {
			c.text(field.Value)
		}
	}
	if f.SSE != nil {
		c.state(f)
	}
	if rest != nil {
		c.out = append(append(c.out, ','), rest...)
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

// shape appends the number of a frame's shape, or the shape where there are too
// many.
func (c *compactor) shape(f *dissect.Frame, rest bool) {
	k := append(c.key[:0], '[')
	k = appendText(k, f.Protocol)
	k = appendText(append(k, ','), f.Kind)
	k = strconv.AppendInt(append(k, ','), sideNumber(f.From), 10)
	k = appendText(append(k, ','), string(f.Ends))
	for _, is := range []bool{f.Incomplete, f.Stream != 0, f.SSE != nil, rest} {
		k = appendBool(append(k, ','), is)
	}
	k = append(k, ",["...)
	for i, p := range f.Say {
		if i > 0 {
			k = append(k, ',')
		}
		k = appendText(append(k, '['), p.Key)
		has := int64(0)
		if p.Count != 0 {
			has++
		}
		if p.Text != "" {
			has += 2
		}
		k = append(strconv.AppendInt(append(k, ','), has, 10), ']')
	}
	k = append(k, "],["...)
	end := 0
	for i := range f.Fields {
		field := &f.Fields[i]
		if i > 0 {
			k = append(k, ',')
		}
		k = appendText(append(k, '['), field.Name)
		k = strconv.AppendInt(append(k, ','), int64(field.Offset-end), 10)
		k = appendText(append(k, ','), field.Mask)
		k = append(appendBool(append(k, ','), field.Hex), ']')
		end = field.Offset + field.Length
	}
	k = append(k, "]]"...)
	c.key = k

	n, known := c.shapes[string(k)]
	switch {
	case known:
	case len(c.shapes) == maxShapes:
		c.out = append(c.out, k...)
		return
	default:
		n = len(c.shapes)
		shape := string(k)
		c.shapes[shape] = n
		c.added = append(c.added, shape)
	}
	c.out = strconv.AppendInt(c.out, int64(n), 10)
}

// phraseText appends what stands in a phrase: the start of a text that the frame
// has anyway, or the text.
func (c *compactor) phraseText(text string, f *dissect.Frame, frame []byte) {
	is := func(whole string) bool {
		return len(whole) > 0 && whole[0] == text[0] && dissect.IsClipped(text, whole, dissect.MaxPhrase)
	}
	for i := range f.Fields {
		if is(f.Fields[i].Value) {
			c.numbers(int64(i))
			return
		}
	}
	if f.SSE != nil && f.SSE.Event != nil && is(f.SSE.Event.Data) {
		c.numbers(eventText)
		return
	}
	line := bytes.TrimRight(frame[:min(len(frame), 2*dissect.MaxPhrase)], "\r\n")
	if is(string(line)) && utf8.ValidString(text) {
		c.numbers(lineText)
		return
	}
	c.text(text)
}

// state appends what a line did to the parser of its event stream:
//
//	[data, type, id, last event ID, reconnection time, reason]
//	[…, event's type, event's data, event's last event ID]      where it dispatched one
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
	}
	c.before[key] = now
	c.out = append(c.out, ",["...)
	value := f.Value("sse.data")
	if n := len(now.Data) - 1; n >= len(before.Data) && now.Data[n] == '\n' && strings.HasPrefix(now.Data, before.Data) && now.Data[len(before.Data):n] == value {
		c.out = append(c.out, '2')
	} else {
		c.sameText(now.Data, before.Data)
	}
	for _, text := range [][2]string{{now.Type, before.Type}, {now.ID, before.ID}, {now.LastEventID, before.LastEventID}} {
		c.out = append(c.out, ',')
		c.sameText(text[0], text[1])
	}
	retry := int64(-1)
	if now.ReconnectionTime != nil {
		retry = *now.ReconnectionTime
	}
	c.numbers(retry)
	c.out = append(c.out, ',')
	c.sameText(now.Reason, before.Reason)
	if e := now.Event; e != nil {
		c.text(e.Type)
		if data, ok := strings.CutSuffix(before.Data, "\n"); ok && data == e.Data {
			c.out = append(c.out, ",2,"...)
		} else {
			c.text(e.Data)
			c.out = append(c.out, ',')
		}
		c.sameText(e.LastEventID, now.LastEventID)
	}
	c.out = append(c.out, ']')
}

// sameText appends a text, or a number for it.
func (c *compactor) sameText(text, before string) {
	switch text {
	case "":
		c.out = append(c.out, '0')
	case before:
		c.out = append(c.out, '1')
	default:
		c.out = appendText(c.out, text)
	}
}

func (c *compactor) text(s string) { c.out = appendText(append(c.out, ','), s) }

func (c *compactor) numbers(numbers ...int64) {
	for _, n := range numbers {
		c.out = strconv.AppendInt(append(c.out, ','), n, 10)
	}
}

func appendBool(p []byte, is bool) []byte {
	if is {
		return append(p, '1')
	}
	return append(p, '0')
}
