package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// closeFields describes the payload of a Close: nothing, or a status code and
// a reason (RFC 6455 §5.5.1).
func (w *webSocket) closeFields(l *fieldList, whole bool) []Phrase {
	p := w.payload.start
	if len(p) < 2 {
		if len(p) == 1 && whole {
			w.violations.add(closeOneByte)
		}
		l.addValue(wsFields.PayloadCloseStatusCode, len(p), hex.EncodeToString(p), true, false)
		return nil
	}
	code := binary.BigEndian.Uint16(p)
	if !mayBeSent(code) {
		w.violations.add(closeCode)
	}
	reason := p[2:]
	if whole && !utf8.Valid(reason) {
		w.violations.add(closeReason)
	}
	l.number(wsFields.PayloadCloseStatusCode, p[:2], 2)
	why := decode(reason)
	l.addValue(wsFields.PayloadCloseReason, w.payload.n-2, why, false, w.payload.n > len(p))
	return append([]Phrase{phrase(say.WSClose, strconv.Itoa(int(code)))}, payloadText(why, false)...)
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
