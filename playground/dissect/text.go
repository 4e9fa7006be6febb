package dissect

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxValue bounds, in bytes of the wire, what a field's value shows. The bytes
// themselves are in the capture.
const maxValue = 64 << 10

// decode is UTF-8 decode of the Encoding Standard, without its byte order mark:
// each maximal part of an ill-formed sequence becomes one U+FFFD.
func decode(p []byte) string {
	if utf8.Valid(p) {
		return string(p)
	}
	var b strings.Builder
	b.Grow(len(p) + 16)
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n == 1 {
			n = illFormed(p)
		}
		b.WriteRune(r)
		p = p[n:]
	}
	return b.String()
}

// toText makes a string of wire bytes fit to be shown.
func toText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return decode([]byte(s))
}

// illFormed is the length of the ill-formed sequence at the start of p: its
// first byte, and the continuation bytes that could have followed it (Unicode
// §3.9, table 3-7). utf8.DecodeRune gives 1 for all of them.
func illFormed(p []byte) int {
	low, high, rest := byte(0x80), byte(0xBF), 0
	switch b := p[0]; {
	case 0xC2 <= b && b <= 0xDF:
		rest = 1
	case 0xE0 <= b && b <= 0xEF:
		rest = 2
		if b == 0xE0 {
			low = 0xA0 // shorter forms exist
		} else if b == 0xED {
			high = 0x9F // surrogates
		}
	case 0xF0 <= b && b <= 0xF4:
		rest = 3
		if b == 0xF0 {
			low = 0x90
		} else if b == 0xF4 {
			high = 0x8F // past U+10FFFF
		}
	}
	n := 1
	for n <= rest && n < len(p) && low <= p[n] && p[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// A utf8Check tells whether bytes that come in pieces are UTF-8.
type utf8Check struct {
	cut  [utf8.UTFMax]byte // the start of a character that a piece has cut
	n    int
	fail bool
}

func (u *utf8Check) write(p []byte) {
	for u.n > 0 && len(p) > 0 && !u.fail {
		u.cut[u.n] = p[0]
		u.n++
		p = p[1:]
		if utf8.FullRune(u.cut[:u.n]) {
			u.fail = !utf8.Valid(u.cut[:u.n])
			u.n = 0
		}
	}
	if u.fail || utf8.Valid(p) {
		return
	}
	end := len(p) - cutTail(p)
	u.fail = !utf8.Valid(p[:end])
	u.n = copy(u.cut[:], p[end:])
}

// valid tells it for what was written so far; a character that is cut is not
// wrong yet.
func (u *utf8Check) valid() bool { return !u.fail }

// complete tells it for the whole text.
func (u *utf8Check) complete() bool { return !u.fail && u.n == 0 }

// cutTail is the length of the unfinished character at the end of p.
func cutTail(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if b := p[len(p)-n]; utf8.RuneStart(b) {
			if utf8.FullRune(p[len(p)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// readable gives bytes of no declared type as text, or else as hexadecimal.
// Text may lose half a character at each end to a boundary.
func readable(p []byte) (value string, isHex bool) {
	inner := p[:len(p)-cutTail(p)]
	for n := 0; n < utf8.UTFMax-1 && len(inner) > 0 && !utf8.RuneStart(inner[0]); n++ {
		inner = inner[1:]
	}
	if len(inner) == 0 && len(p) > 0 || !utf8.Valid(inner) {
		return hex.EncodeToString(p), true
	}
	for _, b := range inner {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' || b == 0x7F {
			return hex.EncodeToString(p), true
		}
	}
	return decode(p), false
}

// clip keeps the start of a text that is longer than limit bytes.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// clipTail keeps the end.
func clipTail(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	start := len(s) - limit
	for start < len(s) && !utf8.RuneStart(s[start]) {
		start++
	}
	return "…" + s[start:]
}

// quote shows the start of a text in a summary, on one line.
func quote(s string) string { return strconv.Quote(clip(s, 60)) }

// count is a number and its noun: "1 byte", "2 bytes".
func count[N int | int64 | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatUint(uint64(n), 10) + " " + noun + "s"
}

// escape writes line ends and spaces so that they can be seen.
func escape(s string) string {
	switch s {
	case "\r\n":
		return `\r\n`
	case "\n":
		return `\n`
	case "\r":
		return `\r`
	}
	return strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(s)
}

// An excerpt keeps the start of what is too long to keep, and counts the rest.
type excerpt struct {
	start []byte
	n     int
}

func (e *excerpt) write(p []byte) {
	e.n += len(p)
	if room := maxValue - len(e.start); room > 0 {
		e.start = append(e.start, p[:min(room, len(p))]...)
	}
}

func (e *excerpt) reset() { e.start, e.n = e.start[:0], 0 }

// A fieldList collects the fields of a frame from its first byte on. A field
// of no bytes is left out.
type fieldList struct {
	fields []Field
	length int // of the fields so far
}

func (l *fieldList) add(name string, length int, value string) {
	if length > 0 {
		l.fields = append(l.fields, Field{Name: name, Offset: l.length, Length: length, Value: value})
		l.length += length
	}
}

// addBytes adds a field of bytes that may be text. Of a field longer than
// maxValue only the start is given.
func (l *fieldList) addBytes(name string, length int, start []byte) {
	value, isHex := readable(start[:min(len(start), maxValue)])
	l.addValue(name, length, value, isHex, length > len(start) || len(start) > maxValue)
}

func (l *fieldList) addValue(name string, length int, value string, isHex, cut bool) {
	if length == 0 {
		return
	}
	if cut {
		value += "…"
	}
	l.add(name, length, value)
	l.fields[len(l.fields)-1].Hex = isHex
}
