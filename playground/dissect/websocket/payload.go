package websocket

import (
	"encoding/hex"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
)

// payloadFields describes the payload, as far as it is there, and returns what
// is said of it.
func (w *reader) payloadFields(l *dissect.FieldList) []dissect.Phrase {
	whole := w.taken == w.head.length
	if w.head.opcode == opClose {
		return w.closeFields(l, whole)
	}
	n, start := w.payload.N, w.payload.Start
	cut := n > len(start)
	value, isHex := "", false
	switch {
	case w.head.control():
		value, isHex = dissect.Readable(start)
	case w.message.compressed && w.head.fin && whole:
		return w.inflated(l)
	case w.message.opaque:
		l.AddValue(field.Payload, n, hex.EncodeToString(start), true, cut)
		return []dissect.Phrase{dissect.Text(say.Extension, dissect.ToText(w.foreign))}
	case w.message.compressed || w.message.opcode == opBinary:
		value, isHex = hex.EncodeToString(start), true
	case w.message.opcode == opText:
		w.checkText(w.head.fin && whole)
		value = w.fragmentText(start, whole && !cut)
		l.AddValue(field.Payload, n, value, false, cut)
		return w.textSays(value, whole)
	default:
		value, isHex = dissect.Readable(start)
	}
	l.AddValue(field.Payload, n, value, isHex, cut)
	return payloadText(value, isHex)
}

// fragmentText is the text of a frame. A character that lies in two fragments is the
// later one's.
func (w *reader) fragmentText(start []byte, whole bool) string {
	text := start
	if len(w.before) > 0 {
		text = slices.Concat(w.before, start)
	}
	if whole && !w.head.fin {
		text = text[:len(text)-dissect.CutTail(text)]
	}
	return dissect.Decode(text)
}

// textSays is what is said of it, and with the last fragment of the whole message.
func (w *reader) textSays(value string, whole bool) []dissect.Phrase {
	phrases := payloadText(value, false)
	if whole && w.head.fin && w.message.fragments > 1 {
		text := w.message.whole.Start
		phrases = append(phrases, dissect.Text(say.Whole, dissect.Decode(text[:min(len(text), dissect.MaxPhrase+4)])))
	}
	return phrases
}

// says is a frame in one line: its opcode, its place in a message, how many
// bytes it has and what they are.
func (w *reader) says(length int, content []dissect.Phrase) []dissect.Phrase {
	phrases := append(w.h.Phrases(6), sayOf(w.head.opcode))
	if w.head.opcode == opClose {
		if len(content) > 0 { // the status code is said with the opcode
			phrases, content = content[:1], content[1:]
		}
		return append(phrases, content...)
	}
	switch {
	case !w.head.fin:
		phrases = append(phrases, dissect.Phrase{Key: say.More})
	case w.head.opcode == opContinuation:
		phrases = append(phrases, dissect.Phrase{Key: say.Fin}, dissect.Number(say.Fragments, w.message.fragments))
	default:
		phrases = append(phrases, dissect.Phrase{Key: say.Fin})
	}
	if w.message.compressed && !w.head.control() {
		phrases = append(phrases, dissect.Phrase{Key: say.Compressed})
	}
	return append(append(phrases, dissect.SayBytes(length)), content...)
}

func payloadText(value string, isHex bool) []dissect.Phrase {
	if value == "" || isHex {
		return nil
	}
	return []dissect.Phrase{dissect.Text(say.Payload, value)}
}

// inflated describes the payload that ends a compressed message: by what the
// message is, all its fragments together (RFC 7692 §6.2).
func (w *reader) inflated(l *dissect.FieldList) []dissect.Phrase {
	n, sent := w.payload.N, w.payload.Start
	start, size, err := w.inflate.finish(&w.message.text, w.h.Inflation)
	if err != nil {
		l.AddValue(field.Payload, n, hex.EncodeToString(sent), true, n > len(sent))
		switch err {
		case coding.ErrContext:
			if w.inflate.takeover {
				break // what it refers to was not recorded
			}
			w.violations.Add(rules[deflateContext])
			return []dissect.Phrase{{Key: say.GivenUpContext}}
		case coding.ErrDeflate:
			w.violations.Add(rules[deflateInvalid])
			return []dissect.Phrase{{Key: say.NotDeflate}}
		case coding.ErrTooLarge:
			w.h.Inflation.LeaveOut(1)
			return []dissect.Phrase{{Key: say.TooLarge}}
		}
		return []dissect.Phrase{{Key: say.NoContext}}
	}
	w.message.inflated = &size
	value, isHex := hex.EncodeToString(start), true
	if w.message.opcode == opText {
		value, isHex = dissect.Decode(start), false
		w.checkText(true)
	}
	l.AddValue(field.Payload, n, value, isHex, size > len(start))
	return append([]dissect.Phrase{dissect.SayInflated(size)}, payloadText(value, isHex)...)
}

// checkText looks at the text of a message as far as it has come, or as a whole.
func (w *reader) checkText(whole bool) {
	m := &w.message
	if m.broken || m.text.valid() && (!whole || m.text.complete()) {
		return
	}
	m.broken = true
	v := rules[invalidUTF8]
	if m.odd {
		v.Follows = rules[reservedBit].Code
	}
	w.violations.Add(v)
}

// SayMessage is what is said of a message whose frames are not known.
func SayMessage(text string, bytes int, isHex bool) []dissect.Phrase {
	return append([]dissect.Phrase{{Key: say.Message}, dissect.SayBytes(bytes)}, payloadText(text, isHex)...)
}
