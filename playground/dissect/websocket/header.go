package websocket

import (
	"encoding/binary"
	"encoding/hex"

	"seewire/playground/dissect"
)

// A frameHead is what a frame's header says.
type frameHead struct {
	fin, rsv1, rsv2, rsv3 bool
	opcode                byte
	masked                bool
	length                uint64
	key                   [4]byte // zeros where the frame is not masked
}

// control tells whether it is a control frame, a reserved one included.
func (h frameHead) control() bool { return h.opcode >= opClose }

// headerLength is how many bytes the header has, as far as its own bytes tell.
func headerLength(header []byte) int {
	n := 2
	if len(header) < n {
		return n
	}
	switch header[1] & 0x7F {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if header[1]&0x80 != 0 {
		n += 4
	}
	return n
}

// parseHead reads a header that is complete.
func parseHead(b []byte) frameHead {
	h := frameHead{
		fin: b[0]&0x80 != 0, rsv1: b[0]&0x40 != 0, rsv2: b[0]&0x20 != 0, rsv3: b[0]&0x10 != 0,
		opcode: b[0] & 0x0F,
		masked: b[1]&0x80 != 0,
		length: uint64(b[1] & 0x7F),
	}
	rest := b[2:]
	switch h.length {
	case 126:
		h.length, rest = uint64(binary.BigEndian.Uint16(rest)), rest[2:]
	case 127:
		h.length, rest = binary.BigEndian.Uint64(rest), rest[8:]
	}
	copy(h.key[:], rest)
	return h
}

// headerFields describes as much of the header as is there (RFC 6455 §5.2).
func (w *reader) headerFields() dissect.FieldList {
	l := dissect.FieldList{Fields: w.h.Fields(10)}
	header := w.header
	l.Bits(header[0],
		field.Fin,
		field.Rsv1,
		field.Rsv2,
		field.Rsv3,
		field.Opcode)
	if len(header) == 1 {
		return l
	}
	l.Bits(header[1],
		field.Mask,
		field.PayloadLength)
	rest := header[2:]
	switch header[1] & 0x7F {
	case 126:
		rest = l.Number(field.PayloadLengthExt16, rest, 2)
	case 127:
		rest = l.Number(field.PayloadLengthExt64, rest, 8)
	}
	l.AddValue(field.MaskingKey, len(rest), hex.EncodeToString(rest), true, false)
	return l
}
