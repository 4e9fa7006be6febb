package dissect

import (
	"testing"

	"seewire/playground/dissect/internal/dissecttest"

	"golang.org/x/text/encoding/unicode"
)

// golang.org/x/text decodes as browsers do, one U+FFFD for a maximal part of
// an ill-formed sequence.
func TestDecode(t *testing.T) {
	r := dissecttest.NewRand()
	decoder := unicode.UTF8.NewDecoder()
	for range 20000 {
		p := dissecttest.AlmostUTF8(r)
		want, err := decoder.Bytes(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := Decode(p); got != string(want) {
			t.Fatalf("%x: got %q, want %q", p, got, want)
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
		got, isHex := Readable([]byte(bytes))
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
	if got := Clip("帧帧", 4); got != "帧…" {
		t.Errorf("clip: got %q", got)
	}
	if got := ClipTail("帧帧", 4); got != "…帧" {
		t.Errorf("clipTail: got %q", got)
	}
	if got := Clip("帧", 3); got != "帧" {
		t.Errorf("clip: got %q", got)
	}
}
