package view

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// A RecordedFrame is a frame of a capture for a reader without JavaScript.
type RecordedFrame struct {
	Side    string // "sse" or "ws"
	From    string // "client" or "server"
	Time    string // since the start, in seconds: "0.503"
	Summary string
	Bytes   []byte
	More    int // how many bytes of the frame are not in Bytes
	Fields  []RecordedField
	Open    bool // unfolded from the start
}

// A RecordedField is a field of a RecordedFrame.
type RecordedField struct {
	Name           string
	Offset, Length int // in Bytes
	Value          string
	Covered        string // what was covered of the value, and why; "" for nothing
}

// punctuation are the fields that hold no content and only keep others apart.
// They share the grey tint, and a list of fields leaves them out.
var punctuation = regexp.MustCompile(`(\.colon|\.space|[._]end|_boundary|sse\.blank)$`)

// tint is a field's colour, the same wherever the field appears: the viewer
// computes the same from its name (static/js/elements/frames/tint.js). The
// factor was chosen so that fields which stand beside each other differ.
func tint(name string) string {
	if punctuation.MatchString(name) {
		return "tint-8"
	}
	sum := 0
	for i := range len(name) {
		sum = (sum*3707 + int(name[i])) % 65521
	}
	return fmt.Sprintf("tint-%d", sum%7+1)
}

// content are the fields that hold something.
func (f RecordedFrame) content() []RecordedField {
	return slices.DeleteFunc(slices.Clone(f.Fields), func(field RecordedField) bool { return punctuation.MatchString(field.Name) })
}

// perLine is how many bytes a line of a dump has.
const perLine = 16

// dump writes the frame's bytes, a line with its offset, in hexadecimal and as
// ASCII, each field in its colour. A byte that several fields share has the
// colour of the first.
func (f RecordedFrame) dump() templ.Component {
	var out strings.Builder
	for line := 0; line < len(f.Bytes); line += perLine {
		var digits, text []string
		end := min(len(f.Bytes), line+perLine)
		for at := line; at < end; {
			next, class := f.run(at)
			next = min(next, end)
			digits = append(digits, fmt.Sprintf(`<span class="%s">% x</span>`, class, f.Bytes[at:next]))
			text = append(text, fmt.Sprintf(`<span class="%s">%s</span>`, class, html.EscapeString(printable(f.Bytes[at:next]))))
			at = next
		}
		fmt.Fprintf(&out, `<span class="line"><span class="at">%04x</span><span class="hex">%s</span><span class="text">%s</span></span>`,
			line, strings.Join(digits, " "), strings.Join(text, ""))
	}
	return templ.Raw(out.String())
}

// run finds how far the field at a byte goes, and its colour. Bytes of no
// field belong to a frame inside this one.
func (f RecordedFrame) run(at int) (end int, class string) {
	end = len(f.Bytes)
	for _, field := range f.Fields {
		if field.Offset <= at && at < field.Offset+field.Length {
			return min(end, field.Offset+field.Length), tint(field.Name)
		}
	}
	for _, field := range f.Fields {
		if field.Offset > at && field.Length > 0 {
			end = min(end, field.Offset)
		}
	}
	return end, "tint-none"
}

// printable is bytes as ASCII, with a dot for each that has no sign there.
func printable(b []byte) string {
	text := make([]rune, len(b))
	for i, one := range b {
		if text[i] = rune(one); one < ' ' || one > '~' {
			text[i] = '·'
		}
	}
	return string(text)
}

// place says which bytes of the frame the field has: "0", "2–5".
func (f RecordedField) place() string {
	if f.Length <= 1 {
		return fmt.Sprint(f.Offset)
	}
	return fmt.Sprintf("%d–%d", f.Offset, f.Offset+f.Length-1)
}

// arrow points down for what the server sent and up for what the client sent.
func arrow(from string) string {
	if from == "client" {
		return "↑"
	}
	return "↓"
}
