package dissect

import "encoding/hex"

// payloadFields describes the payload, as far as it is there, and returns what
// is said of it.
func (w *webSocket) payloadFields(l *fieldList) []Phrase {
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
	return payloadText(value, isHex)
}

// says is a frame in one line: its opcode, its place in a message, how many
// bytes it has and what they are.
func (w *webSocket) says(length int, content []Phrase) []Phrase {
	phrases := append(make([]Phrase, 0, 6), sayOf(w.head.opcode))
	if w.head.opcode == opClose {
		if len(content) > 0 { // the status code is said with the opcode
			phrases, content = content[:1], content[1:]
		}
		return append(phrases, content...)
	}
	switch {
	case !w.head.fin:
		phrases = append(phrases, Phrase{Key: say.WSMore})
	case w.head.opcode == opContinuation:
		phrases = append(phrases, Phrase{Key: say.WSFin}, number(say.WSFragments, w.message.fragments))
	default:
		phrases = append(phrases, Phrase{Key: say.WSFin})
	}
	if w.message.compressed && !w.head.control() {
		phrases = append(phrases, Phrase{Key: say.WSCompressed})
	}
	return append(append(phrases, number(say.Bytes, length)), content...)
}

func payloadText(value string, isHex bool) []Phrase {
	if value == "" || isHex {
		return nil
	}
	return []Phrase{phrase(say.Payload, value)}
}

// inflated describes the payload that ends a compressed message: by what the
// message is, all its fragments together (RFC 7692 §6.2).
func (w *webSocket) inflated(l *fieldList) []Phrase {
	n, sent := w.payload.n, w.payload.start
	start, size, err := w.inflate.finish(&w.message.text, &w.h.c.inflation)
	if err != nil {
		l.addValue(wsFields.Payload, n, hex.EncodeToString(sent), true, n > len(sent))
		switch err {
		case errDeflate:
			w.violations.add(deflateInvalid)
			return []Phrase{{Key: say.WSNotDeflate}}
		case errTooLarge:
			w.h.c.inflation.pool.out++
			return []Phrase{{Key: say.WSTooLarge}}
		}
		return []Phrase{{Key: say.WSNoContext}}
	}
	w.message.inflated = &size
	value, isHex := hex.EncodeToString(start), true
	if w.message.opcode == opText {
		value, isHex = decode(start), false
		w.checkText(true)
	}
	l.addValue(wsFields.Payload, n, value, isHex, size > len(start))
	return append([]Phrase{number(say.Inflated, size)}, payloadText(value, isHex)...)
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
