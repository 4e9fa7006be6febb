package dissect

// MaxValue bounds, in bytes of the wire, what a field's value shows. The bytes
// themselves are in the capture.
const MaxValue = 64 << 10

// An Excerpt keeps the start of what is too long to keep, and counts the rest.
type Excerpt struct {
	Start []byte
	N     int
}

// Write takes more of it.
func (e *Excerpt) Write(p []byte) {
	e.N += len(p)
	if room := MaxValue - len(e.Start); room > 0 {
		e.Start = append(e.Start, p[:min(room, len(p))]...)
	}
}

// Reset begins another.
func (e *Excerpt) Reset() { e.Start, e.N = e.Start[:0], 0 }
