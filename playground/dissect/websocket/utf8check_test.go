package websocket

import (
	"testing"
	"unicode/utf8"

	"seewire/playground/dissect/internal/dissecttest"
)

func TestUTF8Check(t *testing.T) {
	r := dissecttest.NewRand()
	for range 20000 {
		p := dissecttest.AlmostUTF8(r)
		var check utf8Check
		for _, part := range dissecttest.Randomly(r)(p) {
			check.write(part)
		}
		if got := check.complete(); got != utf8.Valid(p) {
			t.Fatalf("%x: got %v, want %v", p, got, !got)
		}
		// What is not wrong yet can still become right.
		if check.valid() && !check.complete() {
			repaired := false
			for _, tail := range []string{"\x80", "\x80\x80", "\x80\x80\x80", "\xA0", "\xA0\x80", "\x90\x80", "\x90\x80\x80"} {
				repaired = repaired || utf8.ValidString(string(p)+tail)
			}
			if !repaired {
				t.Fatalf("%x: cannot become UTF-8, and was not found to be wrong", p)
			}
		}
	}
}
