package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

func kindOf(opcode byte) string {
	switch opcode {
	case opContinuation:
		return "continuation"
	case opText:
		return "text"
	case opBinary:
		return "binary"
	case opClose:
		return "close"
	case opPing:
		return "ping"
	case opPong:
		return "pong"
	}
	return "reserved"
}

func nameOf(opcode byte) string {
	switch opcode {
	case opContinuation:
		return "Continuation"
	case opText:
		return "Text"
	case opBinary:
		return "Binary"
	case opClose:
		return "Close"
	case opPing:
		return "Ping"
	case opPong:
		return "Pong"
	}
	return "Reserved opcode " + strconv.Itoa(int(opcode))
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

type bitField struct {
	name string
	mask byte
	hex  string // the mask, as it is shown
}

// headerFields describes as much of the header as is there (RFC 6455 §5.2).
func (w *webSocket) headerFields() fieldList {
	l := fieldList{fields: make([]Field, 0, 10)}
	header := w.header
	l.bits(header[0],
		bitField{"websocket.fin", 0x80, "80"},
		bitField{"websocket.rsv1", 0x40, "40"},
		bitField{"websocket.rsv2", 0x20, "20"},
		bitField{"websocket.rsv3", 0x10, "10"},
		bitField{"websocket.opcode", 0x0F, "0f"})
	if len(header) == 1 {
		return l
	}
	l.bits(header[1],
		bitField{"websocket.mask", 0x80, "80"},
		bitField{"websocket.payload_length", 0x7F, "7f"})
	rest := header[2:]
	switch header[1] & 0x7F {
	case 126:
		rest = l.number("websocket.payload_length_ext_16", rest, 2)
	case 127:
		rest = l.number("websocket.payload_length_ext_64", rest, 8)
	}
	l.addValue("websocket.masking_key", len(rest), hex.EncodeToString(rest), true, false)
	return l
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

// payloadFields describes the payload, as far as it is there, and gives the
// rest of the frame's summary.
func (w *webSocket) payloadFields(l *fieldList) (detail string) {
	whole := w.taken == w.head.length
	if w.head.opcode == opClose {
		return w.closeFields(l, whole)
	}
	n, start := w.payload.n, w.payload.start
	cut := n > len(start)
	value, isHex := "", false
	switch {
	case w.head.control():
		value, isHex = readable(start)
	case w.message.compressed && w.head.fin && whole:
		return w.inflated(l)
	case w.message.compressed || w.message.opcode == opBinary:
		value, isHex = hex.EncodeToString(start), true
	case w.message.opcode == opText:
		value = decode(start)
		w.checkText(w.head.fin && whole)
	default:
		value, isHex = readable(start)
	}
	l.addValue("websocket.payload", n, value, isHex, cut)
	return w.detail(value, isHex)
}

// detail is what a summary says after the length.
func (w *webSocket) detail(value string, isHex bool) string {
	s := ""
	if w.message.compressed && !w.head.control() {
		s += ", compressed"
	}
	switch {
	case w.head.control():
	case w.head.opcode == opContinuation && w.head.fin:
		s += ", end of " + count(w.message.fragments, "fragment") + " with " + count(w.message.length, "byte")
	case !w.head.fin:
		s += ", to be continued"
	}
	if value != "" && !isHex {
		s += ": " + quote(value)
	}
	return s
}

// inflated describes the payload that ends a compressed message: by what the
// message is, all its fragments together (RFC 7692 §6.2).
func (w *webSocket) inflated(l *fieldList) (detail string) {
	n, start := w.payload.n, w.payload.start
	text, size, err := w.inflate.finish(&w.message.text)
	w.h.c.budget -= size
	if err != nil {
		if err == errDeflate {
			w.violations.add(deflateInvalid)
		}
		l.addValue("websocket.payload", n, hex.EncodeToString(start), true, n > len(start))
		return w.detail("", true) + " (" + err.Error() + ")"
	}
	value, isHex := hex.EncodeToString(text), true
	if w.message.opcode == opText {
		value, isHex = decode(text), false
		w.checkText(true)
	}
	l.addValue("websocket.payload", n, value, isHex, size > len(text))
	return w.detail(value, isHex) + " (" + count(size, "byte") + " inflated)"
}

// checkText looks at the text of a message as far as it has come, or as a whole.
func (w *webSocket) checkText(whole bool) {
	m := &w.message
	if m.broken || m.text.valid() && (!whole || m.text.complete()) {
		return
	}
	m.broken = true
	w.violations.add(invalidUTF8)
}

// closeFields describes the payload of a Close: nothing, or a status code and
// a reason (RFC 6455 §5.5.1).
func (w *webSocket) closeFields(l *fieldList, whole bool) (detail string) {
	p := w.payload.start
	if len(p) < 2 {
		if len(p) == 1 && whole {
			w.violations.add(closeOneByte)
		}
		l.addValue("websocket.payload.close.status_code", len(p), hex.EncodeToString(p), true, false)
		return ""
	}
	code := binary.BigEndian.Uint16(p)
	if !mayBeSent(code) {
		w.violations.add(closeCode)
	}
	reason := p[2:]
	if whole && !utf8.Valid(reason) {
		w.violations.add(closeReason)
	}
	l.number("websocket.payload.close.status_code", p[:2], 2)
	text := decode(reason)
	l.addValue("websocket.payload.close.reason", w.payload.n-2, text, false, w.payload.n > len(p))
	detail = ": " + strconv.Itoa(int(code))
	if name := closeName(code); name != "" {
		detail += " " + name
	}
	if text != "" {
		detail += ", " + quote(text)
	}
	return detail
}

// mayBeSent tells whether a close code may be in a Close frame (RFC 6455 §7.4).
func mayBeSent(code uint16) bool {
	switch {
	case code == 1004, code == 1005, code == 1006, code == 1015:
		return false
	case 1000 <= code && code <= 1014, 3000 <= code && code <= 4999:
		return true
	}
	return false
}

// closeName is the name that IANA's registry gives a close code.
func closeName(code uint16) string {
	switch code {
	case 1000:
		return "Normal Closure"
	case 1001:
		return "Going Away"
	case 1002:
		return "Protocol error"
	case 1003:
		return "Unsupported Data"
	case 1004:
		return "Reserved"
	case 1005:
		return "No Status Rcvd"
	case 1006:
		return "Abnormal Closure"
	case 1007:
		return "Invalid frame payload data"
	case 1008:
		return "Policy Violation"
	case 1009:
		return "Message Too Big"
	case 1010:
		return "Mandatory Ext."
	case 1011:
		return "Internal Error"
	case 1012:
		return "Service Restart"
	case 1013:
		return "Try Again Later"
	case 1014:
		return "Bad gateway"
	case 1015:
		return "TLS handshake"
	}
	return ""
}
