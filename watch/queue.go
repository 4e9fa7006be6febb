package watch

import (
	"sync"
	"time"
)

// An item is on its way to the client: bytes of an exchange, or an end.
type item struct {
	exchange *exchange
	at       time.Time // when it came
	bytes    []byte
	content  bool   // of a response, and no head
	last     bool   // the response ends with it
	end      string // how the target has stopped sending; "" for bytes
}

// A queue has what waits for the client. Who puts something in waits for room, so that
// a client that is slow slows the target down, as it would without this program.
type queue struct {
	mu     sync.Mutex
	items  []item
	size   int
	closed bool
	news   chan struct{} // something was put in, or something else is to be looked at
	room   sync.Cond
}

// mostQueued is how many bytes may wait.
const (
	mostQueued = 256 << 10
	itemCost   = 64 // beside its bytes
)

func newQueue() *queue {
	q := &queue{news: make(chan struct{}, 1)}
	q.room.L = &q.mu
	return q
}

// put waits for room. It returns false once the queue is closed.
func (q *queue) put(i item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.size >= mostQueued && !q.closed {
		q.room.Wait()
	}
	if q.closed {
		return false
	}
	q.items = append(q.items, i)
	q.size += len(i.bytes) + itemCost
	q.wake()
	return true
}

// next takes the first item, if there is one.
func (q *queue) next() (item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return item{}, false
	}
	i := q.items[0]
	q.items[0] = item{}
	q.items = q.items[1:]
	q.size -= len(i.bytes) + itemCost
	q.room.Broadcast()
	return i, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.room.Broadcast()
	q.wake()
}

// wake has the one who takes from the queue look at what has changed.
func (q *queue) wake() {
	select {
	case q.news <- struct{}{}:
	default:
	}
}
