package websocket

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"seewire/playground/dissect"
)

// closeFields describes the payload of a Close: nothing, or a status code and
// a reason (RFC 6455 §5.5.1).
func (w *reader) closeFields(l *dissect.FieldList, whole bool) []dissect.Phrase {
	p := w.payload.Start
	if len(p) < 2 {
		if len(p) == 1 && whole {
			w.violations.Add(rules[closeOneByte])
		}
		l.AddValue(field.PayloadCloseStatusCode, len(p), hex.EncodeToString(p), true, false)
		return nil
	}
	code := binary.BigEndian.Uint16(p)
	if !mayBeSent(code) {
		w.violations.Add(rules[closeCode])
	}
	reason := p[2:]
	if whole && !utf8.Valid(reason) {
		w.violations.Add(rules[closeReason])
	}
	l.Number(field.PayloadCloseStatusCode, p[:2], 2)
	why := dissect.Decode(reason)
	l.AddValue(field.PayloadCloseReason, w.payload.N-2, why, false, w.payload.N > len(p))
	return append([]dissect.Phrase{dissect.Text(say.Close, strconv.Itoa(int(code)))}, payloadText(why, false)...)
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
