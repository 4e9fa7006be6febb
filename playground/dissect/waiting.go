package dissect

import "time"

// Waiting holds what a client sends after it has asked for another protocol:
// until the answer is there, nobody knows what these bytes are.
type Waiting struct {
	h       *Direction
	held    []heldBytes
	size    int
	endedAt time.Time // when the client ended, if it has
}

type heldBytes struct {
	at    time.Time
	bytes []byte
}

// Held is how many bytes it holds.
func (w *Waiting) Held() int { return w.size }

// An Early is a parser that is told where the bytes end that came before the
// answer for which their sender had to wait.
type Early interface {
	Early(end int64)
}

// MaxWaiting bounds, in bytes, what is held for an answer.
const MaxWaiting = 64 << 10

// NewWaiting returns what holds the bytes of a direction.
func NewWaiting(h *Direction) *Waiting { return &Waiting{h: h} }

// Parse holds the bytes.
func (w *Waiting) Parse(p []byte) int {
	p = p[:min(len(p), MaxWaiting-w.size)]
	if last := len(w.held) - 1; last >= 0 && w.held[last].at.Equal(w.h.At) {
		w.held[last].bytes = append(w.held[last].bytes, p...)
	} else {
		w.held = append(w.held, heldBytes{w.h.At, append([]byte(nil), p...)})
	}
	w.size += len(p)
	if w.size == MaxWaiting {
		// As if these bytes were not taken yet: the next parser gets them.
		w.h.Offset += int64(len(p))
		w.Release(NewUnknown(w.h))
		w.h.Offset -= int64(len(p))
	}
	return len(p)
}

// Release gives what was held to the parser that it turned out to be for.
func (w *Waiting) Release(next Parser) {
	h := w.h
	h.Parser = next
	h.Offset -= int64(w.size)
	for _, held := range w.held {
		h.feed(held.at, held.bytes)
	}
	if h.ended {
		h.At = w.endedAt
		h.end()
	}
}

// End gives up the wait: what was held is unknown data.
func (w *Waiting) End() {
	w.endedAt = w.h.At
	u := NewUnknown(w.h)
	w.Release(u)
	u.End()
}
