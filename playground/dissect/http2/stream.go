package http2

import (
	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
)

// A connection is what the two directions of an HTTP/2 connection have to know of each
// other: the streams, and what each side allows the other one.
type connection struct {
	begun   bool // the preface was there, and nothing is missing since
	streams map[uint32]*stream
	highest map[dissect.Side]uint32 // the last stream that each side has opened
	client  side
	server  side

	mediaType string // of the content of streams whose response is not there
}

// A side is what one side has said for the connection as a whole.
type side struct {
	h       *dissect.Direction // nil where the side has no parser
	seen    bool               // a frame of it was there; otherwise nobody knows what it allows
	now     limits             // as of its last SETTINGS
	most    limits             // the largest that the other side may still go by
	unacked int                // SETTINGS that the other side has not acknowledged
	flow    flow               // of what it sends
}

// limits are settings of one side that the other one is held to.
type limits struct {
	tableSize, window, frameSize int64
	push, extendedConnect        bool
}

// A flow counts the payload of DATA frames in one direction, and what the
// recipient's WINDOW_UPDATE frames have added (RFC 9113 §5.2).
type flow struct {
	sent, credit int64
}

// maxWindow is the largest flow-control window, in bytes (RFC 9113 §6.9.1).
const maxWindow = 1<<31 - 1

// connectionWindow is what a connection's window starts with; no setting
// changes it (RFC 9113 §6.9.2).
const connectionWindow = 65535

func newConnection() *connection {
	initial := limits{tableSize: 4096, window: 65535, frameSize: 16384, push: true} // RFC 9113 §6.5.2
	c := &connection{streams: make(map[uint32]*stream), highest: make(map[dissect.Side]uint32)}
	c.client.now, c.client.most = initial, initial
	c.server.now, c.server.most = initial, initial
	return c
}

func (c *connection) side(from dissect.Side) *side {
	if from == dissect.Client {
		return &c.client
	}
	return &c.server
}

// set takes new settings. Until the other side has acknowledged them, it may
// go by the old ones or by the new ones (RFC 9113 §6.5.3).
func (s *side) set(l limits) {
	s.now = l
	s.most = limits{
		tableSize: max(s.most.tableSize, l.tableSize),
		window:    max(s.most.window, l.window),
		frameSize: max(s.most.frameSize, l.frameSize),
		push:      s.most.push || l.push,

		extendedConnect: s.most.extendedConnect || l.extendedConnect,
	}
	s.unacked++
}

// acknowledged is what an ACK of the other side does.
func (s *side) acknowledged() {
	if s.unacked > 0 {
		s.unacked--
	}
	if s.unacked == 0 {
		s.most = s.now
	}
}

// A stream is one stream, from both sides.
type stream struct {
	id          uint32
	exchange    int           // its number; 0 until a header block was there
	method      string        // of its request
	lastEventID string        // that its request has sent
	accept      string        // what its request has asked for
	request     *dissect.Head // an extended CONNECT (RFC 8441 §4); nil for any other
	client      sending
	server      sending
}

// A sending is what one side sends on a stream.
type sending struct {
	begun   bool // its first headers, other than those of a 1xx, were there
	ended   bool // by END_STREAM or RST_STREAM
	assumed bool // its content is of the connection's media type

	unchecked bool // it is still to be looked at whether its type is right
	flow      flow
	length    string          // its Content-Length
	got       uint64          // of its content
	content   dissect.Content // reads the content, if it has a dissector
	coded     *coding.Body    // decodes the content, if it is under a coding
}

func (s *stream) sending(from dissect.Side) *sending {
	if from == dissect.Client {
		return &s.client
	}
	return &s.server
}

// stream returns a stream, which it makes if it was not seen yet.
func (c *connection) stream(id uint32) *stream {
	s := c.streams[id]
	if s == nil {
		s = &stream{id: id}
		c.streams[id] = s
	}
	return s
}

// opener is the side that opens streams with such an ID (RFC 9113 §5.1.1).
func opener(id uint32) dissect.Side {
	if id%2 == 1 {
		return dissect.Client
	}
	return dissect.Server
}

// idle tells whether a stream is known not to have been opened yet.
func (c *connection) idle(id uint32) bool {
	return c.begun && id > c.highest[opener(id)]
}

// window is what may still be sent on a stream, and whether that is known: it
// depends on the settings of the side that receives.
func (c *connection) window(id uint32, sender dissect.Side) (left int64, known bool) {
	receiver := c.side(other(sender))
	f := c.stream(id).sending(sender).flow
	return receiver.most.window + f.credit - f.sent, receiver.seen && c.begun
}

func (c *connection) connectionWindow(sender dissect.Side) (left int64, known bool) {
	f := c.side(sender).flow
	return connectionWindow + f.credit - f.sent, c.side(other(sender)).seen && c.begun
}

func other(from dissect.Side) dissect.Side {
	if from == dissect.Client {
		return dissect.Server
	}
	return dissect.Client
}
