package container

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// outline writes the containers and what is in them as one line.
func outline(node ast.Node) string {
	var inside []string
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		if child.Type() == ast.TypeBlock {
			inside = append(inside, outline(child))
		}
	}
	name := node.Kind().String()
	if c, ok := node.(*Container); ok {
		name = ":" + c.Name
		if !c.Closed {
			name += "(open)"
		}
	}
	if len(inside) == 0 {
		return name
	}
	return name + "[" + strings.Join(inside, " ") + "]"
}

func TestContainers(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"one", ":::a\nword\n:::\n", "Document[:a[Paragraph]]"},
		{"empty", ":::a {x=1}\n:::\n", "Document[:a]"},
		{"after a paragraph", "word\n:::a\n:::\nword\n", "Document[Paragraph :a Paragraph]"},
		{"two", ":::a\n:::\n:::b\n:::\n", "Document[:a :b]"},
		{"nested", ":::a\nword\n\n:::b\n1. x\n2. y\n:::\n\nword\n:::\n", "Document[:a[Paragraph :b[List[ListItem[TextBlock] ListItem[TextBlock]]] Paragraph]]"},
		{"closed in a list", ":::a\n1. x\n:::\nword\n", "Document[:a[List[ListItem[TextBlock]]] Paragraph]"},
		{"closed in a quote", ":::a\n> x\n:::\nword\n", "Document[:a[Blockquote[Paragraph]] Paragraph]"},
		{"code keeps its colons", ":::a\n```\n:::\n```\n:::\n", "Document[:a[FencedCodeBlock]]"},
		{"not closed", ":::a\nword\n", "Document[:a(open)[Paragraph]]"},
		{"no name", ":::\n", "Document[Paragraph]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := goldmark.New(goldmark.WithExtensions(Extension{}))
			got := outline(m.Parser().Parse(text.NewReader([]byte(c.in))))
			if got != c.want {
				t.Errorf("%q\n got %s\nwant %s", c.in, got, c.want)
			}
		})
	}
}

func TestRender(t *testing.T) {
	var out strings.Builder
	m := goldmark.New(goldmark.WithExtensions(Extension{}))
	if err := m.Convert([]byte("- :::a\n  word\n  :::\n"), &out); err != nil {
		t.Fatal(err)
	}
	if want := "<ul>\n<li>\n<p>word</p>\n</li>\n</ul>\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "#"},
		{"{}", "#"},
		{"{#look}", "#look"},
		{"{#a cut=5 how=reset}", "#a cut=5 how=reset"},
		{`{how="a b" cut=5}`, "# cut=5 how=a b"},
		{`{stream="data: x\n"}`, `# stream=data: x\n`},
		{"{empty=}", "# empty="},
		{"cut=5", `settings "cut=5" are not in braces`},
		{"{cut=5", `settings "{cut=5" are not in braces`},
		{"{cut}", `setting "cut" is neither #id nor key=value`},
		{"{=5}", `setting "=5" is neither #id nor key=value`},
		{"{a=1 a=2}", `setting "a" stands twice`},
		{"{#a #b}", `setting "#b": a block has one id`},
		{`{a="b}`, `setting "a": the quote is not closed`},
	} {
		t.Run(c.in, func(t *testing.T) {
			s, err := ParseSettings(c.in)
			got := "#" + s.ID
			for _, key := range slices.Sorted(maps.Keys(s.Values)) {
				got += fmt.Sprintf(" %s=%s", key, s.Values[key])
			}
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
