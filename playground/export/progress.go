package export

import (
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// A progress is how far one connection has been read.
type progress struct {
	conversation   *dissect.Conversation
	behind         bool // a proxy: what it dispatches is not the browser's
	client, server directionReader
	dropped        int64
}

// earliest returns the direction in which the next thing has happened, and when; nil
// if nothing has. What has the same time goes in the order in which it was
// recorded.
func (p *progress) earliest(c *wire.Connection) (*directionReader, time.Time) {
	client, clientHas := p.client.next(c)
	server, serverHas := p.server.next(c)
	switch {
	case !clientHas && !serverHas:
		return nil, time.Time{}
	case !clientHas, serverHas && server.Before(client),
		serverHas && server.Equal(client) && p.server.segments < p.client.segments:
		return &p.server, server
	}
	return &p.client, client
}

// finish adds what is unfinished in both directions, as incomplete frames.
func (p *progress) finish(c *wire.Connection, frames *[]dissect.Frame) {
	var at time.Time
	if n := len(c.Segments); n > 0 {
		at = c.Segments[n-1].At.UTC()
	}
	p.client.end(p.conversation, at, frames)
	p.server.end(p.conversation, at, frames)
}
