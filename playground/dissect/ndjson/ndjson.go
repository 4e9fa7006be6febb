// Package ndjson dissects JSON that comes line by line, as application/x-ndjson, and
// the elements of an array that comes alone.
package ndjson

import (
	"bytes"
	"encoding/json"
	"slices"

	"seewire/playground/dissect"
)

// field are the names of such lines.
var field = dissect.Filled(struct {
	Value   string `field:"ndjson.value"`
	LineEnd string `field:"ndjson.line_end"`
	Element string `field:"json.value"`
	Between string `field:"json.between"`
}{})

// say are the phrases of the dissector.
var say = dissect.Filled(struct {
	Line    string `field:"ndjson.line"`
	Blank   string `field:"ndjson.blank"`
	Between string `field:"json.between"`
}{})

// invalid is all that can be wrong with a line.
const invalid = 0

var rules = [...]dissect.Violation{invalid: {Code: "ndjson.json", Section: "RFC 8259 §2"}}

// Names lists the fields that the dissector can emit.
func Names() []string { return dissect.Tags(field) }

// Phrases lists the keys of what a frame of the dissector can say.
func Phrases() []string { return dissect.Tags(say) }

// Violations lists what can be wrong with a frame of the dissector.
func Violations() []dissect.Violation { return slices.Clone(rules[:]) }

// MediaTypes are those under which it is sent.
func MediaTypes() []string {
	return []string{"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}
}

// maxLine bounds a line that is looked at as a whole, in bytes.
const maxLine = 1 << 20

// Is tells whether bytes are lines of JSON, more than one, of which the last may be
// cut. Of a longer text the first lines are looked at.
func Is(p []byte) bool {
	const looked = 64
	n := 0
	for line := range bytes.Lines(p) {
		value := bytes.TrimSpace(line)
		switch {
		case len(value) == 0:
		case value[0] != '{' && value[0] != '[', !json.Valid(value):
			return n > 0 && line[len(line)-1] != '\n'
		default:
			n++
		}
		if n == looked {
			break
		}
	}
	return n > 1
}

// A reader reads the lines of one direction.
type reader struct {
	h    *dissect.Direction
	line []byte

	carrier dissect.Carrier
	inside  int64 // where lines stand that come under a coding: they have no bytes of their own
}

// Inflated reads the lines of a body that comes under a coding.
func Inflated(h *dissect.Direction, carrier dissect.Carrier) dissect.Content {
	return &reader{h: h, carrier: carrier}
}

// Write implements dissect.Content.
func (r *reader) Write(p []byte) int { return r.Parse(p) }

// Inside implements dissect.Content.
func (r *reader) Inside(offset int64) { r.inside = offset }

// New reads lines of JSON.
func New(h *dissect.Direction) dissect.Parser { return &reader{h: h} }

func (r *reader) Parse(p []byte) int {
	n := min(len(p), maxLine-len(r.line))
	if end := bytes.IndexByte(p[:n], '\n'); end >= 0 {
		n = end + 1
	}
	r.line = append(r.line, p[:n]...)
	if r.line[len(r.line)-1] == '\n' || len(r.line) == maxLine {
		r.emit(r.h.Offset+int64(n), false)
	}
	return n
}

func (r *reader) End() {
	if len(r.line) > 0 {
		r.emit(r.h.Offset, true)
	}
}

// emit shows the line, which ends at the offset. One that the end of the body ends
// is whole if it is JSON.
func (r *reader) emit(end int64, last bool) {
	value := bytes.TrimRight(r.line, "\r\n")
	f := dissect.Frame{
		Offset: end - int64(len(r.line)), Length: len(r.line), Protocol: "ndjson", Kind: "line",
		Say: []dissect.Phrase{dissect.Text(say.Line, dissect.Decode(value[:min(len(value), dissect.MaxPhrase+4)]))},
	}
	switch valid := json.Valid(value); {
	case len(bytes.TrimSpace(value)) == 0:
		f.Kind, f.Say = "blank", []dissect.Phrase{{Key: say.Blank}}
	case !valid && last:
		f.Incomplete = true
	case !valid:
		f.Violations = []dissect.Violation{rules[invalid]}
	}
	var l dissect.FieldList
	l.AddBytes(field.Value, len(value), value)
	l.Add(field.LineEnd, len(r.line)-len(value), dissect.Escape(string(r.line[len(value):])))
	f.Fields = l.Fields
	if r.carrier.Inflated {
		f.Offset, f.Length, f.Fields = r.inside, 0, []dissect.Field{}
		f.Stream, f.Exchange = r.carrier.Stream, r.carrier.Exchange
	}
	r.line = r.line[:0]
	r.h.Emit(f)
}
