package export

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
	"seewire/playground/dissect/sse"
	"seewire/playground/dissect/websocket"
	"seewire/playground/wire"
)

// A harFile is what is read of a HAR (W3C Web Performance, HAR 1.2, with the
// fields that browsers add).
type harFile struct {
	Log struct {
		Entries json.RawMessage `json:"entries"` // each a harEntry
	} `json:"log"`
}

type harEntry struct {
	Started harTime   `json:"startedDateTime"`
	Took    harNumber `json:"time"` // milliseconds
	Kind    harText   `json:"_resourceType"`
	Request struct {
		Method harText `json:"method"`
		URL    harText `json:"url"`
	} `json:"request"`
	Response struct {
		Content struct {
			MimeType harText `json:"mimeType"`
			Text     harText `json:"text"`
			Encoding harText `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
	Messages json.RawMessage `json:"_webSocketMessages"`   // each a harMessage
	Events   json.RawMessage `json:"_eventSourceMessages"` // each a harEvent
}

type harMessage struct {
	Type   harText   `json:"type"` // "send" or "receive"
	Time   harTime   `json:"time"` // seconds since 1970
	Opcode harNumber `json:"opcode"`
	Data   harText   `json:"data"` // base64 where it is not text
}

type harEvent struct {
	Time harTime `json:"time"`
	Name harText `json:"eventName"`
	ID   harText `json:"eventId"`
	Data harText `json:"data"`
}

// importHAR reads the event streams and the WebSocket messages of a HAR. Each
// entry that has some becomes a connection.
//
// A browser writes a HAR from what it has after it has parsed the wire: there
// are no chunks and no WebSocket frames in it, and headers not as they were
// sent. Nothing of that is made up here. A body of events is dissected as one;
// a message is a frame of the kind "message", which has a payload and no
// header; other entries, and what is no message, are only counted.
func importHAR(ctx context.Context, budget *dissect.Budget, p []byte) (Document, error) {
	var file harFile
	if err := json.Unmarshal(withoutBOM(p), &file); err != nil {
		return Document{}, importError("import-har", "The HAR can't be read: %s.", notJSON(err, "log"))
	}
	h := harReader{ctx: ctx, budget: budget, document: newDocument("")}
	err := each(file.Log.Entries, func(raw *json.RawMessage) bool {
		h.entries++
		var entry harEntry
		if json.Unmarshal(*raw, &entry) != nil || h.add(&entry) != nil {
			h.broken++
		}
		return ctx.Err() == nil
	})
	if err != nil {
		return Document{}, importError("import-har", "The HAR can't be read: %s.", notJSON(err, "entries"))
	}
	d := h.document
	switch {
	case len(d.Connections) > 0:
	case h.broken > 0:
		return Document{}, importError("import-har", "The HAR can't be read: %d of its entries are not what they are in other files.", h.broken)
	default:
		return Document{}, importError("import-har-nothing",
			"The HAR has no event stream and no WebSocket. It has %d other entries.", h.entries)
	}
	if h.broken > 0 {
		d.note(Note{Code: "har-broken", Count: h.broken, Message: "Entries, or parts of them, that can't be read are left out."})
	}
	if h.others > 0 {
		d.note(Note{Code: "har-others", Count: h.others, Message: "Entries that are neither event streams nor WebSockets are left out."})
	}
	if h.more > 0 {
		d.note(Note{Code: "import-more", Count: h.more, Message: "Further connections are left out: 256 are read."})
	}
	return d, nil
}

// notJSON says in plain words what an error of package json means.
func notJSON(err error, what string) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("it is no JSON from byte %d on", syntax.Offset)
	}
	return "its " + what + " are not what they are in other files"
}

// A harReader makes a document of entries.
type harReader struct {
	ctx                           context.Context
	budget                        *dissect.Budget
	document                      Document
	entries, others, more, broken int64
}

func (h *harReader) add(entry *harEntry) error {
	messages, err := lengthOf(entry.Messages)
	if err != nil {
		return err
	}
	events, err := lengthOf(entry.Events)
	if err != nil {
		return err
	}
	isStream := isEventStream(string(entry.Response.Content.MimeType))
	isSocket := entry.Kind == "websocket" || len(entry.Messages) > 0 || strings.HasPrefix(string(entry.Request.URL), "ws")
	switch {
	case !isStream && !isSocket && events == 0:
		h.others++
	case !h.budget.Connect():
		h.more++
	case messages > 0:
		return h.addMessages(entry)
	case isStream && entry.Response.Content.Text != "":
		return h.addStream(entry)
	case events > 0:
		return h.addEvents(entry)
	case isStream:
		h.document.note(Note{Code: "har-no-body", Connection: h.document.connect().Number, Text: entry.address(),
			Message: "An event stream of which the file has neither the body nor the events."})
	default:
		h.document.note(Note{Code: "har-no-messages", Connection: h.document.connect().Number, Text: entry.address(),
			Message: "A WebSocket of which the file has no message."})
	}
	return nil
}

// addEvents adds the events of a stream of which a browser has kept nothing else.
func (h *harReader) addEvents(entry *harEntry) error {
	d := &h.document
	c := d.connect()
	describe := h.budget.Describe()
	var shown, more int64
	err := each(entry.Events, func(e *harEvent) bool {
		event := dissect.Event{Type: cmp.Or(string(e.Name), "message"), Data: string(e.Data), LastEventID: string(e.ID)}
		f := dissect.Frame{
			Connection: c.Number, From: dissect.Server, At: e.Time.UTC(),
			Protocol: "sse", Kind: "event", Say: sse.SayEvent(event), Fields: []dissect.Field{},
			SSE: &dissect.SSE{LastEventID: event.LastEventID, Event: &event},
		}
		if more > 0 || !describe(&f) {
			more++
			return h.ctx.Err() == nil
		}
		shown++
		d.Frames = append(d.Frames, f)
		d.Events = append(d.Events, event)
		d.LastEventID = cmp.Or(event.LastEventID, d.LastEventID)
		return true
	})
	d.note(Note{Code: "har-events-only", Connection: c.Number, Count: shown, Text: entry.address(),
		Message: "The browser kept the events of this stream and not its lines: there are no bytes to look at."})
	if more > 0 {
		d.note(Note{Code: "import-too-many-frames", Connection: c.Number, Count: shown,
			Message: fmt.Sprintf("There are more frames than are shown: these are the first %d.", shown)})
	}
	return err
}

func (e *harEntry) address() string { return string(e.Request.Method + " " + e.Request.URL) }

func isEventStream(mimeType string) bool {
	mediaType, _, _ := strings.Cut(mimeType, ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "text/event-stream")
}

// connect adds a connection for an entry. It has no peer: a HAR names none.
func (d *Document) connect() *Connection {
	d.Connections = append(d.Connections, *newConnection(&wire.Connection{Number: len(d.Connections) + 1}))
	return &d.Connections[len(d.Connections)-1]
}

// addStream adds the body of an event stream: without the head before it, and
// after a content coding and chunks were taken off.
func (h *harReader) addStream(entry *harEntry) error {
	body := []byte(entry.Response.Content.Text)
	if entry.Response.Content.Encoding == "base64" {
		var err error
		if body, err = base64.StdEncoding.DecodeString(string(entry.Response.Content.Text)); err != nil {
			return fmt.Errorf("the body of %s is not base64", entry.address())
		}
	}
	result, err := protocols.Bytes(h.ctx, h.budget, "sse", dissect.Server, "", body)
	if err != nil {
		return err
	}
	d := &h.document
	c := d.connect()
	at := entry.Started.Add(milliseconds(float64(entry.Took))).UTC()
	c.Server = body
	if len(body) > 0 {
		c.Segments = append(c.Segments, Segment{From: wire.Server, At: at, Length: len(body)})
	}
	for _, f := range result.Frames {
		f.Connection, f.At = c.Number, at
		d.Frames = append(d.Frames, f)
	}
	d.Events = append(d.Events, result.Events...)
	d.LastEventID = result.LastEventID
	if result.ReconnectionTime != nil {
		d.ReconnectionTime = result.ReconnectionTime
	}
	d.note(Note{Code: "har-body", Connection: c.Number, Text: entry.address(),
		Message: "The body as the browser had it after decoding: a HAR has no chunks, and only one time for all of it."})
	return nil
}

// addMessages adds what went over a WebSocket.
func (h *harReader) addMessages(entry *harEntry) error {
	d := &h.document
	c := d.connect()
	describe := h.budget.Describe()
	var messages, others, more int64
	err := each(entry.Messages, func(m *harMessage) bool {
		if m.Type != "send" && m.Type != "receive" || m.Opcode > 2 {
			others++
			return true
		}
		from, to := wire.Server, &c.Server
		if m.Type == "send" {
			from, to = wire.Client, &c.Client
		}
		payload, hex := m.payload()
		at := m.Time.UTC()
		f := dissect.Frame{
			Connection: c.Number, From: dissect.Side(from), At: at, Offset: int64(len(*to)), Length: len(payload),
			Protocol: "websocket", Kind: "message", Say: websocket.SayMessage(string(payload), len(payload), hex),
			Fields: []dissect.Field{},
		}
		if len(payload) > 0 {
			field := dissect.Field{Name: "websocket.payload", Length: len(payload), Value: string(payload)}
			if hex {
				field.Hex, field.Value = true, fmt.Sprintf("%x", payload)
			}
			f.Fields = append(f.Fields, field)
		}
		if more > 0 || !describe(&f) {
			more++
			return h.ctx.Err() == nil
		}
		messages++
		if len(payload) > 0 {
			c.Segments = append(c.Segments, Segment{From: from, At: at, Offset: f.Offset, Length: len(payload)})
		}
		*to = append(*to, payload...)
		d.Frames = append(d.Frames, f)
		return true
	})
	if err != nil {
		return err
	}
	d.note(Note{Code: "har-messages", Connection: c.Number, Text: entry.address(), Count: messages,
		Message: "Messages without their frames: a HAR has neither their headers nor their masks."})
	if more > 0 {
		d.note(Note{Code: "import-too-many-frames", Connection: c.Number, Count: messages,
			Message: fmt.Sprintf("There are more frames than are shown: these are the first %d.", messages)})
	}
	if others > 0 {
		d.note(Note{Code: "har-control", Connection: c.Number, Text: entry.address(), Count: others,
			Message: "Errors, pings, pongs and closes are left out: what a HAR says of them is not their bytes."})
	}
	return nil
}

// payload is the content of a message. That of a binary one is base64.
func (m *harMessage) payload() (p []byte, hex bool) {
	if m.Opcode == 2 {
		if p, err := base64.StdEncoding.DecodeString(string(m.Data)); err == nil {
			return p, true
		}
	}
	return []byte(m.Data), false
}

func milliseconds(n float64) time.Duration {
	if !(n > 0 && n < 1e12) {
		return 0
	}
	return time.Duration(n * float64(time.Millisecond))
}

// A harTime is a time in one of the forms that programs write: RFC 3339 with or
// without its "T" and its zone, or seconds since 1970. Any other is none.
type harTime struct{ time.Time }

// UnmarshalJSON never fails: one odd value is not to cost the file.
func (t *harTime) UnmarshalJSON(p []byte) error {
	var n harNumber
	n.UnmarshalJSON(p)
	t.Time = unixTime(float64(n))
	var s string
	if json.Unmarshal(p, &s) != nil {
		return nil
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05",
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05",
	} {
		if at, err := time.Parse(layout, s); err == nil {
			t.Time = at
			break
		}
	}
	return nil
}

// A harNumber is a number, or a text that is one.
type harNumber float64

// UnmarshalJSON never fails.
func (n *harNumber) UnmarshalJSON(p []byte) error {
	if f, err := strconv.ParseFloat(strings.Trim(string(p), `"`), 64); err == nil {
		*n = harNumber(f)
	}
	return nil
}

// A harText is a text, or any other value as it is written.
type harText string

// UnmarshalJSON never fails.
func (t *harText) UnmarshalJSON(p []byte) error {
	var s string
	switch {
	case json.Unmarshal(p, &s) == nil:
		*t = harText(s)
	case string(p) != "null":
		*t = harText(p)
	}
	return nil
}

func unixTime(seconds float64) time.Time {
	if !(seconds > 0 && seconds < 1e10) {
		return time.Time{}
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9)).UTC()
}
