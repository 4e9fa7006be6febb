package view

import (
	"encoding/hex"
	"fmt"
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

// tints are how many field colours there are.
const tints = 8

// tint is the colour of the field at an index.
func tint(i int) string { return fmt.Sprintf("tint-%d", i%tints+1) }

// dump writes the frame's bytes as hexadecimal, each field in its colour. A
// byte that several fields share has the colour of the first.
func (f RecordedFrame) dump() templ.Component {
	var out strings.Builder
	for at := 0; at < len(f.Bytes); {
		end, class := f.run(at)
		out.WriteString(fmt.Sprintf(`<span class="%s">%s</span> `, class, spaced(f.Bytes[at:end])))
		at = end
	}
	return templ.Raw(out.String())
}

// run finds how far the field at a byte goes, and its colour. Bytes of no
// field belong to a frame inside this one.
func (f RecordedFrame) run(at int) (end int, class string) {
	end = len(f.Bytes)
	for i, field := range f.Fields {
		if field.Offset <= at && at < field.Offset+field.Length {
			return min(end, field.Offset+field.Length), tint(i)
		}
	}
	for _, field := range f.Fields {
		if field.Offset > at && field.Length > 0 {
			end = min(end, field.Offset)
		}
	}
	return end, "tint-none"
}

// spaced is hexadecimal with a space between bytes.
func spaced(b []byte) string {
	digits := make([]string, len(b))
	for i, one := range b {
		digits[i] = hex.EncodeToString([]byte{one})
	}
	return strings.Join(digits, " ")
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
