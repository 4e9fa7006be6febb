package bus

import (
	"crypto/rand"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

const (
	// beat is how often a server says that it is there.
	beat = time.Second

	// silence is after how long without a word a server counts as gone.
	silence = 3 * beat

	// serversSubject has what servers say of themselves: a word and their ID.
	serversSubject = "servers"
)

// What a server says: that it has come, which others answer at once, that it is
// there, and that it goes.
const (
	hello = "hello"
	there = "there"
	bye   = "bye"
)

func newID() string { return rand.Text()[:13] } // 65 bits

// ID is this server's name among the servers of the site, another one after each
// start. It is of A-Z and 2-7.
func (b *Bus) ID() string { return b.id }

// Servers are the IDs of those that there are, this one's among them, sorted. One that
// has gone without a word is among them for 3 seconds more.
func (b *Bus) Servers() []string { return slices.Clone(*b.servers.Load()) }

// Several tells whether there are other servers. It costs next to nothing.
func (b *Bus) Several() bool { return len(*b.servers.Load()) > 1 }

// Owner is the server that a key belongs to. All servers that hear of each other name
// the same one, and when one goes, what belongs to the others stays where it is
// (rendezvous hashing).
func (b *Bus) Owner(key string) string {
	servers := *b.servers.Load()
	if len(servers) == 1 {
		return servers[0]
	}
	var owner string
	var most uint64
	for _, id := range servers {
		h := fnv.New64a()
		h.Write([]byte(id))
		h.Write([]byte(key))
		if weight := mix(h.Sum64()); owner == "" || weight > most {
			owner, most = id, weight
		}
	}
	return owner
}

// mix has every bit of x count for every bit of the result (the finalizer of
// SplitMix64): keys that differ at their end differ in FNV's lower bits only.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// A State is how a bus stands to the NATS server that it has joined.
type State struct {
	Shared    bool      // it was given the URL of one
	Connected bool      // it reaches it
	Since     time.Time // when that changed last, or when the bus was made
	Servers   int       // that there are, with this one
}

// State returns how the bus stands now.
func (b *Bus) State() State {
	state := State{Servers: len(*b.servers.Load())}
	if s := b.shared; s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		state.Shared, state.Connected, state.Since = true, s.connected, s.since
	}
	return state
}

// Changed returns a channel that is closed when Servers or State change next. To miss
// nothing, ask for the channel first. It is nil for a bus of this process alone.
func (b *Bus) Changed() <-chan struct{} {
	if b.shared == nil {
		return nil
	}
	b.shared.mu.Lock()
	defer b.shared.mu.Unlock()
	return b.shared.changed
}

// attend says that this server is there until the bus is closed.
func (s *shared) attend() {
	defer s.ended.Done()
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-s.closing:
			return
		case <-ticker.C:
		}
		s.say(there)
		// Where this process itself stood still, what others said waits to be read.
		now := time.Now()
		still := max(0, now.Sub(last)-2*beat)
		last = now
		s.mu.Lock()
		for id, heard := range s.heard {
			s.heard[id] = heard.Add(still)
		}
		s.count()
		s.mu.Unlock()
	}
}

// say tells the other servers something of this one.
func (s *shared) say(word string) { s.publish(serversSubject, []byte(word+" "+s.bus.id)) }

// hear is called with what the other servers say of themselves.
func (s *shared) hear(data []byte) {
	word, id, _ := strings.Cut(string(data), " ")
	if len(id) != len(s.bus.id) || id == s.bus.id {
		return
	}
	s.mu.Lock()
	if s.connected {
		s.heard[id] = time.Now()
	}
	if word == bye {
		delete(s.heard, id)
	}
	s.count()
	s.mu.Unlock()
	if word == hello {
		s.say(there)
	}
}

// count makes the list of the servers there are; mu is held.
func (s *shared) count() {
	ids := []string{s.bus.id}
	for id, heard := range s.heard {
		if time.Since(heard) >= silence {
			delete(s.heard, id)
			continue
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if before := *s.bus.servers.Load(); !slices.Equal(ids, before) {
		s.bus.servers.Store(&ids)
		s.log.Info("other servers come or go", "servers", len(ids))
		s.wake()
	}
}
