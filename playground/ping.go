package playground

import (
	"context"
	"time"
)

// KeepPinging asks the other side of a WebSocket whether it is still there
// (RFC 6455 §5.5.2): for the first time after every, and again so long after each
// answer. It calls gone when there is none within patience. Between pings it takes no
// goroutine.
func KeepPinging(ctx context.Context, ping func(context.Context) error, every, patience time.Duration, gone func()) (stop func() bool) {
	var next *time.Timer
	next = time.AfterFunc(time.Hour, func() {
		waiting, done := context.WithTimeout(ctx, patience)
		defer done()
		if err := ping(waiting); err != nil {
			gone()
			return
		}
		next.Reset(every)
	})
	next.Reset(every) // from here on next is set
	return next.Stop
}
