package many

import (
	"strconv"
	"sync"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// maxJournal is the most messages that a journal keeps.
const maxJournal = 150

// A message is what every client gets.
type message struct {
	number int              // counts from 1
	event  []byte           // with its number as the ID: formatted once, for all clients
	frame  playground.Frame // the same for WebSockets
	at     time.Time        // when it was published
}

// A journal keeps the newest messages, by their numbers. It is what a broker
// is for: it stands outside the servers, so it is still there when one of them
// restarts, and any other can go on where that one was.
type journal struct {
	mu   sync.RWMutex
	ring []message // message n is at n modulo the length
	last int       // the number of the newest
}

func newJournal(size int) *journal {
	return &journal{ring: make([]message, size)}
}

// add numbers a message and keeps it, in the place of the oldest.
func (j *journal) add(data string) message {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	event, _ := stream.Event{ID: strconv.Itoa(j.last), Data: data}.Bytes() // only a line end in the ID would be an error
	m := message{j.last, event, playground.TextFrame([]byte(data)), time.Now()}
	j.ring[m.number%len(j.ring)] = m
	return m
}

// between returns the messages after one number up to another, without those
// that are no longer kept.
func (j *journal) between(after, last int) []message {
	j.mu.RLock()
	defer j.mu.RUnlock()
	after = max(after, j.last-len(j.ring))
	var kept []message
	for n := after + 1; n <= last; n++ {
		kept = append(kept, j.ring[n%len(j.ring)])
	}
	return kept
}

// newest returns the number of the newest message.
func (j *journal) newest() int {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.last
}

// published returns when a message was, or zero where it is no longer known.
func (j *journal) published(number int) time.Time {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if m := j.ring[number%len(j.ring)]; m.number == number {
		return m.at
	}
	return time.Time{}
}
