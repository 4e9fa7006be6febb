package agents

import (
	"context"
	"sync"
)

// maxKept is how many messages an outbox keeps; then it ends.
const maxKept = 1000

// An outbox keeps what the server says on one stream. A client that has lost the
// connection can go on after any message of it.
type outbox struct {
	number int // among those of its session

	mu    sync.Mutex
	kept  []outgoing
	over  bool
	added chan struct{} // closed when there is more
}

// An outgoing message, as it is sent.
type outgoing struct {
	text []byte
	step int // which of the tool's messages it is, from 1; 0 for another one
}

func newOutbox(number int) *outbox {
	return &outbox{number: number, added: make(chan struct{})}
}

// put adds a message.
func (o *outbox) put(m message, step int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return
	}
	o.kept = append(o.kept, outgoing{raw(m), step})
	o.over = len(o.kept) >= maxKept
	o.wake()
}

// end says that nothing more will come.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	o.wake()
}

func (o *outbox) wake() {
	close(o.added)
	o.added = make(chan struct{})
}

// next returns the message after the first n, and waits for it. It returns false
// when there is none any more, or the client has left.
func (o *outbox) next(ctx context.Context, n int) (outgoing, bool) {
	for {
		o.mu.Lock()
		kept, over, added := o.kept, o.over, o.added
		o.mu.Unlock()
		switch {
		case n < len(kept):
			return kept[n], true
		case over:
			return outgoing{}, false
		}
		select {
		case <-added:
		case <-ctx.Done():
			return outgoing{}, false
		}
	}
}
