package websocket

import (
	"unicode/utf8"

	"seewire/playground/dissect"
)

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
	end := len(p) - dissect.CutTail(p)
	u.fail = !utf8.Valid(p[:end])
	u.n = copy(u.cut[:], p[end:])
}

// cutOff is the start of a character that the last piece has cut.
func (u *utf8Check) cutOff() []byte {
	if u.fail {
		return nil
	}
	return append([]byte(nil), u.cut[:u.n]...)
}

// valid tells it for what was written so far; a character that is cut is not
// wrong yet.
func (u *utf8Check) valid() bool { return !u.fail }

// complete tells it for the whole text.
func (u *utf8Check) complete() bool { return !u.fail && u.n == 0 }
