package framing

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A piece is bytes that leave together.
type piece struct {
	pause bool // before it
	text  []byte
}

// parse reads what the learner wrote. Most of it stands for itself, and
//
//	\n \r \t \\   for a line feed, carriage return, tab, backslash
//	\uFEFF        for a character, in UTF-8
//	\xFF          for a byte, which may be one that UTF-8 forbids
//	\|            for the end of a piece
//
// A backslash before anything else is a backslash.
func parse(script string) []piece {
	pieces := []piece{{}}
	for script != "" {
		last := &pieces[len(pieces)-1]
		if rest, ok := strings.CutPrefix(script, `\|`); ok {
			pieces = append(pieces, piece{pause: true})
			script = rest
			continue
		}
		last.text, script = appendNext(last.text, script)
	}
	return pieces
}

// appendNext appends what the script begins with, a byte or an escape, and
// returns the rest of the script.
func appendNext(text []byte, script string) (_ []byte, rest string) {
	if script[0] == '\\' && len(script) > 1 {
		switch script[1] {
		case 'n':
			return append(text, '\n'), script[2:]
		case 'r':
			return append(text, '\r'), script[2:]
		case 't':
			return append(text, '\t'), script[2:]
		case '\\':
			return append(text, '\\'), script[2:]
		case 'u':
			if n, rest, ok := cutHex(script[2:], 4); ok {
				return utf8.AppendRune(text, rune(n)), rest
			}
		case 'x':
			if n, rest, ok := cutHex(script[2:], 2); ok {
				return append(text, byte(n)), rest
			}
		}
	}
	return append(text, script[0]), script[1:]
}

// cutHex takes a number of so many hexadecimal digits off the front.
func cutHex(script string, digits int) (n uint64, rest string, ok bool) {
	if len(script) < digits {
		return 0, script, false
	}
	n, err := strconv.ParseUint(script[:digits], 16, 32)
	return n, script[digits:], err == nil
}
