package wire

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrBadID is returned for an ID that is not 8 to 64 of A-Za-z0-9_-.
	ErrBadID = errors.New("wire: a capture ID has 8 to 64 of the characters A-Z, a-z, 0-9, _ and -")

	// ErrFull is returned where a limit leaves no room: for another capture,
	// or in a capture for another connection.
	ErrFull = errors.New("wire: no room for more")

	// ErrExpired is returned for a capture that the store has let go.
	ErrExpired = errors.New("wire: the capture has expired")
)

// Limits bound what is kept. All of them must be set.
type Limits struct {
	// CaptureBytes is how many bytes one capture may hold, all connections and
	// both directions together, each segment counting 64 more. When they are full,
	// it holds how each connection began, and the newest. The site's is 8 MiB.
	CaptureBytes int64

	// Captures is how many captures there may be. The site's is 2000.
	Captures int

	// TotalBytes is CaptureBytes for all captures together. The site's is
	// 512 MiB.
	TotalBytes int64

	// Connections is how many connections one capture may have. The site's is 512.
	Connections int

	// Age is how long a capture that nobody follows is kept after its last change
	// or claim, or after the last one who followed it. The site's is 30 minutes.
	Age time.Duration
}

// A Store holds captures by their IDs. When there is no room for a new one, or
// for more bytes, the peer that has most of them gives way, with the capture that
// has been still for longest. One that somebody follows goes only to make room for
// another peer, or where nothing has been recorded in it yet. So however many
// captures a peer makes, it is its own that go, once it has its share.
type Store struct {
	limits  Limits
	started time.Time
	made    func(*Capture) // nil for none
	used    atomic.Int64   // what all captures hold, against Limits.TotalBytes

	// mu is never taken by whoever holds the lock of a capture: evicting takes
	// that one after this.
	mu       sync.Mutex
	captures map[string]*Capture
	owners   map[netip.Prefix]*owner // of them

	closing, closed chan struct{}
}

// An owner is a peer with captures: those that it was the first to claim.
type owner struct {
	peer     netip.Prefix
	captures int
	used     atomic.Int64 // what they hold
}

// NewStore returns an empty store, in which captures expire until Close is
// called.
func NewStore(limits Limits) *Store {
	s := &Store{
		limits:   limits,
		started:  time.Now(),
		captures: make(map[string]*Capture),
		owners:   make(map[netip.Prefix]*owner),
		closing:  make(chan struct{}),
		closed:   make(chan struct{}),
	}
	go s.expire()
	return s
}

// OnMade has made called with each capture that is made from now on, before anything is
// recorded in it. It must not use the store. It is set before the first claim.
func (s *Store) OnMade(made func(*Capture)) { s.made = made }

// Close ends what NewStore started. It must be called once.
func (s *Store) Close() {
	close(s.closing)
	<-s.closed
}

// Claim returns the capture with this ID, for a peer. The first claim makes it,
// and the capture counts as that peer's; each later one keeps it from expiring,
// as a byte would. The error is ErrBadID or ErrFull.
func (s *Store) Claim(id string, peer netip.Prefix) (*Capture, error) {
	if !validID(id) {
		return nil, ErrBadID
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	if c, ok := s.captures[id]; ok {
		c.written.Store(s.now())
		return c, nil
	}
	o := s.owners[peer]
	if o == nil {
		o = &owner{peer: peer}
	}
	made := measure{func(o *owner) int64 { return int64(o.captures) }, int64(s.limits.Captures)}
	for len(s.captures) >= s.limits.Captures {
		if !s.evict(o, nil, made) {
			return nil, ErrFull
		}
	}
	s.owners[peer] = o // also where the last one that it had has just gone
	o.captures++
	c := &Capture{id: id, store: s, owner: o, began: time.Now()}
	c.written.Store(s.now())
	s.captures[id] = c
	if s.made != nil {
		s.made(c)
	}
	return c, nil
}

// Get returns the capture with this ID, if there is one.
func (s *Store) Get(id string) (*Capture, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	c, ok := s.captures[id]
	return c, ok
}

// Drop lets a capture go.
func (s *Store) Drop(c *Capture) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.captures[c.id] == c {
		s.remove(c)
	}
}

// Limits are those that the store was made with.
func (s *Store) Limits() Limits { return s.limits }

// Held returns how many captures there are, and how many bytes they hold.
func (s *Store) Held() (captures int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.captures), s.used.Load()
}

// full reports whether there is no room in any capture. The write that goes
// over the limit is still kept whole.
func (s *Store) full() bool {
	return s.used.Load() >= s.limits.TotalBytes
}

// trim makes room for c at the cost of others.
func (s *Store) trim(c *Capture) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := measure{func(o *owner) int64 { return o.used.Load() }, s.limits.TotalBytes}
	for s.full() && s.evict(c.owner, c, held) {
	}
}

// A measure is what an owner has of something, and how much there is for all.
type measure struct {
	of    func(*owner) int64
	total int64
}

// evict removes a capture to make room for an owner, but not the capture to
// spare. It returns false where there is none that may go.
func (s *Store) evict(by *owner, spare *Capture, has measure) bool {
	most := by
	for _, o := range s.owners {
		if has.of(o) > has.of(most) {
			most = o
		}
	}
	var first *Capture
	var turn int
	for _, c := range s.captures {
		if c == spare || has.of(c.owner) == 0 {
			continue
		}
		t, ok := turnOf(c, by, most, has)
		if ok && (first == nil || t < turn || t == turn && c.written.Load() < first.written.Load()) {
			first, turn = c, t
		}
	}
	if first == nil {
		return false
	}
	s.remove(first)
	return true
}

// turnOf says when a capture's turn to go comes, if it comes at all: the lowest
// is the first, and of the same the capture that has been still for longest. Who
// has no more than half gets room from whatever is not followed; who has more,
// only from its own captures.
func turnOf(c *Capture, by, most *owner, has measure) (turn int, ok bool) {
	followed := c.followers.Load() > 0
	tooMuch := func(o *owner) bool { return has.of(o) > has.total/2 }
	switch {
	case c.owner == most && !followed:
		return 0, true
	case c.owner == most && tooMuch(most) && c.Empty():
		return 1, true
	case c.owner == most && tooMuch(most) && by != most:
		return 2, true
	case !followed && !tooMuch(by):
		return 3, true
	case c.owner == most && c.Empty(): // its page claims it again when something is run
		return 4, true
	}
	return 0, false
}

func (s *Store) remove(c *Capture) {
	delete(s.captures, c.id)
	if c.owner.captures--; c.owner.captures == 0 {
		delete(s.owners, c.owner.peer)
	}
	c.expire()
}

// expire removes each capture when its time has come.
func (s *Store) expire() {
	defer close(s.closed)

	timer := time.NewTimer(s.limits.Age)
	defer timer.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-timer.C:
			timer.Reset(s.sweep())
		}
	}
}

// sweep removes what has reached its age and returns the time until the next
// capture may do so.
func (s *Store) sweep() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()

	next := s.limits.Age
	for _, c := range s.captures {
		left := s.limits.Age - time.Duration(s.now()-c.written.Load())
		switch {
		case c.followers.Load() > 0:
		case left > 0:
			next = min(next, left)
		default:
			s.remove(c)
		}
	}
	return next
}

// now is the time in nanoseconds since the store was made; unlike the time of
// day it never jumps.
func (s *Store) now() int64 {
	return int64(time.Since(s.started))
}

// validID reports whether an ID may name a capture. It appears in addresses
// and file names as it is.
func validID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, r := range id {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-':
		default:
			return false
		}
	}
	return true
}
