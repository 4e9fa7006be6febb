package lessons

import (
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// Highlight marks up code with the classes keyword, string, number, comment
// and name. The language is one of lexers ("go", "js", "sh"), by its name or by
// a file's ending; another is escaped and left plain. The text itself is not
// changed.
func Highlight(language, source string) HTML {
	lexer, known := lexers[language]
	if !known {
		return HTML(html.EscapeString(source))
	}
	tokens, err := lexer().Tokenise(&chroma.TokeniseOptions{State: "root"}, source)
	if err != nil {
		return HTML(html.EscapeString(source))
	}
	var out strings.Builder
	for token := range tokens.Stdlib() {
		text := html.EscapeString(token.Value)
		if class := classes[token.Type]; class != "" {
			text = `<span class="` + class + `">` + text + `</span>`
		}
		out.WriteString(text)
	}
	return HTML(out.String())
}

// classes are those of the tokens that have a colour.
var classes = map[chroma.TokenType]string{
	chroma.Comment:       "comment",
	chroma.Keyword:       "keyword",
	chroma.LiteralString: "string",
	chroma.LiteralNumber: "number",
	chroma.NameBuiltin:   "name",
	chroma.NameFunction:  "name",
	chroma.NameTag:       "name",
}
