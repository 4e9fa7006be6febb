package export

import (
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A directionReader is how far one direction of a connection has been read: its
// segments, and after them its ends. A capture that is full lets go of what is not
// the newest: what was not read before is then a gap.
type directionReader struct {
	side     wire.Side
	segments int // how many of the connection's segments lie behind
	ends     int // how many of its ends
	ended    bool

	gaps    int   // how many of the connection's gaps lie behind
	missing int64 // bytes of the direction in them
	letGo   int64 // bytes of the connection that were missing when the segments were counted

	read int64 // bytes that lie behind, with those in gaps
	sent int64 // bytes that are in documents: what is new begins at this offset
	skew int64 // bytes in gaps that lie behind: read - sent
	from int64 // the offset in documents of what came after that gap
	pass int64 // up to where bytes are not described, if that lies ahead
}

// next goes to the next segment or end of the direction and returns its time.
func (h *directionReader) next(c *wire.Connection) (at time.Time, ok bool) {
	if letGo := missingIn(c); letGo != h.letGo {
		h.letGo = letGo
		h.segments, h.gaps, h.missing = 0, 0, 0
		for h.segments < len(c.Segments) {
			if s := &c.Segments[h.segments]; s.From == h.side && h.place(c, s) >= h.read {
				break
			}
			h.segments++
		}
	}
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

// missingIn is how many bytes of a connection are missing.
func missingIn(c *wire.Connection) (n int64) {
	for _, g := range c.Gaps {
		n += g.Length
	}
	return n
}

// place is how many bytes the side has sent before a segment that lies ahead.
func (h *directionReader) place(c *wire.Connection, s *wire.Segment) int64 {
	for ; h.gaps < len(c.Gaps); h.gaps++ {
		g := c.Gaps[h.gaps]
		if g.From != h.side {
			continue
		}
		if g.Offset > s.Offset {
			break
		}
		h.missing += g.Length
	}
	return s.Offset + h.missing
}

// take goes past what next has found: a segment with the bytes that are missing
// before it or, if that is nil, an end.
func (h *directionReader) take(c *wire.Connection) (s *wire.Segment, missing int64, end *wire.End) {
	if h.segments == len(c.Segments) {
		h.ends++
		return nil, 0, &c.Ends[h.ends-1]
	}
	s = &c.Segments[h.segments]
	h.segments++
	at := h.place(c, s)
	missing = at - h.read
	h.read = at + int64(s.Length)
	return s, missing, nil
}

// step reads what next has found, adds it to what is new of the connection and its
// frames to those that there are, and returns how many bytes it has.
func (h *directionReader) step(conversation *dissect.Conversation, c *wire.Connection, news *Connection, frames *[]dissect.Frame) int {
	s, missing, end := h.take(c)
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
	if missing > 0 {
		news.Gaps = append(news.Gaps, wire.Gap{From: h.side, Offset: h.sent, Length: missing})
		*frames = append(*frames, conversation.Skip(dissect.Side(h.side), s.At.UTC(), missing)...)
		h.skew, h.from = h.skew+missing, h.sent
	}
	bytes, sent := &news.Client, c.Client
	if h.side == wire.Server {
		bytes, sent = &news.Server, c.Server
	}
	past := s.Offset + int64(s.Length)
	p := sent[s.Offset:past]
	// The segments of a side lie one behind the other, so its bytes need no copy.
	*bytes = sent[s.Offset-int64(len(*bytes)) : past : past]
	one := newSegment(*s)
	one.Offset = h.sent
	news.Segments = append(news.Segments, one)
	h.sent += int64(len(p))
	feed := conversation.Feed
	if h.read <= h.pass {
		feed = conversation.Pass
	}
	*frames = append(*frames, feed(dissect.Side(s.From), s.At.UTC(), p)...)
	return len(p)
}

// sentBytes returns the bytes that documents have from an offset on, or nil where the
// connection does not have all of them any more.
func (h *directionReader) sentBytes(c *wire.Connection, offset, length int64) []byte {
	if offset < h.from {
		return nil
	}
	offset += h.skew
	for _, g := range c.Gaps {
		switch {
		case g.From != h.side:
		case offset >= g.Offset+g.Length:
			offset -= g.Length
		case offset+length > g.Offset:
			return nil
		}
	}
	kept := sentBy(c, h.side)
	if offset+length > int64(len(kept)) {
		return nil
	}
	return kept[offset:][:length]
}

// bytesOf returns the bytes of a segment of the connection.
func bytesOf(c *wire.Connection, s *wire.Segment) []byte {
	return sentBy(c, s.From)[s.Offset:][:s.Length]
}

// sentBy is what is kept of what a side has sent.
func sentBy(c *wire.Connection, side wire.Side) []byte {
	if side == wire.Server {
		return c.Server
	}
	return c.Client
}

// end tells the dissector, once, that no more will come.
func (h *directionReader) end(conversation *dissect.Conversation, at time.Time, frames *[]dissect.Frame) {
	if !h.ended {
		h.ended = true
		*frames = append(*frames, conversation.End(dissect.Side(h.side), at)...)
	}
}
