package dissect

import (
	"cmp"
	"time"
)

// A Conversation dissects one connection: the bytes of both directions, fed in
// the order in which they were seen. It starts as HTTP/1.1 and goes on as
// WebSocket after a 101. A client that starts with the preface of HTTP/2 makes
// it that.
//
// Each direction has a parser that reads its bytes. What one direction has to know of
// the other (which request does this response answer, did the server agree to
// the upgrade) goes through the requests. A Conversation is not safe for
// concurrent use.
type Conversation struct {
	connection     int
	client, server *direction
	exchanges      int          // requests that were seen, or that a response answers
	requests       []*request   // those without a final response, oldest first
	events         *eventStream // the last one that was seen
	found          []Frame      // since the last Feed or End
	description    share        // of the budget: what comes after it is shown as unknown data
	inflation      share
}

// New returns the dissector of a connection that starts with HTTP/1.1 on both
// sides. The frames carry the connection's number, and what they cost is taken
// from the budget of the document.
func New(connection int, b *Budget) *Conversation {
	c := &Conversation{
		connection:  connection,
		description: share{pool: &b.description},
		inflation:   share{pool: &b.inflation},
	}
	c.client = &direction{c: c, from: Client}
	c.server = &direction{c: c, from: Server}
	c.client.parser = newHead(c.client)
	c.server.parser = newHead(c.server)
	return c
}

// Feed takes the next bytes of one side and returns the frames that they
// complete: of this side, or of the other one where it had to wait for them.
// It keeps no reference to p.
func (c *Conversation) Feed(from Side, at time.Time, p []byte) []Frame {
	c.direction(from).feed(at, p)
	return c.take()
}

// End says that one side will send nothing more, and returns what it left
// unfinished as incomplete frames.
func (c *Conversation) End(from Side, at time.Time) []Frame {
	h := c.direction(from)
	h.at, h.ended = at, true
	if w, ok := h.parser.(*waiting); ok && !c.server.ended {
		w.endedAt = at // the answer can still come, and says what the held bytes are
	} else {
		h.end()
	}
	if w, ok := c.client.parser.(*waiting); ok && from == Server {
		w.release(&unknown{h: c.client}) // there will be no answer
	}
	return c.take()
}

func (c *Conversation) direction(from Side) *direction {
	if from == Client {
		return c.client
	}
	return c.server
}

func (c *Conversation) take() []Frame {
	found := c.found
	c.found = nil
	return found
}

// A direction is what one side sends.
type direction struct {
	c        *Conversation
	from     Side
	at       time.Time // when the bytes that are being parsed were there
	offset   int64     // of the first byte that no parser has taken yet
	parser   parser
	ended    bool
	exchange int  // the one that its frames belong to; 0 for none
	spent    bool // the budget ended: the rest is unknown data
}

// A parser reads the bytes of one direction for as long as they follow one
// grammar. It sees each byte once and keeps for itself what it needs again.
type parser interface {
	// parse takes bytes from the start of p, at most to the end of one frame,
	// and returns how many. p starts at the direction's offset and is not empty.
	// A parser that is done puts the next one in its place.
	parse(p []byte) int

	// end emits what is unfinished.
	end()
}

func (h *direction) feed(at time.Time, p []byte) {
	h.at = at
	for len(p) > 0 {
		if h.c.description.over && !h.spent {
			h.spent = true
			h.end()
			h.at = at // end may have gone back to bytes that were held
			h.parser = &unknown{h: h, says: say.DataUndescribed}
		}
		n := h.parser.parse(p)
		if h.spent {
			h.c.description.pool.out += int64(n)
		}
		h.offset += int64(n)
		p = p[n:]
	}
}

// end lets the parser emit what is unfinished. Bytes that come later all the
// same belong to nothing that is known.
func (h *direction) end() {
	last := h.parser
	h.parser = &unknown{h: h}
	last.end()
}

func (h *direction) emit(f Frame) {
	f.Connection = h.c.connection
	f.From = h.from
	if f.At.IsZero() {
		f.At = h.at
	}
	f.Exchange = cmp.Or(f.Exchange, h.exchange)
	h.c.description.take(cost(&f))
	h.c.found = append(h.c.found, f)
}

// cost is about what a frame takes in memory or as JSON, in bytes. A line of an
// event stream stays in the parser's buffers too.
func cost(f *Frame) int {
	n := 200 + 100*len(f.Fields) + 50*len(f.Say)
	for _, h := range f.Headers {
		n += 40 + len(h.Name) + len(h.Value)
	}
	for i := range f.Fields {
		n += len(f.Fields[i].Value)
	}
	if s := f.SSE; s != nil {
		n += 100 + f.Length + len(s.Data) + len(s.Type) + len(s.ID) + len(s.LastEventID)
		if e := s.Event; e != nil {
			n += 50 + len(e.Type) + len(e.Data) + len(e.LastEventID)
		}
	}
	return n
}
