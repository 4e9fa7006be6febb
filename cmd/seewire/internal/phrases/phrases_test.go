package phrases

import (
	"strings"
	"testing"

	"seewire/lessons"
	"seewire/playground/dissect"
)

// Names of close codes and reasons are the course's; what stands in a text is
// no placeholder, and nothing that a terminal would obey.
func TestLine(t *testing.T) {
	words := lessons.Words{
		"language.tag":        "en",
		"say.websocket.close": "Close {text} {close}", "say.payload": " · {text}", "say.bytes": ", {bytes}",
		"viewer.close.1000": "normal closure", "viewer.bytes": "{count} {count|one:byte|other:bytes}",
	}
	for _, test := range []struct {
		say  []dissect.Phrase
		want string
	}{
		{[]dissect.Phrase{{Key: "websocket.close", Text: "1000"}, {Key: "payload", Text: "a\n{close}\x1b"}}, `Close 1000 normal closure · a\n{close}\u001b`},
		{[]dissect.Phrase{{Key: "websocket.close", Text: "4001"}}, "Close 4001"},
		{[]dissect.Phrase{{Key: "websocket.close"}, {Key: "bytes", Count: 1}, {Key: "bytes", Count: 2}}, "Close  , 1 byte, 2 bytes"},
	} {
		if got := NewLines(words).Line(test.say); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// What a line has of a text is its beginning, made visible.
func TestTextOfALine(t *testing.T) {
	for n := lineText - 2; n <= lineText+2; n++ {
		for _, text := range []string{"", "a", "\n", "字", "…", "\xff", "ab", "字字", "\x1b字a"} {
			for _, text := range []string{strings.Repeat("x", n) + text, text + strings.Repeat("x", n), strings.Repeat("字", n) + text} {
				if got, want := string(appendText(nil, text)), Visible(Shortened(text, lineText)); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		}
	}
}

// A dissection has a line for each of thousands of frames: it takes the memory of its
// text, and of its numbers.
func TestLineAllocates(t *testing.T) {
	words := lessons.Words{
		"language.tag": "en",
		"say.chunk":    "chunk, {bytes}", "say.payload": " · {text}",
		"viewer.bytes": "{count} {count|one:byte|other:bytes}",
	}
	say := []dissect.Phrase{{Key: "chunk", Count: 1207}, {Key: "payload", Text: strings.Repeat("a text ", 20)}}
	lines := NewLines(words)
	if n := testing.AllocsPerRun(100, func() { lines.Line(say) }); n > 2 {
		t.Errorf("a line takes %v allocations", n)
	}
}

func TestPlainText(t *testing.T) {
	const markup = "<p>The <a href=\"/en/fields#x\" title=\"a &gt; b\">last\nframe</a> &amp; <code>1 &lt; 2</code></p>\n<p>字</p>\n"
	if got, want := PlainText(markup), "The last frame & 1 < 2 字"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
