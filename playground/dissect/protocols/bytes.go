package protocols

import (
	"context"
	"slices"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/dissect/sse"
)

// A Result is what Bytes finds.
type Result struct {
	Frames           []dissect.Frame
	Events           []dissect.Event // what an EventSource would dispatch
	LastEventID      string          // what it would send when it reconnects
	ReconnectionTime *int64          // milliseconds; nil where no stream has set it
}

// Bytes dissects the bytes of one direction: "http1" as the bytes of a
// connection, "http2" as frames, after the preface or without it, "sse" as a
// body, "websocket" as what follows the handshake. The
// extensions are the negotiated Sec-WebSocket-Extensions. It fails for another
// protocol or side, and where the context ends.
func Bytes(ctx context.Context, b *dissect.Budget, protocol string, from dissect.Side, extensions string, p []byte) (Result, error) {
	var stream *sse.Stream // the last one that was seen
	c, err := startOneSided(b, protocol, from, extensions, func(s *sse.Stream) { stream = s })
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
	r.Frames = append(r.Frames, c.End(dissect.Client, time.Time{})...)
	r.Frames = append(r.Frames, c.End(dissect.Server, time.Time{})...)
	for _, f := range r.Frames {
		if f.SSE != nil && f.SSE.Event != nil {
			r.Events = append(r.Events, *f.SSE.Event)
		}
	}
	if stream != nil {
		r.LastEventID, r.ReconnectionTime = stream.LastEventID(), stream.ReconnectionTime()
	}
	return r, nil
}
