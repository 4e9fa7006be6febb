package export

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
)

// A run is bytes that stand in what came before, too.
type run struct {
	fresh  int // bytes before it, which do not
	from   int // where it stands there
	length int
}

// Of two texts that are alike, as two tokens of an answer are, most is the same but for
// what has another length. What is not found is only sent.
const (
	maxAlike = 1 << 10 // bytes of a segment that is looked at, or looked for
	minRun   = 12      // bytes, for which three numbers are no more
	anchor   = 8       // bytes behind a difference that are looked for
	maxShift = 24      // bytes from where they are expected
)

// alike finds the runs of p, one behind the other.
func alike(p, before []byte) iter.Seq[run] {
	return func(yield func(run) bool) {
		if len(p) > maxAlike {
			return
		}
		end := 0 // how much is the same at the end
		for end < len(p) && end < len(before) && p[len(p)-1-end] == before[len(before)-1-end] {
			end++
		}
		if end < minRun {
			end = 0
		}
		fresh, at, from := 0, 0, 0
		for limit := len(p) - end; ; {
			n := sameStart(p[at:limit], before[from:])
			if n >= minRun {
				if !yield(run{at - fresh, from, n}) {
					return
				}
				fresh = at + n
			}
			at, from = at+n, from+n
			if at+2*anchor > limit || from >= len(before) {
				break
			}
			found := bytes.Index(before[from:min(len(before), from+anchor+maxShift)], p[at+anchor:at+2*anchor])
			if found < 0 {
				break
			}
			at, from = at+anchor, from+found
			for at > fresh && from > 0 && p[at-1] == before[from-1] {
				at, from = at-1, from-1
			}
		}
		if end > 0 {
			yield(run{len(p) - end - fresh, len(before) - end, end})
		}
	}
}

// sameStart is how many bytes are the same at the start.
func sameStart(a, b []byte) (n int) {
	most := min(len(a), len(b))
	for ; n+8 <= most; n += 8 {
		if differ := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); differ != 0 {
			return n + bits.TrailingZeros64(differ)/8
		}
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}
