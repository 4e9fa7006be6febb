package lessons

import (
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// Highlight marks up code with the classes keyword, string, number, comment
// and name. The language is chroma's name or a file's ending ("go", "js",
// "bash"); one that chroma does not know is escaped and left plain. The text
// itself is not changed.
func Highlight(language, source string) HTML {
	lexer := lexers.Get(language)
	if lexer == nil {
		return HTML(html.EscapeString(source))
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(&chroma.TokeniseOptions{State: "root"}, source)
	if err != nil {
		return HTML(html.EscapeString(source))
	}
	var out strings.Builder
	left := len(source) // some lexers add a newline at the end, which is not the source's
	for token := range tokens.Stdlib() {
		value := token.Value[:min(len(token.Value), left)]
		left -= len(value)
		text := html.EscapeString(value)
		if class := class(token.Type); class != "" && strings.TrimSpace(value) != "" {
			text = `<span class="` + class + `">` + text + `</span>`
		}
		out.WriteString(text)
	}
	return HTML(out.String())
}

// class maps chroma's many kinds of token to the few that have a colour.
func class(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment):
		return "comment"
	case t.InCategory(chroma.Keyword):
		return "keyword"
	case t.InSubCategory(chroma.LiteralString):
		return "string"
	case t.InSubCategory(chroma.LiteralNumber):
		return "number"
	case t == chroma.NameFunction, t == chroma.NameBuiltin, t == chroma.NameTag, t == chroma.NameAttribute:
		return "name"
	}
	return ""
}
