package dissect

import "encoding/hex"

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
	l.addValue(wsFields.Payload, n, value, isHex, cut)
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
	text, size, err := w.inflate.finish(&w.message.text, &w.h.c.inflation)
	if err != nil {
		switch err {
		case errDeflate:
			w.violations.add(deflateInvalid)
		case errTooLarge:
			w.h.c.inflation.pool.out++
		}
		l.addValue(wsFields.Payload, n, hex.EncodeToString(start), true, n > len(start))
		return w.detail("", true) + " (" + err.Error() + ")"
	}
	w.message.inflated = &size
	value, isHex := hex.EncodeToString(text), true
	if w.message.opcode == opText {
		value, isHex = decode(text), false
		w.checkText(true)
	}
	l.addValue(wsFields.Payload, n, value, isHex, size > len(text))
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
