package export

import (
	"context"
	"time"

	"seewire/playground/wire"
)

// interval is the least time between two documents about what is new.
const interval = 50 * time.Millisecond

// Follow sends what is in a capture, and then what comes, dissected as it
// comes. Each document has only what is new: bytes, segments, ends, frames,
// events, lines of the log. Its offsets count from the start of the capture, and what is one
// value (dropped, lastEventId, reconnectionTime) is as it stands. The first
// document is sent at once, even if there is nothing yet; where there is much
// already, it comes in pieces, one right after the other.
//
// Follow returns the error of send, or the cause of the end of ctx, or
// wire.ErrExpired when the capture expires. It keeps the capture from making
// room for others.
func Follow(ctx context.Context, c *wire.Capture, send func(Document) error) error {
	defer c.Follow()()

	r := &reader{id: c.ID()}
	first, said := true, 0
	for {
		changed := c.Changed()
		snapshot := c.Snapshot()
		lines := c.Lines()
		if c.Expired() {
			return wire.ErrExpired
		}
		for more := true; more; first = false {
			var d Document
			d, more = r.read(snapshot, pieceBytes)
			d.Log, said = lines[said:], len(lines)
			if first || len(d.Connections) > 0 || len(d.Frames) > 0 || len(d.Log) > 0 {
				if err := send(d); err != nil {
					return err
				}
			}
		}

		pause := time.After(interval)
		if err := wait(ctx, changed); err != nil {
			return err
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

func wait[T any](ctx context.Context, c <-chan T) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c:
		return nil
	}
}
