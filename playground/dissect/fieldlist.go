package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// A fieldList collects the fields of a frame from its first byte on. A field
// of no bytes is left out.
type fieldList struct {
	fields []Field
	length int // of the fields so far
}

func (l *fieldList) add(name string, length int, value string) {
	if length > 0 {
		l.fields = append(l.fields, Field{Name: name, Offset: l.length, Length: length, Value: value})
		l.length += length
	}
}

// addBytes adds a field of bytes that may be text. Of a field longer than
// maxValue only the start is given.
func (l *fieldList) addBytes(name string, length int, start []byte) {
	value, isHex := readable(start[:min(len(start), maxValue)])
	l.addValue(name, length, value, isHex, length > len(start) || len(start) > maxValue)
}

// addBody adds bytes of a body, as what they were inflated to if that is known.
func (l *fieldList) addBody(name string, sent, inflated *excerpt) {
	if inflated.n == 0 {
		l.addBytes(name, sent.n, sent.start)
		return
	}
	value, isHex := readable(inflated.start)
	l.addValue(name, sent.n, value, isHex, inflated.n > maxValue)
}

func (l *fieldList) addValue(name string, length int, value string, isHex, cut bool) {
	if length == 0 {
		return
	}
	if cut {
		value += "…"
	}
	l.add(name, length, value)
	l.fields[len(l.fields)-1].Hex = isHex
}

// bits adds fields that share one byte.
func (l *fieldList) bits(b byte, parts ...bitField) {
	for _, part := range parts {
		value := b & part.mask
		for m := part.mask; m&1 == 0; m >>= 1 {
			value >>= 1
		}
		l.fields = append(l.fields, Field{
			Name: part.name, Offset: l.length, Length: 1,
			Mask: part.hex, Value: strconv.Itoa(int(value)),
		})
	}
	l.length++
}

// number adds a number of so many bytes in network order, and returns the rest.
// Of a number that was cut it shows the bytes.
func (l *fieldList) number(name string, p []byte, length int) (rest []byte) {
	if len(p) < length {
		l.addValue(name, len(p), hex.EncodeToString(p), true, false)
		return nil
	}
	var b [8]byte
	copy(b[8-length:], p[:length])
	l.add(name, length, strconv.FormatUint(binary.BigEndian.Uint64(b[:]), 10))
	return p[length:]
}
