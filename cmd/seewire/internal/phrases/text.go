package phrases

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"seewire/lessons"
)

// Shortened shortens a text to so many characters.
func Shortened(text string, length int) string {
	if len(text) <= length {
		return text
	}
	n := 0
	for i := range text {
		if n == length {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// Visible shows what a terminal would not, or would obey.
func Visible(text string) string {
	if strings.IndexFunc(text[plainIn(text):], func(r rune) bool { return hidden(r) || r == utf8.RuneError }) < 0 {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case hidden(r):
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// plainIn is how many bytes of a text, at least, are seen as they are.
func plainIn(text string) (n int) {
	for n < len(text) && ' ' <= text[n] && text[n] <= '~' {
		n++
	}
	return n
}

// hidden tells whether a terminal would not show a character.
func hidden(r rune) bool { return !strconv.IsPrint(r) && r != '　' }

// PlainText is the text of markup: of the explanations, which have links and
// code in them.
func PlainText(markup lessons.HTML) string {
	var out strings.Builder
	for rest := string(markup); rest != ""; {
		text, tag, _ := strings.Cut(rest, "<")
		out.WriteString(text)
		_, rest, _ = strings.Cut(tag, ">") // in an attribute it is written &gt;
	}
	return strings.Join(strings.Fields(html.UnescapeString(out.String())), " ")
}
