package dissect

import "time"

// waiting holds what a client sends after it has asked for another protocol:
// until the answer is there, nobody knows what these bytes are.
type waiting struct {
	h       *direction
	request *request
	held    []heldBytes
	size    int
	endedAt time.Time // when the client ended, if it has
}

type heldBytes struct {
	at    time.Time
	bytes []byte
}

// maxWaiting bounds, in bytes, what is held for an answer.
const maxWaiting = 64 << 10

func (w *waiting) parse(p []byte) int {
	p = p[:min(len(p), maxWaiting-w.size)]
	if last := len(w.held) - 1; last >= 0 && w.held[last].at.Equal(w.h.at) {
		w.held[last].bytes = append(w.held[last].bytes, p...)
	} else {
		w.held = append(w.held, heldBytes{w.h.at, append([]byte(nil), p...)})
	}
	w.size += len(p)
	if w.size == maxWaiting {
		// As if these bytes were not taken yet: the next parser gets them.
		w.h.offset += int64(len(p))
		w.release(&unknown{h: w.h})
		w.h.offset -= int64(len(p))
	}
	return len(p)
}

// release gives what was held to the parser that it turned out to be for.
func (w *waiting) release(next parser) {
	h := w.h
	h.parser = next
	h.offset -= int64(w.size)
	for _, held := range w.held {
		h.feed(held.at, held.bytes)
	}
	if h.ended {
		h.at = w.endedAt
		h.end()
	}
}

// end gives up the wait: what was held is unknown data.
func (w *waiting) end() {
	w.endedAt = w.h.at
	u := &unknown{h: w.h}
	w.release(u)
	u.end()
}
