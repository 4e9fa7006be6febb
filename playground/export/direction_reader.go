package export

import (
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A directionReader is how far one direction of a connection has been read: its segments,
// and after them its ends.
type directionReader struct {
	side     wire.Side
	segments int // how many of the connection's segments lie behind
	ends     int // how many of its ends
	ended    bool
	gaps     []gap // of the connection, those that lie ahead
}

// next goes to the next segment or end of the direction and returns its time.
func (h *directionReader) next(c *wire.Connection) (at time.Time, ok bool) {
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

// take goes past what next has found: a segment or, if that is nil, an end.
func (h *directionReader) take(c *wire.Connection) (*wire.Segment, *wire.End) {
	if h.segments < len(c.Segments) {
		h.segments++
		return &c.Segments[h.segments-1], nil
	}
	h.ends++
	return nil, &c.Ends[h.ends-1]
}

// step reads what next has found, adds it to what is new of the connection and its
// frames to those that there are, and returns how many bytes it has.
func (h *directionReader) step(conversation *dissect.Conversation, c *wire.Connection, news *Connection, frames *[]dissect.Frame) int {
	s, end := h.take(c)
	if s == nil {
		news.Ends = append(news.Ends, newEnd(*end))
		switch {
		case h.ended:
		case end.How != "fin" || c.Dropped > 0: // it was cut, or what came last is not there
			h.end(conversation, end.At.UTC(), frames)
		default:
			h.ended = true
			*frames = append(*frames, conversation.Close(dissect.Side(h.side), end.At.UTC())...)
		}
		return 0
	}
	bytes, sent := &news.Client, c.Client
	if h.side == wire.Server {
		bytes, sent = &news.Server, c.Server
	}
	past := s.Offset + int64(s.Length)
	p := sent[s.Offset:past]
	// The segments of a side lie one behind the other, so its bytes need no copy.
	*bytes = sent[s.Offset-int64(len(*bytes)) : past : past]
	news.Segments = append(news.Segments, newSegment(*s))
	h.skip(conversation, s, frames)
	*frames = append(*frames, conversation.Feed(dissect.Side(s.From), s.At.UTC(), p)...)
	return len(p)
}

// skip tells the dissector what is missing before a segment.
func (h *directionReader) skip(conversation *dissect.Conversation, s *wire.Segment, frames *[]dissect.Frame) {
	for len(h.gaps) > 0 && (h.gaps[0].from != h.side || h.gaps[0].offset <= s.Offset) {
		if g := h.gaps[0]; g.from == h.side {
			*frames = append(*frames, conversation.Skip(dissect.Side(h.side), s.At.UTC(), g.n)...)
		}
		h.gaps = h.gaps[1:]
	}
}

// bytesOf returns the bytes of a segment of the connection.
func bytesOf(c *wire.Connection, s *wire.Segment) []byte {
	sent := c.Client
	if s.From == wire.Server {
		sent = c.Server
	}
	return sent[s.Offset:][:s.Length]
}

// end tells the dissector, once, that no more will come.
func (h *directionReader) end(conversation *dissect.Conversation, at time.Time, frames *[]dissect.Frame) {
	if !h.ended {
		h.ended = true
		*frames = append(*frames, conversation.End(dissect.Side(h.side), at)...)
	}
}
