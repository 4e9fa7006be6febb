package classroom

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seewire/bus"
)

// A hub has the buses of several servers in a testing/synctest bubble. One can be cut
// off, and can be gone without a word: the others notice after 3 s.
type hub struct {
	t    *testing.T
	mu   sync.Mutex
	on   []*hubBus
	next string // the owner of all keys, where that is said
}

// A hubBus is that of a server.
type hubBus struct {
	hub     *hub
	id      string
	subs    map[int]hubSub
	n       int
	queue   chan func()
	cut     bool
	dead    bool
	deaf    bool            // hears nothing that is said of classes
	loses   int             // so many messages to classes that others do not get
	heard   map[string]bool // others that are there, as this one knows
	changed chan struct{}
}

type hubSub struct {
	subject string
	receive func([]byte)
}

func newHub(t *testing.T) *hub { return &hub{t: t} }

// join adds a server.
func (h *hub) join() *hubBus {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := &hubBus{hub: h, id: fmt.Sprintf("SERVER%d", len(h.on)), subs: map[int]hubSub{}, queue: make(chan func(), 10000), heard: map[string]bool{}, changed: make(chan struct{})}
	go func() {
		for do := range b.queue {
			do()
		}
	}()
	h.on = append(h.on, b)
	h.meet(b)
	h.t.Cleanup(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		b.dead = true
		close(b.queue)
	})
	return b
}

// meet has a server and the others hear each other; mu is held.
func (h *hub) meet(b *hubBus) {
	for _, other := range h.on {
		if other != b && !other.cut && !other.dead {
			b.heard[other.id], other.heard[b.id] = true, true
			other.wake()
		}
	}
	b.wake()
}

func (b *hubBus) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// lose has a server be silent to the others, which notice it 3 s later.
func (h *hub) lose(b *hubBus, dead bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b.cut, b.dead = !dead, dead
	clear(b.heard)
	b.wake()
	time.AfterFunc(3*time.Second, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if b.cut || b.dead {
			for _, other := range h.on {
				delete(other.heard, b.id)
				other.wake()
			}
		}
	})
}

// set changes what happens to messages.
func (h *hub) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// leave has a server go with a word.
func (h *hub) leave(b *hubBus) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b.dead = true
	for _, other := range h.on {
		delete(other.heard, b.id)
		other.wake()
	}
}

// heal ends that a server is cut off.
func (h *hub) heal(b *hubBus) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b.cut = false
	h.meet(b)
}

func (b *hubBus) Publish(subject string, data []byte) error {
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	data = slices.Clone(data)
	lost := b.loses > 0 && strings.HasSuffix(subject, ".in")
	if lost {
		b.loses--
	}
	for _, to := range b.hub.on {
		if to != b && (b.cut || to.cut || b.dead) || to.dead || to != b && (lost || to.deaf && strings.HasPrefix(subject, "class.")) {
			continue
		}
		for n, sub := range to.subs {
			if sub.subject == subject {
				to.queue <- func() {
					b.hub.mu.Lock()
					_, still := to.subs[n]
					b.hub.mu.Unlock()
					if still {
						sub.receive(data)
					}
				}
			}
		}
	}
	return nil
}

func (b *hubBus) Subscribe(subject string, receive func([]byte)) (func(), error) {
	if strings.ContainsAny(subject, "*> ") {
		return nil, fmt.Errorf("subscribing to %q", subject)
	}
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	b.n++
	n := b.n
	b.subs[n] = hubSub{subject, receive}
	return func() {
		b.hub.mu.Lock()
		defer b.hub.mu.Unlock()
		delete(b.subs, n)
	}, nil
}

func (b *hubBus) ID() string { return b.id }

func (b *hubBus) Servers() []string {
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	all := []string{b.id}
	for id := range b.heard {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

func (b *hubBus) Several() bool { return len(b.Servers()) > 1 }

func (b *hubBus) Owner(key string) string {
	b.hub.mu.Lock()
	next := b.hub.next
	b.hub.mu.Unlock()
	if slices.Contains(b.Servers(), next) {
		return next
	}
	return slices.MaxFunc(b.Servers(), func(x, y string) int {
		weight := func(id string) int {
			h := fnv.New32a()
			h.Write([]byte(id + key))
			return int(h.Sum32() >> 8)
		}
		return weight(x) - weight(y)
	})
}

func (b *hubBus) State() bus.State {
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	return bus.State{Shared: true, Connected: !b.cut, Servers: len(b.heard) + 1}
}

func (b *hubBus) Changed() <-chan struct{} {
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	return b.changed
}

// A site is several servers.
type site struct {
	*hub
	rooms []*room
	buses []*hubBus
}

func newSite(t *testing.T, data ...string) *site {
	s := &site{hub: newHub(t)}
	for _, folder := range data {
		s.add(folder)
	}
	return s
}

func (s *site) add(data string) *room {
	b := s.join()
	r := newRoomOn(s.t, b, data)
	s.rooms, s.buses = append(s.rooms, r), append(s.buses, b)
	s.t.Cleanup(r.end)
	return r
}

// kill ends a server without a word.
func (s *site) kill(i int) {
	s.lose(s.buses[i], true)
	s.rooms[i].end()
}
