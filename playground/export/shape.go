package export

import (
	"strconv"

	"seewire/playground/dissect"
)

// A shape is what frames of a kind have in common. In JSON:
//
//	[protocol, kind, 0 for the client or 1, ends, flags,
//	 [[key, 1 for a count + 2 for a text], …],
//	 [[name, offset from the end of the field before, mask, 1 for hexadecimal], …]]
type shape struct {
	protocol, kind string
	from           dissect.Side
	ends           dissect.Ending
	flags          int64
	say            []phraseShape
	fields         []fieldShape

	id   int
	last []value // of the newest row
}

type phraseShape struct {
	key string
	has int64
}

type fieldShape struct {
	name string
	skip int
	mask string
	hex  bool
}

// flagsOf says what a frame is or has:
//
//	1 incomplete
//	2 a stream
//	4 a state
//	8 an event that it dispatched
//	16 the members that few frames have
func flagsOf(f *dissect.Frame, rest bool) (flags int64) {
	for i, is := range [...]bool{f.Incomplete, f.Stream != 0, f.SSE != nil, f.SSE != nil && f.SSE.Event != nil, rest} {
		if is {
			flags |= 1 << i
		}
	}
	return flags
}

// A shapeKey finds the few shapes that a frame may have.
type shapeKey struct {
	kind        string
	say, fields int
}

func keyOf(f *dissect.Frame) shapeKey { return shapeKey{f.Kind, len(f.Say), len(f.Fields)} }

func shapeOf(f *dissect.Frame, flags int64) shape {
	s := shape{protocol: f.Protocol, kind: f.Kind, from: f.From, ends: f.Ends, flags: flags}
	for i := range f.Say {
		s.say = append(s.say, phraseShapeOf(&f.Say[i]))
	}
	end := 0
	for i := range f.Fields {
		field := &f.Fields[i]
		s.fields = append(s.fields, fieldShape{field.Name, field.Offset - end, field.Mask, field.Hex})
		end = field.Offset + field.Length
	}
	return s
}

func phraseShapeOf(p *dissect.Phrase) phraseShape {
	s := phraseShape{key: p.Key}
	if p.Count != 0 {
		s.has++
	}
	if p.Text != "" {
		s.has += 2
	}
	return s
}

// is tells whether it is the shape of a frame with its key.
func (s *shape) is(f *dissect.Frame, flags int64) bool {
	if s.protocol != f.Protocol || s.from != f.From || s.ends != f.Ends || s.flags != flags {
		return false
	}
	for i := range s.say {
		if s.say[i] != phraseShapeOf(&f.Say[i]) {
			return false
		}
	}
	end := 0
	for i := range s.fields {
		has, field := &s.fields[i], &f.Fields[i]
		if has.name != field.Name || has.skip != field.Offset-end || has.mask != field.Mask || has.hex != field.Hex {
			return false
		}
		end = field.Offset + field.Length
	}
	return true
}

// append appends the shape as JSON.
func (s *shape) append(p []byte) []byte {
	p = appendText(append(p, '['), s.protocol)
	p = appendText(append(p, ','), s.kind)
	p = strconv.AppendInt(append(p, ','), sideNumber(s.from), 10)
	p = appendText(append(p, ','), string(s.ends))
	p = strconv.AppendInt(append(p, ','), s.flags, 10)
	p = append(p, ",["...)
	for i := range s.say {
		if i > 0 {
			p = append(p, ',')
		}
		p = appendText(append(p, '['), s.say[i].key)
		p = append(strconv.AppendInt(append(p, ','), s.say[i].has, 10), ']')
	}
	p = append(p, "],["...)
	for i := range s.fields {
		field := &s.fields[i]
		if i > 0 {
			p = append(p, ',')
		}
		p = appendText(append(p, '['), field.name)
		p = strconv.AppendInt(append(p, ','), int64(field.skip), 10)
		p = appendText(append(p, ','), field.mask)
		hex := byte('0')
		if field.hex {
			hex = '1'
		}
		p = append(p, ',', hex, ']')
	}
	return append(p, "]]"...)
}

// A value is one of a row.
type value struct {
	is     valueKind
	number int64
	text   []byte
}

type valueKind int

const (
	forgotten valueKind = iota
	aNumber
	aText
)

// maxKeptText bounds, in bytes, a text that is kept to be compared with the next one.
const maxKeptText = 64

// number keeps the value at a place, and tells whether it is another one than before.
func (s *shape) number(at int, n int64) bool {
	v := s.value(at)
	if v.is == aNumber && v.number == n {
		return false
	}
	v.is, v.number = aNumber, n
	return true
}

// text does what number does.
func (s *shape) text(at int, text string) bool {
	v := s.value(at)
	if v.is == aText && string(v.text) == text {
		return false
	}
	if v.is = forgotten; len(text) <= maxKeptText {
		v.is, v.text = aText, append(v.text[:0], text...)
	}
	return true
}

// forget keeps no value at a place.
func (s *shape) forget(at int) { s.value(at).is = forgotten }

func (s *shape) value(at int) *value {
	for at >= len(s.last) {
		s.last = append(s.last, value{})
	}
	return &s.last[at]
}
