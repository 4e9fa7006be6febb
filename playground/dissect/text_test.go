package dissect

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// randomBytes are bytes that come near to UTF-8 often.
func randomBytes(r *rand.Rand) []byte {
	p := make([]byte, r.IntN(12))
	for i := range p {
		p[i] = "a\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF\xBB"[r.IntN(26)]
	}
	return p
}

// golang.org/x/text decodes as browsers do, one U+FFFD for a maximal part of
// an ill-formed sequence.
func TestDecode(t *testing.T) {
	r := newRand()
	decoder := unicode.UTF8.NewDecoder()
	for range 20000 {
		p := randomBytes(r)
		want, err := decoder.Bytes(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := decode(p); got != string(want) {
			t.Fatalf("%x: got %q, want %q", p, got, want)
		}
	}
}

func TestUTF8Check(t *testing.T) {
	r := newRand()
	for range 20000 {
		p := randomBytes(r)
		var check utf8Check
		for _, part := range randomly(r)(p) {
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

func TestReadable(t *testing.T) {
	for bytes, want := range map[string]string{
		"":               "",
		"hello\r\n\t":    "hello\r\n\t",
		"帧":              "帧",
		"帧\xE5\xB8":      "帧\uFFFD",
		"\xA7帧":          "\uFFFD帧",
		"\xE5\xB8":       "e5b8",
		"a\x00":          "6100",
		"a\xFFb":         "61ff62",
		"\x80\x80\x80":   "808080",
		"\x80\x80\x80ab": "808080" + "6162",
	} {
		got, isHex := readable([]byte(bytes))
		if bytes == "\x80\x80\x80ab" {
			// Three bytes that a boundary has cut off, and then text.
			want = "\uFFFD\uFFFD\uFFFDab"
		}
		if got != want {
			t.Errorf("%x: got %q (hex %v), want %q", bytes, got, isHex, want)
		}
	}
}

func TestClip(t *testing.T) {
	if got := clip("帧帧", 4); got != "帧…" {
		t.Errorf("clip: got %q", got)
	}
	if got := clipTail("帧帧", 4); got != "…帧" {
		t.Errorf("clipTail: got %q", got)
	}
	if got := clip("帧", 3); got != "帧" {
		t.Errorf("clip: got %q", got)
	}
}
