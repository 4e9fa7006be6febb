package view

import (
	"cmp"
	"html"
	"strings"

	"github.com/a-h/templ"

	"seewire/lessons"
)

// rendered writes what the lessons package has rendered.
func rendered(h lessons.HTML) templ.Component { return templ.Raw(string(h)) }

// listing writes highlighted code. Like commands it is not a templ component,
// because every space in it counts.
func listing(code lessons.HTML) templ.Component {
	return templ.Raw(`<pre class="code" tabindex="0"><code>` + string(code) + `</code></pre>`)
}

// commands writes the text of a terminal block with its placeholders filled.
func commands(p Page, text, capture string) templ.Component {
	fill := func(name, value string) string {
		return `<span data-fill="` + name + `">` + html.EscapeString(value) + `</span>`
	}
	filled := strings.NewReplacer(
		"{base}", fill("base", p.Base),
		"{wsbase}", fill("wsbase", p.SocketBase()),
		"{http2}", fill("http2", cmp.Or(p.HTTP2, "https://localhost:8443")),
		"{capture}", fill("capture", capture),
	).Replace(html.EscapeString(text))
	return templ.Raw(`<pre tabindex="0"><code data-part="commands">` + filled + `</code></pre>`)
}
