package wire

import (
	"iter"
	"time"
)

// A Side is one end of a connection: the one that sent the bytes.
type Side string

const (
	Client Side = "client"
	Server Side = "server"
)

// A Connection is what a capture holds of one connection: the bytes of both
// directions, from the first request that was recorded.
//
// The requests that were not recorded are left out whole, with their
// responses, so that the bytes of a connection which serves several captures
// still read as HTTP. Of HTTP/2 it has the connection from its start, but for
// the DATA frames of streams that are not the capture's.
type Connection struct {
	Number   int    // from 1, in the order in which they began, as far as that was known
	Peer     string // the client's address, "127.0.0.1:50112"
	Local    string // the address that the client connected to, "127.0.0.1:8080"
	Hop      string // which part of the way this is: "" for the one to the client, else the Listener's
	Protocol string // "h2", or "http/1.1": what a handshake made of that is in the bytes

	// Origin is where it was recorded, and Began when that began.
	Origin Origin
	Began  time.Time
	met    time.Time // when this server heard of it

	// Streams are those of HTTP/2 that the capture's requests have opened. The
	// headers of others are there because without them nobody could read these.
	Streams []uint32

	Client, Server []byte // what each side sent, as far as it is kept

	// Gaps are the bytes that are missing in between, in the order of the bytes of
	// each side. In a capture a side has one at most.
	Gaps []Gap

	// Segments are in the order in which they were recorded. Within one
	// direction that is the order of the bytes; between the two, a Write can be
	// noted after what the client has answered to it, and At tells the order.
	Segments []Segment

	// Ends has at most one "fin" and one "reset", "timeout" or "gone" for a side.
	Ends []End

	// Dropped counts the bytes that came when there was no room left, and nothing
	// that could make room. From the first of them on nothing more of the connection
	// is kept.
	Dropped int64
}

// A Gap is bytes of a side that are not there: a capture that was full has let them
// go for those that came later.
type Gap struct {
	From   Side  `json:"from"`
	Offset int64 `json:"offset"` // of the bytes behind it, in what is kept of the side
	Length int64 `json:"length"`
}

// A Segment is the bytes of one Read or Write.
type Segment struct {
	From   Side
	At     time.Time // when Read had returned, or when Write was called: a cause is never later than its effect
	Offset int64     // of its first byte, in what is kept of its side
	Length int       // in bytes, at least 1
}

// An End says how a side stopped sending.
//
// How is "fin" where it said that nothing more will come, "reset" where it
// gave the connection up, and "timeout" where TCP found nobody there any more.
// The server's ends are what this program did; the client's, what arrived. "gone" is
// the server's where another server recorded the connection and is gone: what came
// after is not known.
type End struct {
	From Side
	At   time.Time
	How  string
}

// An Origin is where a connection was recorded, and under which number there.
type Origin struct {
	Server string // "" for this one
	Number int    // from 1
}

// bytes returns the direction in which a side sends.
func (c *Connection) bytes(from Side) *[]byte {
	if from == Client {
		return &c.Client
	}
	return &c.Server
}

// sides has something for each side.
type sides[T any] struct{ client, server T }

func (s *sides[T]) of(from Side) *T {
	if from == Client {
		return &s.client
	}
	return &s.server
}

// gap returns the gap of a side, which has no length as long as there is none: the
// bytes before it stay, about as many as opening says.
func (c *Connection) gap(from Side, opening int64) Gap {
	for _, g := range c.Gaps {
		if g.From == from {
			return g
		}
	}
	g := Gap{From: from}
	cost := int64(0)
	for _, s := range c.Segments {
		if s.From != from {
			continue
		}
		if opened(s.Offset, cost, opening) {
			break
		}
		cost += segmentCost
		g.Offset = s.Offset + int64(s.Length)
	}
	return g
}

// open returns the gap that the next segment of a side falls into, and makes it if need
// be; nil if that segment still belongs to the opening. Where there is no gap yet, only
// the opening may be there.
func (c *Connection) open(from Side, opening int64) *Gap {
	for i := range c.Gaps {
		if c.Gaps[i].From == from {
			return &c.Gaps[i]
		}
	}
	offset, cost := int64(len(*c.bytes(from))), int64(0)
	for _, s := range c.Segments {
		if s.From == from {
			cost += segmentCost
		}
	}
	if !opened(offset, cost, opening) {
		return nil
	}
	c.Gaps = append(c.Gaps, Gap{From: from, Offset: offset})
	return &c.Gaps[len(c.Gaps)-1]
}

// opened tells whether a segment at an offset is behind the opening, with what those
// before it have cost.
func opened(offset, cost, opening int64) bool {
	return offset > 0 && (offset >= opening || offset+cost >= 2*opening)
}

// behind are the segments that are not in an opening.
func (c *Connection) behind(opening int64) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		opened := sides[int64]{c.gap(Client, opening).Offset, c.gap(Server, opening).Offset}
		for _, s := range c.Segments {
			if s.Offset >= *opened.of(s.From) && !yield(s) {
				return
			}
		}
	}
}

// sent is how many bytes a side has sent, those among them that are gone.
func (c *Connection) sent(from Side) int64 {
	n := int64(len(*c.bytes(from)))
	for _, g := range c.Gaps {
		if g.From == from {
			n += g.Length
		}
	}
	return n
}

// letGo lets go of the oldest segments of each side that are behind its opening, as
// many as that, and returns what they have counted. What others have of the connection
// stays as it is.
func (c *Connection) letGo(opening int64, count sides[int]) (cost int64) {
	if count == (sides[int]{}) {
		return 0
	}
	client, server := c.gap(Client, opening), c.gap(Server, opening)
	opened := sides[int64]{client.Offset, server.Offset}
	segments := make([]Segment, 0, len(c.Segments))
	var gone sides[int64]
	for _, s := range c.Segments {
		if s.Offset >= *opened.of(s.From) {
			if left := count.of(s.From); *left > 0 {
				*left--
				*gone.of(s.From) += int64(s.Length)
				cost += int64(s.Length) + segmentCost
				continue
			}
			s.Offset -= *gone.of(s.From)
		}
		segments = append(segments, s)
	}
	c.Segments = segments

	var gaps []Gap
	for _, g := range []Gap{client, server} {
		if n := *gone.of(g.From); n > 0 {
			bytes := c.bytes(g.From)
			kept := make([]byte, 0, len(*bytes))
			kept = append(kept, (*bytes)[:g.Offset]...)
			*bytes = append(kept, (*bytes)[g.Offset+n:]...)
			g.Length += n
		}
		if g.Length > 0 {
			gaps = append(gaps, g)
		}
	}
	c.Gaps = gaps
	return cost
}

// over reports whether both sides have stopped sending.
func (c *Connection) over() bool {
	var ended sides[bool]
	for _, end := range c.Ends {
		*ended.of(end.From) = true
	}
	return ended == sides[bool]{true, true}
}

// ended reports whether an end that is to be noted would say nothing new:
// after a fin there may be a reset, after a reset there is nothing.
func (c *Connection) ended(from Side, how string) bool {
	for _, end := range c.Ends {
		if end.From == from && (end.How == how || end.How != "fin") {
			return true
		}
	}
	return false
}
