package view

import (
	"html"
	"strings"

	"github.com/a-h/templ"

	"seewire/lessons"
)

// rendered writes what the lessons package has rendered.
func rendered(h lessons.HTML) templ.Component { return templ.Raw(string(h)) }

// commands writes the text of a terminal block with its placeholders filled.
// It is not a templ component because every space in it counts.
func commands(p Page, text, capture string) templ.Component {
	fill := func(name, value string) string {
		return `<span data-fill="` + name + `">` + html.EscapeString(value) + `</span>`
	}
	return templ.Raw(strings.NewReplacer(
		"{base}", fill("base", p.Base),
		"{wsbase}", fill("wsbase", p.SocketBase()),
		"{capture}", fill("capture", capture),
	).Replace(html.EscapeString(text)))
}
