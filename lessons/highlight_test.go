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
		"}", `"`, "'\\", "`${ {} `", "$((", "\"$(", "<<EOF", "f'{:", "`a\\", `f"{`, "$( \"$", "/[", "字",
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
		{"js", "`${{ a: 1 }} b` / c / 2", "<span class=\"string\">`${</span>{ a: <span class=\"number\">1</span> }<span class=\"string\">} b`</span> / c / <span class=\"number\">2</span>"},
		{"js", "#!/usr/bin/env node", `<span class="comment">#!/usr/bin/env node</span>`},
		{"py", `f'''it's {a}'''; b`, `<span class="string">f&#39;&#39;&#39;it&#39;s {</span>a<span class="string">}&#39;&#39;&#39;</span>; b`},
		{"py", `f"{op:#x}{"a"}" # b`, `<span class="string">f&#34;{</span>op<span class="string">:#x}{&#34;a&#34;}&#34;</span> <span class="comment"># b</span>`},
		{"py", "def a(): pass", `<span class="keyword">def</span> <span class="name">a</span>(): <span class="keyword">pass</span>`},
		{"sh", `a="$(b "$(c)")" if`, `a=<span class="string">&#34;</span>$(b <span class="string">&#34;</span>$(c)<span class="string">&#34;</span>)<span class="string">&#34;</span> <span class="keyword">if</span>`},
		{"sh", `"${a:-"b c"}" if`, `<span class="string">&#34;</span>${a:-&#34;b c&#34;}<span class="string">&#34;</span> <span class="keyword">if</span>`},
		{"sh", "cat <<EOF\nit's\nEOF\nif", "cat <span class=\"string\">&lt;&lt;EOF\nit&#39;s\nEOF</span>\n<span class=\"keyword\">if</span>"},
		{"nginx", "a http://${b}:1;", `<span class="keyword">a</span> <span class="string">http://</span>${b}<span class="string">:1</span>;`},
	} {
		if got := Highlight(c.language, c.source); string(got) != c.want {
			t.Errorf("%s %q\n got %s\nwant %s", c.language, c.source, got, c.want)
		}
	}
}
