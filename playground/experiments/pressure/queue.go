package pressure

import (
	"context"
	"errors"
	"time"

	"seewire/playground"
)

var errTooSlow = errors.New("too slow: the queue is full")

// A queue is what waits for one client. Its length is its only memory.
type queue struct {
	prices  chan price // closed after the last one
	full    string     // what happens when it is
	dropped int
	err     error // why there are no more prices; read it when prices is closed
}

func newQueue(controls playground.Values) *queue {
	length := controls.Int("queue")
	if controls.Text("full") == "coalesce" {
		length = 1 // the latest
	}
	return &queue{prices: make(chan price, length), full: controls.Text("full")}
}

// push puts a price into the queue. Where there is no room, the control full
// says what gives way: the producer, this price, an older one, or the client.
func (q *queue) push(ctx context.Context, p price) error {
	select {
	case q.prices <- p:
		return nil
	default:
	}

	switch q.full {
	case "block":
		select {
		case q.prices <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
	case "newest":
		q.dropped++
	case "oldest", "coalesce":
		select {
		case <-q.prices:
			q.dropped++
		default: // it has just been taken
		}
		q.prices <- p // the only producer is this one
	case "disconnect":
		return errTooSlow
	}
	return nil
}

// produce makes prices from a number on, at its own pace.
func (q *queue) produce(ctx context.Context, from int, controls playground.Values) {
	defer close(q.prices)
	tick := time.NewTicker(controls.Duration("every"))
	defer tick.Stop()

	for n := from; n <= controls.Int("total"); n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if q.err = q.push(ctx, newPrice(n, q.dropped)); q.err != nil {
			return
		}
	}
}
