package http2

import (
	"encoding/binary"

	"seewire/playground/dissect"
	"seewire/playground/http2frame"
)

// A frameType is what a type of frames is, what it says, and which of its flags mean
// something.
type frameType struct {
	kind, says string
	flags      []dissect.BitField
}

func typeOf(typ byte) frameType {
	var (
		endStream  = field.FlagsEndStream
		endHeaders = field.FlagsEndHeaders
		padded     = field.FlagsPadded
		priority   = field.FlagsPriority
	)
	switch typ {
	case http2frame.Data:
		return frameType{"data", say.Data, []dissect.BitField{padded, endStream}}
	case http2frame.Headers:
		return frameType{"headers", say.Headers, []dissect.BitField{priority, padded, endHeaders, endStream}}
	case http2frame.Priority:
		return frameType{"priority", say.Priority, nil}
	case http2frame.RSTStream:
		return frameType{"rst-stream", say.RSTStream, nil}
	case http2frame.Settings:
		return frameType{"settings", say.Settings, []dissect.BitField{field.FlagsAckSettings}}
	case http2frame.PushPromise:
		return frameType{"push-promise", say.PushPromise, []dissect.BitField{padded, endHeaders}}
	case http2frame.Ping:
		return frameType{"ping", say.Ping, []dissect.BitField{field.FlagsAckPing}}
	case http2frame.GoAway:
		return frameType{"goaway", say.GoAway, nil}
	case http2frame.WindowUpdate:
		return frameType{"window-update", say.WindowUpdate, nil}
	case http2frame.Continuation:
		return frameType{"continuation", say.Continuation, []dissect.BitField{endHeaders}}
	}
	return frameType{"unknown", say.Unknown, nil}
}

// frameHeader describes as much of a frame's header as is there.
func frameHeader(b []byte) dissect.FieldList {
	l := dissect.FieldList{Fields: make([]dissect.Field, 0, 12)}
	rest := l.Number(field.Length, b, 3)
	if len(rest) == 0 {
		return l
	}
	known := typeOf(rest[0]).flags
	rest = l.Number(field.Type, rest, 1)
	if len(rest) == 0 {
		return l
	}
	l.Bits(rest[0], withUnused(known)...)
	reserved(&l, field.R, field.StreamID, rest[1:])
	return l
}

// withUnused puts the bits that mean nothing between those that do, so that
// together they are a byte.
func withUnused(known []dissect.BitField) []dissect.BitField {
	all := make([]dissect.BitField, 0, 2*len(known)+1)
	var unused byte
	flush := func() {
		if unused != 0 {
			all = append(all, dissect.BitField{Name: field.FlagsUnused, Mask: unused, Hex: hexByte(unused)})
			unused = 0
		}
	}
	for mask := byte(0x80); mask != 0; mask >>= 1 {
		if len(known) > 0 && known[0].Mask == mask {
			flush()
			all = append(all, known[0])
			known = known[1:]
		} else {
			unused |= mask
		}
	}
	flush()
	return all
}

// reserved adds a number of 31 bits after a bit that is reserved, and returns
// what comes after it. Of a number that was cut it shows the bytes.
func reserved(l *dissect.FieldList, bit, number dissect.BitField, p []byte) (rest []byte) {
	if len(p) < 4 {
		return l.Number(number.Name, p, 4)
	}
	n := binary.BigEndian.Uint32(p)
	l.Fields = append(l.Fields,
		dissect.Field{Name: bit.Name, Offset: l.Length, Length: 1, Mask: bit.Hex, Value: decimal(n >> 31)},
		dissect.Field{Name: number.Name, Offset: l.Length, Length: 4, Mask: number.Hex, Value: decimal(n &^ (1 << 31))})
	l.Length += 4
	return p[4:]
}
