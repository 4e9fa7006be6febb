package ndjson

import (
	"bytes"
	"encoding/json"
	"regexp"

	"seewire/playground/dissect"
)

// arrayStart is how an array of objects begins, of which the rest may be missing.
var arrayStart = regexp.MustCompile(`\A\s*\[\s*\{\s*"[^"\\]*"\s*:`)

// IsJSON tells whether bytes are one value of JSON, or the start of an array of objects.
func IsJSON(p []byte) bool {
	start := bytes.TrimSpace(p[:min(len(p), 64)])
	return len(start) > 0 && (start[0] == '{' || start[0] == '[') && (json.Valid(p) || arrayStart.Match(p[:min(len(p), 4<<10)]))
}

// An array reads one value of JSON: of an array, each element is a frame.
type array struct {
	h     *dissect.Direction
	frame []byte // so far
	value int    // where the value starts in it; -1 for not yet
	end   int    // and where it ends; -1 for not yet

	begun, first bool // the bracket of the array was there; an element was
	depth        int  // of the value: open brackets
	text, escape bool // inside a string; behind a backslash in it
}

// NewArray reads one value of JSON.
func NewArray(h *dissect.Direction) dissect.Parser { return &array{h: h, value: -1, end: -1} }

func (a *array) Parse(p []byte) int {
	for i, b := range p {
		if a.end >= 0 && !white(b) { // the next element, or the end
			a.emit(a.h.Offset + int64(i))
			if a.h.Description.Over() {
				return i
			}
		}
		a.frame = append(a.frame, b)
		if a.next(b); len(a.frame) == maxLine {
			a.emit(a.h.Offset + int64(i) + 1)
			a.h.Parser = dissect.NewUnknown(a.h)
			return i + 1
		}
	}
	return len(p)
}

// next goes on with a byte, which is the frame's last.
func (a *array) next(b byte) {
	at := len(a.frame) - 1
	switch {
	case a.escape:
		a.escape = false
	case a.text:
		a.escape, a.text = b == '\\', b != '"'
	case a.value < 0 && (white(b) || b == ','):
		return
	case a.value < 0 && b == '[' && !a.begun:
		a.begun = true
		return
	case a.value < 0 && b == ']':
		return
	case a.value >= 0 && a.end < 0 && a.depth == 0 && (white(b) || b == ',' || b == ']'):
		a.end = at // of a number, or a name
		return
	case b == '"':
		a.text = true
	case b == '{' || b == '[':
		a.depth++
	case b == '}' || b == ']':
		a.depth--
	}
	if a.value < 0 {
		a.value = at
	}
	if a.end < 0 && a.depth <= 0 && !a.text && (b == '}' || b == ']' || b == '"') {
		a.end = at + 1
	}
}

func white(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func (a *array) End() {
	if len(a.frame) > 0 {
		a.emit(a.h.Offset)
	}
}

// emit shows an element with what stands before it, or what is behind the last one. The
// frame ends at the offset.
func (a *array) emit(end int64) {
	f := dissect.Frame{
		Offset: end - int64(len(a.frame)), Length: len(a.frame), Protocol: "json", Kind: "between",
		Say: []dissect.Phrase{{Key: say.Between}},
	}
	var l dissect.FieldList
	if a.value < 0 {
		l.AddBytes(field.Between, len(a.frame), a.frame)
	} else {
		rest := a.frame[a.value:]
		value := rest
		if a.end >= 0 {
			value = rest[:a.end-a.value]
		}
		f.Kind, f.Say = "element", []dissect.Phrase{dissect.Text(say.Line, dissect.Decode(value[:min(len(value), dissect.MaxPhrase+4)]))}
		l.AddBytes(field.Between, a.value, a.frame[:a.value])
		l.AddBytes(field.Element, len(value), value)
		l.AddBytes(field.Between, len(rest)-len(value), rest[len(value):])
		switch {
		case a.end < 0:
			f.Incomplete = true
		case !json.Valid(value):
			f.Violations = append(f.Violations, rules[invalid])
		}
		if !a.first {
			f.Violations = append(f.Violations, a.h.Protocols.Mistyped(a.frame)...)
		}
		a.first = true
	}
	f.Fields = l.Fields
	a.frame, a.value, a.end, a.depth, a.text, a.escape = a.frame[:0], -1, -1, 0, false, false
	a.h.Emit(f)
}
