package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// closeFields describes the payload of a Close: nothing, or a status code and
// a reason (RFC 6455 §5.5.1).
func (w *webSocket) closeFields(l *fieldList, whole bool) (detail string) {
	p := w.payload.start
	if len(p) < 2 {
		if len(p) == 1 && whole {
			w.violations.add(closeOneByte)
		}
		l.addValue(wsFields.PayloadCloseStatusCode, len(p), hex.EncodeToString(p), true, false)
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
	l.number(wsFields.PayloadCloseStatusCode, p[:2], 2)
	text := decode(reason)
	l.addValue(wsFields.PayloadCloseReason, w.payload.n-2, text, false, w.payload.n > len(p))
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
