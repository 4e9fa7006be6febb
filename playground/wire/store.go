package wire

import (
	"errors"
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
	// both directions together, each segment counting 64 more. The site's is
	// 8 MiB.
	CaptureBytes int64

	// Captures is how many captures there may be. The site's is 1000.
	Captures int

	// TotalBytes is CaptureBytes for all captures together. The site's is
	// 512 MiB.
	TotalBytes int64

	// Connections is how many connections one capture may have. The site's is 64.
	Connections int

	// Age is how long a capture is kept after its last change or claim. The
	// site's is 30 minutes.
	Age time.Duration
}

// A Store holds captures by their IDs. When there is no room for a new one, or
// for more bytes, the capture that has been still for longest goes first,
// unless somebody follows it.
type Store struct {
	limits  Limits
	started time.Time
	used    atomic.Int64 // what all captures hold, against Limits.TotalBytes

	// mu is never taken by whoever holds the lock of a capture: evicting takes
	// that one after this.
	mu       sync.Mutex
	captures map[string]*Capture

	closing, closed chan struct{}
}

// NewStore returns an empty store, in which captures expire until Close is
// called.
func NewStore(limits Limits) *Store {
	s := &Store{
		limits:   limits,
		started:  time.Now(),
		captures: make(map[string]*Capture),
		closing:  make(chan struct{}),
		closed:   make(chan struct{}),
	}
	go s.expire()
	return s
}

// Close ends what NewStore started. It must be called once.
func (s *Store) Close() {
	close(s.closing)
	<-s.closed
}

// Claim returns the capture with this ID. The first claim makes it; each later
// one keeps it from expiring, as a byte would. The error is ErrBadID or ErrFull.
func (s *Store) Claim(id string) (*Capture, error) {
	if !validID(id) {
		return nil, ErrBadID
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	if c, ok := s.captures[id]; ok {
		c.written.Store(s.now())
		return c, nil
	}
	for len(s.captures) >= s.limits.Captures {
		if !s.evict(nil) {
			return nil, ErrFull
		}
	}
	c := &Capture{id: id, store: s}
	c.written.Store(s.now())
	s.captures[id] = c
	return c, nil
}

// Get returns the capture with this ID, if there is one.
func (s *Store) Get(id string) (*Capture, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	c, ok := s.captures[id]
	return c, ok
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
	for s.full() && s.evict(c) {
	}
}

// evict removes the capture that has been still for longest and that nobody
// follows, but not the one to spare. It returns false where there is none.
func (s *Store) evict(spare *Capture) bool {
	var stillest *Capture
	for _, c := range s.captures {
		if c == spare || c.followers.Load() > 0 {
			continue
		}
		if stillest == nil || c.written.Load() < stillest.written.Load() {
			stillest = c
		}
	}
	if stillest == nil {
		return false
	}
	s.remove(stillest)
	return true
}

func (s *Store) remove(c *Capture) {
	delete(s.captures, c.id)
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
		if left > 0 {
			next = min(next, left)
		} else {
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
