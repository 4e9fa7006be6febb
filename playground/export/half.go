package export

import (
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A half is how far one direction of a connection has been read: its segments,
// and after them its ends.
type half struct {
	side     wire.Side
	segments int // how many of the connection's segments lie behind
	ends     int // how many of its ends
	ended    bool
}

// next goes to the next segment or end of the direction and returns its time.
func (h *half) next(c *wire.Connection) (at time.Time, ok bool) {
	for ; h.segments < len(c.Segments); h.segments++ {
		if s := c.Segments[h.segments]; s.From == h.side {
			return s.At, true
		}
	}
	for ; h.ends < len(c.Ends); h.ends++ {
		if end := c.Ends[h.ends]; end.From == h.side {
			return end.At, true
		}
	}
	return time.Time{}, false
}

// step reads what next has found, adds it to what is new of the connection, and
// returns how many bytes it has, and the frames.
func (h *half) step(conversation *dissect.Conversation, c *wire.Connection, news *Connection) (int, []dissect.Frame) {
	if h.segments == len(c.Segments) {
		end := c.Ends[h.ends]
		h.ends++
		news.Ends = append(news.Ends, newEnd(end))
		return 0, h.end(conversation, end.At.UTC())
	}

	s := c.Segments[h.segments]
	h.segments++
	sent, bytes := c.Client, &news.Client
	if h.side == wire.Server {
		sent, bytes = c.Server, &news.Server
	}
	p := sent[s.Offset:][:s.Length]
	*bytes = append(*bytes, p...)
	news.Segments = append(news.Segments, newSegment(s))
	return len(p), conversation.Feed(dissect.Side(s.From), s.At.UTC(), p)
}

// end tells the dissector, once, that no more will come.
func (h *half) end(conversation *dissect.Conversation, at time.Time) []dissect.Frame {
	if h.ended {
		return nil
	}
	h.ended = true
	return conversation.End(dissect.Side(h.side), at)
}
