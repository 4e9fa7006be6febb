package dissect

import "time"

// A Conversation dissects one connection: the bytes of both directions, fed in
// the order in which they were seen.
//
// Each direction has a parser that reads its bytes. What one direction has to know of
// the other (which request does this response answer, did the server agree to
// the upgrade) goes through what the parsers of a protocol share. A Conversation
// is not safe for concurrent use.
type Conversation struct {
	connection     int
	client, server *Direction
	exchanges      int // requests that were seen, or that a response answers
	room           *Room
	description    Share // of the budget: what comes after it is shown as unknown data
	inflation      Share
}

// New returns the dissector of a connection. Its directions have no grammar
// until a protocol puts its parsers there. The frames carry the connection's
// number, and what they cost is taken from the budget of the document.
func New(connection int, b *Budget, p *Protocols) *Conversation {
	c := &Conversation{
		connection:  connection,
		room:        new(Room),
		description: Share{pool: &b.description},
		inflation:   Share{pool: &b.inflation},
	}
	c.client, c.server = c.side(Client, p), c.side(Server, p)
	return c
}

func (c *Conversation) side(from Side, p *Protocols) *Direction {
	h := &Direction{c: c, From: from, Protocols: p, Description: &c.description, Inflation: &c.inflation}
	h.Parser = NewUnknown(h)
	return h
}

// Feed takes the next bytes of one side and returns the frames that they
// complete: of this side, or of the other one where it had to wait for them.
// It keeps no reference to p. The next call of any method overwrites the frames
// where they are: who wants them longer copies them.
func (c *Conversation) Feed(from Side, at time.Time, p []byte) []Frame {
	c.Direction(from).feed(at, p)
	return c.take()
}

// Skip says that n bytes of one side are missing before those that come next, and
// returns what they were to finish, as incomplete frames.
func (c *Conversation) Skip(from Side, at time.Time, n int64) []Frame {
	h := c.Direction(from)
	h.At = at
	h.stop()
	h.Emit(Frame{
		Offset: h.Offset, Protocol: "data", Kind: "gap", Say: []Phrase{Number(say.DataGap, n)}, Fields: []Field{},
	})
	h.resume(n)
	return c.take()
}

// Pass takes the next bytes of one side as [Conversation.Feed] does, but does not
// describe them: there is no room for so many frames. What is fed after them is
// described again.
func (c *Conversation) Pass(from Side, at time.Time, p []byte) []Frame {
	c.Direction(from).pass(at, p)
	return c.take()
}

// Close is End where the side itself has said that it will send nothing more. Where
// the other one has said so first, that is why.
func (c *Conversation) Close(from Side, at time.Time) []Frame {
	h := c.Direction(from)
	other := c.client
	if h == c.client {
		other = c.server
	}
	h.closed = !other.ended
	return c.End(from, at)
}

// End says that nothing more of one side was recorded, and returns what it left
// unfinished as incomplete frames.
func (c *Conversation) End(from Side, at time.Time) []Frame {
	h := c.Direction(from)
	h.At, h.ended = at, true
	if w, ok := h.Parser.(*Waiting); ok && !c.server.ended {
		w.endedAt = at // the answer can still come, and says what the held bytes are
	} else {
		h.end()
	}
	if w, ok := c.client.Parser.(*Waiting); ok && from == Server {
		w.Release(NewUnknown(c.client)) // there will be no answer
	}
	return c.take()
}

// Direction is what one side sends.
func (c *Conversation) Direction(from Side) *Direction {
	if from == Client {
		return c.client
	}
	return c.server
}

// Saved says that a tool has written down what the sides have sent.
func (c *Conversation) Saved() { c.client.Protocols.Saved = true }

// Use has the conversation put what it finds there, as others may do.
func (c *Conversation) Use(r *Room) { c.room = r }

func (c *Conversation) take() []Frame {
	found := c.room.found
	c.room.found = found[:0]
	if cap(found) > maxBlock {
		c.room.found = nil
	}
	return found
}
