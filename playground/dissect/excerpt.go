package dissect

// maxValue bounds, in bytes of the wire, what a field's value shows. The bytes
// themselves are in the capture.
const maxValue = 64 << 10

// An excerpt keeps the start of what is too long to keep, and counts the rest.
type excerpt struct {
	start []byte
	n     int
}

func (e *excerpt) write(p []byte) {
	e.n += len(p)
	if room := maxValue - len(e.start); room > 0 {
		e.start = append(e.start, p[:min(room, len(p))]...)
	}
}

func (e *excerpt) reset() { e.start, e.n = e.start[:0], 0 }
