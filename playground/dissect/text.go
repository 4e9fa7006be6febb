package dissect

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// Decode is UTF-8 decode of the Encoding Standard, without its byte order mark:
// each maximal part of an ill-formed sequence becomes one U+FFFD.
func Decode(p []byte) string {
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

// ToText makes a string of wire bytes fit to be shown.
func ToText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return Decode([]byte(s))
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

// CutTail is the length of the unfinished character at the end of p.
func CutTail(p []byte) int {
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

// Readable gives bytes of no declared type as text, or else as hexadecimal.
// Text may lose half a character at each end to a boundary.
func Readable(p []byte) (value string, isHex bool) {
	inner := p[:len(p)-CutTail(p)]
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
	return Decode(p), false
}

// Clip keeps the start of a text that is longer than limit bytes.
func Clip(s string, limit int) string {
	n := clipped(s, limit)
	if n == len(s) {
		return s
	}
	return s[:n] + ellipsis
}

const ellipsis = "…"

// clipped is how much of a text Clip keeps.
func clipped[T string | []byte](s T, limit int) int {
	if len(s) <= limit {
		return len(s)
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return limit
}

// IsClipped tells whether text is Clip(s, limit).
func IsClipped[T string | []byte](text string, s T, limit int) bool {
	n := clipped(s, limit)
	if n == len(s) {
		return text == string(s)
	}
	return len(text) == n+len(ellipsis) && text[:n] == string(s[:n]) && text[n:] == ellipsis
}

// ClipTail keeps the end.
func ClipTail(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	start := len(s) - limit
	for start < len(s) && !utf8.RuneStart(s[start]) {
		start++
	}
	return ellipsis + s[start:]
}

var escapes = strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`)

// Escape writes line ends and spaces so that they can be seen.
func Escape(s string) string {
	switch s {
	case "\r\n":
		return `\r\n`
	case "\n":
		return `\n`
	case "\r":
		return `\r`
	}
	return escapes.Replace(s)
}
