package export

import (
	"slices"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A progress is how far one connection has been read.
type progress struct {
	conversation *dissect.Conversation

	known          bool // a document has mentioned it
	segments, ends int
	client, server int // bytes
	dropped        int64

	at    time.Time      // of the last segment
	ended []dissect.Side // no more bytes of it will be fed
}

func newProgress(c wire.Connection) *progress {
	return &progress{conversation: dissect.New(c.Number)}
}

// behind reports whether there is something new.
func (p *progress) behind(c wire.Connection) bool {
	return !p.known || p.segments < len(c.Segments) || p.ends < len(c.Ends) || p.dropped < c.Dropped
}

// read returns what is new, up to the segment with which it is limit bytes or
// more.
func (p *progress) read(c wire.Connection, limit int) (Connection, []dissect.Frame) {
	news := newConnection(c)
	p.known = true
	var frames []dissect.Frame

	client, server := p.client, p.server
	for ; p.segments < len(c.Segments) && limit > 0; p.segments++ {
		s := c.Segments[p.segments]
		sent, read := c.Server, &p.server
		if s.From == wire.Client {
			sent, read = c.Client, &p.client
		}
		p.at = s.At.UTC()
		frames = append(frames, p.conversation.Feed(dissect.Side(s.From), p.at, sent[s.Offset:][:s.Length])...)
		news.Segments = append(news.Segments, Segment{From: s.From, At: p.at, Offset: s.Offset, Length: s.Length})
		*read += s.Length
		limit -= s.Length
	}
	news.Client = append(news.Client, c.Client[client:p.client]...)
	news.Server = append(news.Server, c.Server[server:p.server]...)
	if p.segments < len(c.Segments) {
		return news, frames
	}

	for ; p.ends < len(c.Ends); p.ends++ {
		end := c.Ends[p.ends]
		news.Ends = append(news.Ends, End{From: end.From, At: end.At.UTC(), How: end.How})
		frames = append(frames, p.end(dissect.Side(end.From), end.At.UTC())...)
	}
	if p.dropped = c.Dropped; p.dropped > 0 {
		frames = append(frames, p.finish()...) // nothing more is kept
	}
	return news, frames
}

// finish ends both directions where they stand.
func (p *progress) finish() []dissect.Frame {
	return append(p.end(dissect.Client, p.at), p.end(dissect.Server, p.at)...)
}

func (p *progress) end(side dissect.Side, at time.Time) []dissect.Frame {
	if slices.Contains(p.ended, side) {
		return nil
	}
	p.ended = append(p.ended, side)
	return p.conversation.End(side, at)
}
