package dissect

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A Result is what Bytes finds.
type Result struct {
	Frames           []Frame
	Events           []Event // what an EventSource would dispatch
	LastEventID      string  // what it would send when it reconnects
	ReconnectionTime *int64  // milliseconds; nil where no stream has set it
}

// Bytes dissects the bytes of one direction: "http1" as the bytes of a
// connection, "http2" as frames, after the preface or without it, "sse" as a
// body, "websocket" as what follows the handshake. The
// extensions are the negotiated Sec-WebSocket-Extensions. It fails for another
// protocol or side, and where the context ends.
func Bytes(ctx context.Context, b *Budget, protocol string, from Side, extensions string, p []byte) (Result, error) {
	c, err := newOneSided(b, protocol, from, extensions)
	if err != nil {
		return Result{}, err
	}
	var r Result
	for part := range slices.Chunk(p, 64<<10) {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		r.Frames = append(r.Frames, c.Feed(from, time.Time{}, part)...)
	}
	r.Frames = append(r.Frames, c.End(Client, time.Time{})...)
	r.Frames = append(r.Frames, c.End(Server, time.Time{})...)
	for _, f := range r.Frames {
		if f.SSE != nil && f.SSE.Event != nil {
			r.Events = append(r.Events, *f.SSE.Event)
		}
	}
	if c.events != nil {
		r.LastEventID, r.ReconnectionTime = c.events.lastID, c.events.retry
	}
	return r, nil
}

// newOneSided returns the dissector of one direction that starts with the
// protocol.
func newOneSided(b *Budget, protocol string, from Side, extensions string) (*Conversation, error) {
	if from != Client && from != Server {
		return nil, fmt.Errorf("dissect: unknown side %q", from)
	}
	c := New(1, b)
	h := c.direction(from)
	switch protocol {
	case "http1":
	case "http2":
		h.parser = newHTTP2(h, newHTTP2Conn())
	case "sse":
		c.events = newEventStream(h, "")
		h.parser = &plainBody{h: h, events: c.events}
	case "websocket":
		h.parser = newWebSocket(h, parseDeflate(extensions))
	default:
		return nil, fmt.Errorf("dissect: unknown protocol %q", protocol)
	}
	return c, nil
}
