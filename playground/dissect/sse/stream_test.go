package sse

import (
	"bytes"
	"testing"
)

// A line ends at the first of both, wherever they are.
func TestLineEnd(t *testing.T) {
	places := []int{-1, 0, 1, 7, 1023, 1024, 1025, 2999}
	for _, cr := range places {
		for _, lf := range places {
			p := bytes.Repeat([]byte("x"), 3000)
			if cr >= 0 {
				p[cr] = '\r'
			}
			if lf >= 0 {
				p[lf] = '\n'
			}
			if got, want := lineEnd(p), bytes.IndexAny(p, "\r\n"); got != want {
				t.Errorf("CR at %d, LF at %d: the line ends at %d, want %d", cr, lf, got, want)
			}
		}
	}
}
