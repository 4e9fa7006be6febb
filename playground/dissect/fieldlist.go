package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// A FieldList collects the fields of a frame from its first byte on. A field
// of no bytes is left out.
type FieldList struct {
	Fields []Field
	Length int // of the fields so far
}

// Add adds a field of so many bytes.
func (l *FieldList) Add(name string, length int, value string) {
	if length > 0 {
		l.Fields = append(l.Fields, Field{Name: name, Offset: l.Length, Length: length, Value: value})
		l.Length += length
	}
}

// AddBytes adds a field of bytes that may be text. Of a field longer than
// MaxValue only the start is given.
func (l *FieldList) AddBytes(name string, length int, start []byte) {
	value, isHex := Readable(start[:min(len(start), MaxValue)])
	l.AddValue(name, length, value, isHex, length > len(start) || len(start) > MaxValue)
}

// AddBody adds bytes of a body, as what they were inflated to if that is known.
func (l *FieldList) AddBody(name string, sent, inflated *Excerpt) {
	if inflated.N == 0 {
		l.AddBytes(name, sent.N, sent.Start)
		return
	}
	value, isHex := Readable(inflated.Start)
	l.AddValue(name, sent.N, value, isHex, inflated.N > MaxValue)
}

// AddValue adds a field whose value may be hexadecimal, and may be only the start.
func (l *FieldList) AddValue(name string, length int, value string, isHex, cut bool) {
	if length == 0 {
		return
	}
	if cut {
		value += "…"
	}
	l.Add(name, length, value)
	l.Fields[len(l.Fields)-1].Hex = isHex
}

// Bits adds fields that share one byte.
func (l *FieldList) Bits(b byte, parts ...BitField) {
	for _, part := range parts {
		value := b & part.Mask
		for m := part.Mask; m&1 == 0; m >>= 1 {
			value >>= 1
		}
		l.Fields = append(l.Fields, Field{
			Name: part.Name, Offset: l.Length, Length: 1,
			Mask: part.Hex, Value: strconv.Itoa(int(value)),
		})
	}
	l.Length++
}

// Number adds a number of so many bytes in network order, and returns the rest.
// Of a number that was cut it shows the bytes.
func (l *FieldList) Number(name string, p []byte, length int) (rest []byte) {
	if len(p) < length {
		l.AddValue(name, len(p), hex.EncodeToString(p), true, false)
		return nil
	}
	var b [8]byte
	copy(b[8-length:], p[:length])
	l.Add(name, length, strconv.FormatUint(binary.BigEndian.Uint64(b[:]), 10))
	return p[length:]
}
