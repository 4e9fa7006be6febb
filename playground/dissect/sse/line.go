package sse

import (
	"strings"
	"unicode/utf8"

	"seewire/playground/dissect"
)

// A textLine is a line of an event stream, taken apart at its first colon.
type textLine struct {
	name, value  string // decoded
	text         string // all of it without its end, decoded
	colon, space bool
	valid        bool   // it is UTF-8
	end          string // how it ends; empty where it was cut

	nameLength, valueLength int // in bytes of the wire
}

func splitLine(line string) textLine {
	content := strings.TrimRight(line, "\r\n")
	l := textLine{end: line[len(content):], text: content, valid: utf8.ValidString(content)}
	name, value, colon := strings.Cut(content, ":")
	l.colon = colon
	if rest, ok := strings.CutPrefix(value, " "); ok && name != "" {
		// One space after the colon is not the value's. A comment has no value.
		value, l.space = rest, true
	}
	l.name, l.nameLength = name, len(name)
	l.value, l.valueLength = value, len(value)
	if !l.valid {
		l.text, l.name, l.value = dissect.ToText(l.text), dissect.ToText(name), dissect.ToText(value)
	}
	return l
}

func (l textLine) blank() bool   { return l.nameLength == 0 && !l.colon }
func (l textLine) comment() bool { return l.nameLength == 0 && l.colon }

// says is the line as it stands, without its end.
func (l textLine) says() dissect.Phrase { return dissect.Text(say.Line, l.text) }

// valueAndLF is the value and a LF, of the line as it came: without a copy where both
// stand in it.
func (l textLine) valueAndLF(line string) string {
	if start := len(line) - l.valueLength - 1; l.end == "\n" && line[start:len(line)-1] == l.value {
		return line[start:]
	}
	return l.value + "\n"
}

// valueField names the field of the value.
func (l textLine) valueField() string {
	switch l.name {
	case "data":
		return field.Data
	case "event":
		return field.Event
	case "id":
		return field.ID
	case "retry":
		return field.Retry
	case "":
		return field.Comment
	}
	return field.Ignored
}

// A part is what one field is of a line.
type part struct {
	name   string
	length int
	value  string
}

// parts appends them to an empty slice.
func (l textLine) parts(parts []part, valueField string) []part {
	add := func(name string, length int, value string) {
		if length > 0 {
			parts = append(parts, part{name, length, value})
		}
	}
	add(field.Field, l.nameLength, l.name)
	if l.colon {
		add(field.Colon, 1, ":")
	}
	if l.space {
		add(field.Space, 1, " ")
	}
	add(valueField, l.valueLength, l.value)
	if l.blank() {
		add(field.Blank, len(l.end), dissect.Escape(l.end))
	} else {
		add(field.LineEnd, len(l.end), dissect.Escape(l.end))
	}
	return parts
}

// A piece is a run of bytes of a line: a chunk boundary cuts a line in two.
type piece struct {
	offset int64
	length int
}

// maxPieces bounds, in bytes, the values of the pieces of one field together.
const maxPieces = 1 << 20

// place gives the parts of a line their places in the direction's bytes, from
// the frame's offset. A part that lies in several pieces becomes as many fields,
// which are appended to an empty list.
func place(fields []dissect.Field, parts []part, pieces []piece, frame int64) []dissect.Field {
	used := 0 // of pieces[0]
	for _, part := range parts {
		first := len(fields)
		for left := part.length; left > 0; {
			if used == pieces[0].length {
				pieces, used = pieces[1:], 0
			}
			n := min(left, pieces[0].length-used)
			fields = append(fields, dissect.Field{
				Name: part.name, Offset: int(pieces[0].offset-frame) + used, Length: n,
				Piece: len(fields) - first + 1,
			})
			used += n
			left -= n
		}
		these := fields[first:]
		value := dissect.Clip(part.value, min(dissect.MaxValue, maxPieces/max(1, len(these))))
		for i := range these {
			these[i].Value, these[i].Pieces = value, len(these)
			if len(these) == 1 {
				these[i].Piece, these[i].Pieces = 0, 0
			}
		}
	}
	return fields
}
