package dissect

import (
	"bytes"
	"strings"
)

// maxHead bounds a head or a trailer section, in bytes.
const maxHead = 64 << 10

// A head reads the head of a request or a response, up to its empty line
// (RFC 9112 §2.1), and decides what its body is.
type head struct {
	h     *direction
	bytes []byte
	line  int // where the current line starts
	first int // where the start line starts: empty lines may come before it
	begun bool
}

// newHead reads the next head of a direction, which begins another exchange.
func newHead(h *direction) *head {
	h.exchange = 0
	return &head{h: h}
}

func (d *head) parse(p []byte) int {
	n := bytes.IndexByte(p, '\n') + 1
	if n == 0 {
		n = len(p)
	}
	n = min(n, maxHead-len(d.bytes))
	d.bytes = append(d.bytes, p[:n]...)
	if d.bytes[len(d.bytes)-1] != '\n' {
		if len(d.bytes) == maxHead {
			d.h.giveUp(d.bytes, n)
		}
		return n
	}

	line := trimLineEnd(string(d.bytes[d.line:]))
	d.line = len(d.bytes)
	switch {
	case d.h.from == Client && d.h.offset+int64(n) == int64(len(d.bytes)) && isHTTP2Preface(d.bytes):
		d.h.c.becomeHTTP2(n)
		return n
	case !d.begun && len(line) == 0:
		d.first = d.line
	case !d.begun && !isStartLine(d.h.from, line):
		d.h.giveUp(d.bytes, n)
		return n
	case len(line) == 0:
		d.finish(n)
		return n
	default:
		d.begun = true
	}
	if len(d.bytes) == maxHead {
		d.h.giveUp(d.bytes, n)
	}
	return n
}

func (d *head) end() {
	if len(d.bytes) == 0 {
		return
	}
	if !d.begun {
		u := &unknown{h: d.h, incomplete: true}
		u.block = d.bytes
		u.end()
		return
	}
	f, _ := d.frame(d.h.offset)
	f.Incomplete = true
	d.h.emit(f)
}

// finish emits the head, of which the last n bytes are not yet counted in the
// direction's offset, and makes place for what follows it.
func (d *head) finish(n int) {
	f, m := d.frame(d.h.offset + int64(n))
	if d.h.from == Client {
		d.h.request(f, m)
	} else {
		d.h.response(f, m)
	}
}

// frame describes the head, which ends at the offset.
func (d *head) frame(end int64) (Frame, *message) {
	head := string(d.bytes)
	r := &headReader{message: &message{from: d.h.from}}
	r.fields = make([]Field, 0, 8+4*strings.Count(head, "\n"))
	r.add(httpFields.LeadingCRLF, d.first, escape(head[:d.first]))
	line, rest := cutLine(head[d.first:])
	target, phrase := r.startLine(line)
	r.headers(rest)
	kind, says := "request", []Phrase(nil)
	if d.h.from == Server {
		kind, says = "response", []Phrase{r.message.statusLine(say.HTTPResponse, phrase)}
	} else {
		says = r.message.requestLine(say.HTTPRequest, target)
	}
	return Frame{
		Offset: end - int64(len(head)), Length: len(head),
		Protocol: "http1", Kind: kind, Say: says,
		Fields: r.fields, Violations: r.violations,
	}, r.message
}
