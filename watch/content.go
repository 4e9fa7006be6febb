package watch

import (
	"bytes"
	"encoding/binary"
)

// An eventReader finds the events of a stream (WHATWG HTML §9.2.6), as far as a row
// tells of them: the frames are described where somebody looks at them.
type eventReader struct {
	line     []byte // as far as it is there
	cr       bool   // the last byte was a carriage return
	first    bool   // a line has been read
	id       string
	lastID   string
	data     bool // the event has some
	event    func(id string)
	comments int
}

// maxEventLine is how much of a line is read: an ID is shorter.
const maxEventLine = 4 << 10

func (r *eventReader) add(p []byte) {
	for len(p) > 0 {
		if r.cr && p[0] == '\n' {
			p = p[1:]
		}
		r.cr = false
		n := bytes.IndexAny(p, "\r\n")
		if n < 0 {
			r.keep(p)
			return
		}
		r.keep(p[:n])
		r.cr = p[n] == '\r'
		r.ends()
		p = p[n+1:]
	}
}

func (r *eventReader) keep(p []byte) {
	room := maxEventLine - len(r.line)
	r.line = append(r.line, p[:min(room, len(p))]...)
}

// ends takes a line that is complete.
func (r *eventReader) ends() {
	line := r.line
	if !r.first {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
		r.first = true
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch {
	case len(line) == 0:
		r.lastID = r.id
		if r.data {
			r.event(r.lastID)
		}
		r.data = false
	case line[0] == ':':
		r.comments++
	case string(name) == "data":
		r.data = true
	case string(name) == "id" && bytes.IndexByte(value, 0) < 0:
		r.id = string(value)
	}
	r.line = r.line[:0]
}

// A frameReader finds the frames of a WebSocket (RFC 6455 §5.2).
type frameReader struct {
	head  []byte // as far as it is there
	left  int64  // of the payload
	start []byte // of a close frame's payload, as far as it is there: its code
	mask  [4]byte
	frame func(f frame)
}

type frame struct {
	opcode byte
	code   int // of a close frame; 1005 where it has none
}

const (
	opClose = 8
	opPing  = 9
	opPong  = 10
)

func (r *frameReader) add(p []byte) {
	for len(p) > 0 {
		if r.left == 0 {
			n := r.addHead(p)
			p = p[n:]
			continue
		}
		n := int(min(r.left, int64(len(p))))
		if r.head[0]&15 == opClose && len(r.start) < 2 {
			r.start = append(r.start, p[:min(n, 2-len(r.start))]...)
		}
		r.left -= int64(n)
		p = p[n:]
		if r.left == 0 {
			r.ends()
		}
	}
}

func (r *frameReader) addHead(p []byte) (n int) {
	for n < len(p) {
		r.head = append(r.head, p[n])
		n++
		if len(r.head) < frameHead(r.head) {
			continue
		}
		r.left = payloadLength(r.head)
		if r.head[1]&128 != 0 {
			copy(r.mask[:], r.head[len(r.head)-4:])
		}
		if r.left == 0 {
			r.ends()
		}
		break
	}
	return n
}

// frameHead is how long the head of a frame is, as far as its first two bytes tell.
func frameHead(h []byte) int {
	if len(h) < 2 {
		return 2
	}
	n := 2
	switch h[1] & 127 {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if h[1]&128 != 0 {
		n += 4
	}
	return n
}

// payloadLength is what the head of a frame says.
func payloadLength(h []byte) int64 {
	switch h[1] & 127 {
	case 126:
		return int64(binary.BigEndian.Uint16(h[2:]))
	case 127:
		return int64(binary.BigEndian.Uint64(h[2:]) &^ (1 << 63))
	}
	return int64(h[1] & 127)
}

func (r *frameReader) ends() {
	f := frame{opcode: r.head[0] & 15, code: 1005}
	if f.opcode == opClose && len(r.start) == 2 {
		if r.head[1]&128 != 0 {
			r.start[0] ^= r.mask[0]
			r.start[1] ^= r.mask[1]
		}
		f.code = int(binary.BigEndian.Uint16(r.start))
	}
	r.head, r.start = r.head[:0], r.start[:0]
	r.frame(f)
}
