// Package http2frame reads the heads of HTTP/2 frames (RFC 9113 §4.1), for all
// that look at the bytes of a connection.
package http2frame

import "encoding/binary"

// Preface is what a client sends first. It looks like the head of an HTTP/1
// request, so that a server which knows no HTTP/2 refuses it (RFC 9113 §3.4).
const Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// Types (RFC 9113 §6).
const (
	Data         = 0x0
	Headers      = 0x1
	Priority     = 0x2
	RSTStream    = 0x3
	Settings     = 0x4
	PushPromise  = 0x5
	Ping         = 0x6
	GoAway       = 0x7
	WindowUpdate = 0x8
	Continuation = 0x9
)

// Flags. END_STREAM and ACK are the same bit, of different types.
const (
	EndStream   = 0x01
	Ack         = 0x01
	EndHeaders  = 0x04
	Padded      = 0x08
	HasPriority = 0x20
)

// Lengths in bytes: of a frame's head, and of what a frame says about priority
// (RFC 9113 §6.3).
const (
	HeadLength     = 9
	PriorityLength = 5
)

// A Head is what comes before a frame's payload.
type Head struct {
	Length int // of the payload, in bytes
	Type   byte
	Flags  byte
	Stream uint32
}

// Parse reads a head of HeadLength bytes.
func Parse(b []byte) Head {
	return Head{
		Length: int(b[0])<<16 | int(b[1])<<8 | int(b[2]),
		Type:   b[3],
		Flags:  b[4],
		Stream: Number31(b[5:]),
	}
}

// Number31 reads a number of 31 bits after a reserved one, such as that of a
// stream.
func Number31(b []byte) uint32 { return binary.BigEndian.Uint32(b) &^ (1 << 31) }

// Has tells whether a flag is set.
func (h Head) Has(flag byte) bool { return h.Flags&flag != 0 }

// Padded tells whether the payload starts with a pad length.
func (h Head) Padded() bool {
	return h.Has(Padded) && (h.Type == Data || h.Type == Headers || h.Type == PushPromise)
}

// HasBlock tells whether the payload has a fragment of a header block.
func (h Head) HasBlock() bool {
	return h.Type == Headers || h.Type == PushPromise || h.Type == Continuation
}

// Fragment finds the fragment of a header block in a payload: without padding,
// priority and the number of a promised stream (RFC 9113 §6.2, §6.6). It is
// false where they don't fit.
func (h Head) Fragment(payload []byte) (start, end int, ok bool) {
	end = len(payload)
	if h.Padded() {
		if end == 0 {
			return 0, 0, false
		}
		start, end = 1, end-int(payload[0])
	}
	switch {
	case h.Type == PushPromise:
		start += 4
	case h.Type == Headers && h.Has(HasPriority):
		start += PriorityLength
	}
	return start, end, start <= end
}
