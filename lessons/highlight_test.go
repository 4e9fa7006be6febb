package lessons

import (
	"html"
	"maps"
	"regexp"
	"testing"
)

var tag = regexp.MustCompile(`<[^>]*>`)

func TestHighlightKeepsTheText(t *testing.T) {
	for _, source := range []string{
		"", "x", "x\n", "const a = `<b>${1}</b>`; // c\n", "// last line", "a\r\nb\r\n\r\n", "func f() { return \"\\x00\" }", "\n\n",
		"}", `"`, "'\\", "`${ {} `", "`a\\", `f"{`, "$( \"$", "/[", "字",
	} {
		for language := range maps.Keys(lexers) {
			got := html.UnescapeString(tag.ReplaceAllString(string(Highlight(language, source)), ""))
			if got != source {
				t.Errorf("%s %q became %q", language, source, got)
			}
		}
	}
}

func TestHighlight(t *testing.T) {
	for _, c := range []struct{ language, source, want string }{
		{"js", "const a = 1; // b", `<span class="keyword">const</span> a = <span class="number">1</span>; <span class="comment">// b</span>`},
		{"go", `return "<"`, `<span class="keyword">return</span> <span class="string">&#34;&lt;&#34;</span>`},
		{"no-such-language", "a < b", "a &lt; b"},
	} {
		if got := Highlight(c.language, c.source); string(got) != c.want {
			t.Errorf("%s %q\n got %s\nwant %s", c.language, c.source, got, c.want)
		}
	}
}
