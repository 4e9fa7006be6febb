// Package dissecttest cuts bytes into pieces, for the tests of the dissectors:
// what they find does not depend on how the bytes were split.
package dissecttest

import "math/rand/v2"

// Whole leaves the bytes in one piece.
func Whole(p []byte) [][]byte { return [][]byte{p} }

// Bytewise cuts after each byte.
func Bytewise(p []byte) [][]byte {
	var parts [][]byte
	for i := range p {
		parts = append(parts, p[i:i+1])
	}
	return parts
}

// Randomly returns a function that cuts anywhere.
func Randomly(r *rand.Rand) func([]byte) [][]byte {
	return func(p []byte) (parts [][]byte) {
		for len(p) > 0 {
			n := 1 + r.IntN(min(len(p), 1+r.IntN(64)))
			parts = append(parts, p[:n])
			p = p[n:]
		}
		return parts
	}
}

// NewRand returns a source that gives the same numbers each time.
func NewRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// AlmostUTF8 are bytes that come near to UTF-8 often.
func AlmostUTF8(r *rand.Rand) []byte {
	p := make([]byte, r.IntN(12))
	for i := range p {
		p[i] = "a\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF\xBB"[r.IntN(26)]
	}
	return p
}
