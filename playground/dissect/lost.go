package dissect

import "bytes"

// maxLostLine bounds the line that a Lost looks at, in bytes.
const maxLostLine = 8 << 10

// A Lost shows bytes as unknown data up to the next line that a parser knows how
// to go on with: one bad line is not to cost all that comes after it.
type Lost struct {
	h      *Direction
	u      *unknown
	line   []byte // so far
	long   bool   // it is longer than what is looked for
	starts func(line []byte) bool
	next   func() Parser
}

// Lose goes on as unknown data, the last taken bytes included, until starts knows
// a line: that one, and what comes after it, is for the parser that next returns.
func (h *Direction) Lose(taken []byte, n int, starts func(line []byte) bool, next func() Parser, violations ...Violation) {
	u := &unknown{h: h, violations: violations}
	h.replay(taken, n, u.Parse)
	h.Parser = &Lost{h: h, u: u, starts: starts, next: next}
}

// Parse implements Parser.
func (l *Lost) Parse(p []byte) int {
	n := min(len(p), maxLostLine-len(l.line))
	if end := bytes.IndexByte(p[:n], '\n'); end >= 0 {
		n = end + 1
	}
	l.line = append(l.line, p[:n]...)
	complete := l.line[len(l.line)-1] == '\n'
	switch {
	case !complete && len(l.line) < maxLostLine:
	case complete && !l.long && l.starts(l.line):
		l.h.Offset += int64(n - len(l.line))
		l.u.End()
		l.h.Offset -= int64(n - len(l.line))
		l.h.Replay(l.line, n, l.next())
	default:
		l.h.replay(l.line, n, l.u.Parse)
		l.line, l.long = l.line[:0], !complete
	}
	return n
}

// Resume goes on behind a gap: with what it looks for, if that can.
func (l *Lost) Resume(n int64) (next Parser, sure bool) {
	next = l.next()
	if r, ok := next.(Resumer); ok {
		return r.Resume(n)
	}
	return next, false
}

// End implements Parser.
func (l *Lost) End() {
	l.h.replay(l.line, 0, l.u.Parse)
	l.u.End()
}

// Replay gives the last taken bytes to another parser, which goes on with what
// comes after them. They are those before the direction's offset plus n, the part of
// p that is being parsed.
func (h *Direction) Replay(taken []byte, n int, next Parser) {
	h.Parser = next
	h.replay(taken, n, func(p []byte) int { return h.Parser.Parse(p) })
}

func (h *Direction) replay(taken []byte, n int, parse func(p []byte) int) {
	offset := h.Offset
	h.Offset += int64(n - len(taken))
	for len(taken) > 0 {
		m := parse(taken)
		h.Offset += int64(m)
		taken = taken[m:]
	}
	h.Offset = offset
}
