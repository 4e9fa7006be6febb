// Package export turns captures into documents that other programs read.
package export

import (
	"slices"
	"time"

	"seewire/playground/answer"
	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
	"seewire/playground/wire"
)

// A Document is a capture, or what is new in one, with its bytes dissected.
// In JSON no array of it is null.
type Document struct {
	ID          string          `json:"id"`
	Connections []Connection    `json:"connections"`
	Frames      []dissect.Frame `json:"frames"`
	Events      []dissect.Event `json:"events"` // what a browser dispatches, in the order of the frames

	// What the browser is left with. The time is in milliseconds, and absent
	// as long as no stream has set it.
	LastEventID      string `json:"lastEventId"`
	ReconnectionTime *int64 `json:"reconnectionTime,omitempty"`

	Log []wire.Line `json:"log,omitempty"` // what the server said of it

	Mark int `json:"mark,omitempty"` // of a feed: the newest mark that it has passed

	Answers []answer.Answer `json:"answers,omitempty"` // of language models, put together; not in the live feed

	Source *Source `json:"source,omitempty"` // of what was read from elsewhere: what it was taken for
	Notes  []Note  `json:"notes,omitempty"`  // what there is to know that no frame shows
}

// A Connection is the bytes of one connection, in JSON as base64.
type Connection struct {
	Number   int        `json:"number"`
	Peer     string     `json:"peer"`
	Hop      string     `json:"hop,omitempty"` // the part of the way behind a proxy; absent for the one to the client
	Protocol string     `json:"protocol"`
	Streams  []uint32   `json:"streams,omitempty"` // of HTTP/2: those of the run; of others only headers are there
	Client   []byte     `json:"client"`
	Server   []byte     `json:"server"`
	Segments []Segment  `json:"segments"`
	Ends     []End      `json:"ends,omitempty"`
	Gaps     []wire.Gap `json:"gaps,omitempty"`    // bytes that are missing in between
	Dropped  int64      `json:"dropped,omitempty"` // bytes that there was no room for, in all
}

// A Segment is the bytes of one Read or Write of the server.
type Segment struct {
	From   wire.Side `json:"from"`
	At     time.Time `json:"at"`
	Offset int64     `json:"offset"`
	Length int       `json:"length"`
}

// An End says how a side has stopped sending: "fin", "reset" or "timeout".
type End struct {
	From wire.Side `json:"from"`
	At   time.Time `json:"at"`
	How  string    `json:"how"`
}

// Dissected returns the document of bytes that came without a connection: one
// side has sent them all at once.
func Dissected(result protocols.Result, p []byte, from dissect.Side) Document {
	d := newDocument("")
	connection := newConnection(&wire.Connection{Number: 1})
	if from == dissect.Client {
		connection.Client = append(connection.Client, p...)
	} else {
		connection.Server = append(connection.Server, p...)
	}
	if len(p) > 0 {
		connection.Segments = append(connection.Segments, Segment{From: wire.Side(from), Length: len(p)})
	}
	d.Connections = append(d.Connections, *connection)
	d.Frames = append(d.Frames, result.Frames...)
	d.Events = append(d.Events, result.Events...)
	d.LastEventID = result.LastEventID
	d.ReconnectionTime = result.ReconnectionTime
	return d
}

func newDocument(id string) Document {
	return Document{ID: id, Connections: []Connection{}, Frames: []dissect.Frame{}, Events: []dissect.Event{}}
}

// newConnection returns what a connection is, without what went over it.
func newConnection(c *wire.Connection) *Connection {
	n := new(Connection)
	n.begin(c)
	return n
}

// begin has it say what a connection is. Its segments stay what they are.
func (n *Connection) begin(c *wire.Connection) {
	n.Number = c.Number
	n.Peer, n.Hop, n.Protocol = c.Peer, c.Hop, c.Protocol
	n.Streams = c.Streams
	n.Client, n.Server = []byte{}, []byte{}
	n.Dropped = c.Dropped
	if n.Segments == nil {
		n.Segments = []Segment{}
	}
}

// wholeConnection returns a connection with all that went over it, in the order
// of time. The bytes are the same, as nobody changes them.
func wholeConnection(c *wire.Connection) Connection {
	whole := newConnection(c)
	if len(c.Client) > 0 {
		whole.Client = slices.Clip(c.Client)
	}
	if len(c.Server) > 0 {
		whole.Server = slices.Clip(c.Server)
	}
	whole.Segments = make([]Segment, 0, len(c.Segments))
	for _, s := range c.Segments {
		whole.Segments = append(whole.Segments, newSegment(s))
	}
	slices.SortStableFunc(whole.Segments, func(a, b Segment) int { return a.At.Compare(b.At) })
	for _, end := range c.Ends {
		whole.Ends = append(whole.Ends, newEnd(end))
	}
	whole.Gaps = c.Gaps
	return *whole
}

func newSegment(s wire.Segment) Segment {
	return Segment{From: s.From, At: s.At.UTC(), Offset: s.Offset, Length: s.Length}
}

func newEnd(end wire.End) End {
	return End{From: end.From, At: end.At.UTC(), How: end.How}
}

// BytesOf are those of a frame.
func (d Document) BytesOf(f dissect.Frame) []byte {
	for i := range d.Connections {
		if c := &d.Connections[i]; c.Number == f.Connection {
			all := c.Server
			if f.From == dissect.Client {
				all = c.Client
			}
			return all[f.Offset:][:f.Length]
		}
	}
	return nil
}
