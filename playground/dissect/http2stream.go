package dissect

// http2Conn is what the two directions of an HTTP/2 connection have to know of each
// other: the streams, and what each side allows the other one.
type http2Conn struct {
	begun   bool // the preface was there: everything is, from the start
	streams map[uint32]*http2Stream
	highest map[Side]uint32 // the last stream that each side has opened
	client  http2Side
	server  http2Side
}

// A http2Side is what one side has said for the connection as a whole.
type http2Side struct {
	seen    bool        // a frame of it was there; otherwise nobody knows what it allows
	now     http2Limits // as of its last SETTINGS
	most    http2Limits // the largest that the other side may still go by
	unacked int         // SETTINGS that the other side has not acknowledged
	flow    http2Flow   // of what it sends
}

// http2Limits are settings of one side that the other one is held to.
type http2Limits struct {
	tableSize, window, frameSize int64
	push                         bool
}

// A http2Flow counts the payload of DATA frames in one direction, and what the
// recipient's WINDOW_UPDATE frames have added (RFC 9113 §5.2).
type http2Flow struct {
	sent, credit int64
}

// maxWindow is the largest flow-control window, in bytes (RFC 9113 §6.9.1).
const maxWindow = 1<<31 - 1

// connectionWindow is what a connection's window starts with; no setting
// changes it (RFC 9113 §6.9.2).
const connectionWindow = 65535

func newHTTP2Conn() *http2Conn {
	initial := http2Limits{tableSize: 4096, window: 65535, frameSize: 16384, push: true} // RFC 9113 §6.5.2
	c := &http2Conn{streams: make(map[uint32]*http2Stream), highest: make(map[Side]uint32)}
	c.client.now, c.client.most = initial, initial
	c.server.now, c.server.most = initial, initial
	return c
}

func (c *http2Conn) side(from Side) *http2Side {
	if from == Client {
		return &c.client
	}
	return &c.server
}

// set takes new settings. Until the other side has acknowledged them, it may
// go by the old ones or by the new ones (RFC 9113 §6.5.3).
func (s *http2Side) set(l http2Limits) {
	s.now = l
	s.most = http2Limits{
		tableSize: max(s.most.tableSize, l.tableSize),
		window:    max(s.most.window, l.window),
		frameSize: max(s.most.frameSize, l.frameSize),
		push:      s.most.push || l.push,
	}
	s.unacked++
}

// acknowledged is what an ACK of the other side does.
func (s *http2Side) acknowledged() {
	if s.unacked > 0 {
		s.unacked--
	}
	if s.unacked == 0 {
		s.most = s.now
	}
}

// A http2Stream is one stream, from both sides.
type http2Stream struct {
	id          uint32
	exchange    int    // its number; 0 until a header block was there
	method      string // of its request
	lastEventID string // that its request has sent
	client      http2Sending
	server      http2Sending
}

// A http2Sending is what one side sends on a stream.
type http2Sending struct {
	begun  bool // its first headers, other than those of a 1xx, were there
	ended  bool // by END_STREAM or RST_STREAM
	flow   http2Flow
	length string       // its Content-Length
	got    uint64       // of its content
	events *eventStream // reads the content, if it is events
	gzip   *gzipBody    // inflates the content, if it is under gzip
}

func (s *http2Stream) sending(from Side) *http2Sending {
	if from == Client {
		return &s.client
	}
	return &s.server
}

// stream returns a stream, which it makes if it was not seen yet.
func (c *http2Conn) stream(id uint32) *http2Stream {
	s := c.streams[id]
	if s == nil {
		s = &http2Stream{id: id}
		c.streams[id] = s
	}
	return s
}

// opener is the side that opens streams with such an ID (RFC 9113 §5.1.1).
func opener(id uint32) Side {
	if id%2 == 1 {
		return Client
	}
	return Server
}

// idle tells whether a stream is known not to have been opened yet.
func (c *http2Conn) idle(id uint32) bool {
	return c.begun && id > c.highest[opener(id)]
}

// window is what may still be sent on a stream, and whether that is known: it
// depends on the settings of the side that receives.
func (c *http2Conn) window(id uint32, sender Side) (left int64, known bool) {
	receiver := c.side(other(sender))
	f := c.stream(id).sending(sender).flow
	return receiver.most.window + f.credit - f.sent, receiver.seen
}

func (c *http2Conn) connectionWindow(sender Side) (left int64, known bool) {
	f := c.side(sender).flow
	return connectionWindow + f.credit - f.sent, c.side(other(sender)).seen
}

func other(from Side) Side {
	if from == Client {
		return Server
	}
	return Client
}
