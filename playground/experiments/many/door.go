package many

import (
	"context"
	"errors"
	"sync"
	"time"
)

// longestQueue is how long a client stands at the door at most.
const longestQueue = 200 * time.Millisecond

// errFull is returned when the queue at the door is too long.
var errFull = errors.New("too many at once")

// A door lets clients in one after the other, as fast as a server that has just
// started can make connections: each costs a TLS handshake, a look at a session,
// a replay. A nil door is open.
type door struct {
	every time.Duration // between two clients

	mu   sync.Mutex
	free time.Time // when the next one can come in
}

// newDoor returns a door for so many clients a second.
func newDoor(rate int) *door {
	return &door{every: time.Second / time.Duration(rate)}
}

// enter waits for its turn. It does not wait where the queue is too long.
func (d *door) enter(ctx context.Context) error {
	if d == nil {
		return nil
	}
	turn, err := d.queue()
	if err != nil {
		return err
	}
	select {
	case <-time.After(turn):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// queue takes a place, and returns how long it is until its turn.
func (d *door) queue() (time.Duration, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.free.Before(now) {
		d.free = now
	}
	turn := d.free.Sub(now)
	if turn > longestQueue {
		return 0, errFull
	}
	d.free = d.free.Add(d.every)
	return turn, nil
}
