package watch

import (
	"sync"
	"time"

	"seewire/playground/http2frame"
)

// A send is on its way to one side of a connection of HTTP/2: a unit, or the end.
type send struct {
	unit
	stream  *stream // nil where it is of the connection as a whole
	free    bool    // no fault is for it
	last    bool    // nothing more comes on the stream
	answers bool    // it is the head of the response
	ends    bool    // it stands for an end in good order
	at      time.Time
	close   string // how the side has stopped sending; "" for a unit
}

// A way has what waits for one side. Of a stream all comes in its order; where one
// stream is held back, the others pass it.
type way struct {
	mu     sync.Mutex
	sends  []*send
	size   int
	within *stream // whose frame is on the wire in part
	mid    bool    // some frame is
	begun  bool    // something was sent
	ending bool
	closed bool
	scan   int
	faults bool // they are for what goes here
	news   chan struct{}
	room   sync.Cond
}

// A lane is what the way with the faults has of a stream. Under the way's mu.
type lane struct {
	content  int // bytes that wait
	released int // of those, that are no longer held back
	ends     bool
	blocked  int // the scan in which nothing more of it may go
}

func newWay(faults bool) *way {
	w := &way{faults: faults, news: make(chan struct{}, 1)}
	w.room.L = &w.mu
	return w
}

// put waits for room. Nothing is taken once the way is closed.
func (w *way) put(s *send) {
	w.mu.Lock()
	for w.size >= mostQueued && !w.closed {
		w.room.Wait()
	}
	w.mu.Unlock()
	w.putNow(s)
}

// putNow is for what this program sends by itself: it is little.
func (w *way) putNow(s *send) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	if s.stream != nil {
		s.stream.waiting.Add(1)
		if l := w.lane(s); l != nil {
			l.content += s.held()
			l.ends = l.ends || s.last
		}
	}
	w.ending = w.ending || s.close != ""
	w.sends = append(w.sends, s)
	w.size += len(s.bytes) + itemCost
	w.wake()
}

// lane is nil where no fault is for what is sent.
func (w *way) lane(s *send) *lane {
	if !w.faults || s.stream == nil || s.free {
		return nil
	}
	return &s.stream.lane
}

// held is how many bytes of a send may be held back.
func (s *send) held() int {
	if s.head.Type != http2frame.Data {
		return 0
	}
	return len(s.bytes)
}

// next takes the first send that may go. Where there is none, due is when the clock
// is to be looked at; zero for never.
func (w *way) next(now time.Time) (next *send, due time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scan++
	for i, s := range w.sends {
		l := w.lane(s)
		if l != nil && l.blocked == w.scan {
			continue
		}
		at, ok := w.ready(s, l, now, i == 0)
		if !ok {
			if l != nil {
				l.blocked = w.scan
			}
			if !at.IsZero() && (due.IsZero() || at.Before(due)) {
				due = at
			}
			continue
		}
		copy(w.sends[1:i+1], w.sends[:i])
		w.sends[0] = nil
		w.sends = w.sends[1:]
		w.size -= len(s.bytes) + itemCost
		if l != nil {
			l.content -= s.held()
			l.released = max(0, l.released-s.held())
		}
		w.room.Broadcast()
		return s, time.Time{}
	}
	return nil, due
}

// ready says whether a send may go, or when. Under mu.
func (w *way) ready(s *send, l *lane, now time.Time, first bool) (at time.Time, ok bool) {
	switch {
	case s.close != "":
		return at, first
	case w.faults && !w.begun && s.head.Type != http2frame.Settings:
		return at, false // settings come first (RFC 9113 §3.4)
	case w.mid && (s.start || s.stream != w.within):
		return at, false
	case !s.start, l == nil:
		return at, true
	}
	settings := s.stream.exchange.settings.Load()
	if settings.Delay {
		if at = s.at.Add(delay); at.After(now) {
			return at, false
		}
	}
	if settings.Hold && s.held() > 0 && l.released == 0 {
		if l.content < heldBytes && !l.ends && !w.ending {
			return time.Time{}, false
		}
		l.released = l.content
	}
	return at, true
}

// onWire notes how far the frame on the wire has come.
func (w *way) onWire(s *send) {
	w.mu.Lock()
	w.mid, w.within = !s.end, s.stream
	w.begun = true
	w.mu.Unlock()
}

// flush has nothing more of a stream held back.
func (w *way) flush(s *stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.lane.ends = true
	w.wake()
}

func (w *way) shut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.sends = nil
	w.room.Broadcast()
	w.wake()
}

// wake has the one who takes from the way look at what has changed.
func (w *way) wake() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}
