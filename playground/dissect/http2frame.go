package dissect

import (
	"encoding/binary"

	"seewire/playground/http2frame"
)

// A h2Type is what a type of frames is, what it says, and which of its flags mean
// something.
type h2Type struct {
	kind, says string
	flags      []bitField
}

func h2TypeOf(typ byte) h2Type {
	var (
		endStream  = http2Fields.FlagsEndStream
		endHeaders = http2Fields.FlagsEndHeaders
		padded     = http2Fields.FlagsPadded
		priority   = http2Fields.FlagsPriority
	)
	switch typ {
	case http2frame.Data:
		return h2Type{"data", say.HTTP2Data, []bitField{padded, endStream}}
	case http2frame.Headers:
		return h2Type{"headers", say.HTTP2Headers, []bitField{priority, padded, endHeaders, endStream}}
	case http2frame.Priority:
		return h2Type{"priority", say.HTTP2Priority, nil}
	case http2frame.RSTStream:
		return h2Type{"rst-stream", say.HTTP2RSTStream, nil}
	case http2frame.Settings:
		return h2Type{"settings", say.HTTP2Settings, []bitField{http2Fields.FlagsAckSettings}}
	case http2frame.PushPromise:
		return h2Type{"push-promise", say.HTTP2PushPromise, []bitField{padded, endHeaders}}
	case http2frame.Ping:
		return h2Type{"ping", say.HTTP2Ping, []bitField{http2Fields.FlagsAckPing}}
	case http2frame.GoAway:
		return h2Type{"goaway", say.HTTP2GoAway, nil}
	case http2frame.WindowUpdate:
		return h2Type{"window-update", say.HTTP2WindowUpdate, nil}
	case http2frame.Continuation:
		return h2Type{"continuation", say.HTTP2Continuation, []bitField{endHeaders}}
	}
	return h2Type{"unknown", say.HTTP2Unknown, nil}
}

// h2HeaderFields describes as much of a frame's header as is there.
func h2HeaderFields(b []byte) fieldList {
	l := fieldList{fields: make([]Field, 0, 12)}
	rest := l.number(http2Fields.Length, b, 3)
	if len(rest) == 0 {
		return l
	}
	known := h2TypeOf(rest[0]).flags
	rest = l.number(http2Fields.Type, rest, 1)
	if len(rest) == 0 {
		return l
	}
	l.bits(rest[0], withUnused(known)...)
	l.reserved(http2Fields.R, http2Fields.StreamID, rest[1:])
	return l
}

// withUnused puts the bits that mean nothing between those that do, so that
// together they are a byte.
func withUnused(known []bitField) []bitField {
	all := make([]bitField, 0, 2*len(known)+1)
	var unused byte
	flush := func() {
		if unused != 0 {
			all = append(all, bitField{http2Fields.FlagsUnused, unused, hexByte(unused)})
			unused = 0
		}
	}
	for mask := byte(0x80); mask != 0; mask >>= 1 {
		if len(known) > 0 && known[0].mask == mask {
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
func (l *fieldList) reserved(bit, number bitField, p []byte) (rest []byte) {
	if len(p) < 4 {
		return l.number(number.name, p, 4)
	}
	n := binary.BigEndian.Uint32(p)
	l.fields = append(l.fields,
		Field{Name: bit.name, Offset: l.length, Length: 1, Mask: bit.hex, Value: decimal(n >> 31)},
		Field{Name: number.name, Offset: l.length, Length: 4, Mask: number.hex, Value: decimal(n &^ (1 << 31))})
	l.length += 4
	return p[4:]
}
