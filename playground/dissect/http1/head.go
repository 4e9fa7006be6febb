package http1

import (
	"bytes"
	"strings"

	"seewire/playground/dissect"
)

// A head reads the head of a request or a response, up to its empty line
// (RFC 9112 §2.1), and decides what its body is.
type head struct {
	c     *connection
	h     *dissect.Direction
	bytes []byte
	line  int // where the current line starts
	first int // where the start line starts: empty lines may come before it
	begun bool
}

// newHead reads the next head of a direction, which begins another exchange.
func (c *connection) newHead(h *dissect.Direction) *head {
	h.Exchange = 0
	return &head{c: c, h: h}
}

func (d *head) Parse(p []byte) int {
	n := bytes.IndexByte(p, '\n') + 1
	if n == 0 {
		n = len(p)
	}
	n = min(n, dissect.MaxHead-len(d.bytes))
	d.bytes = append(d.bytes, p[:n]...)
	if d.bytes[len(d.bytes)-1] != '\n' {
		if len(d.bytes) == dissect.MaxHead {
			d.h.GiveUp(d.bytes, n)
		}
		return n
	}

	if d.h.From == dissect.Client && d.h.Offset+int64(n) == int64(len(d.bytes)) {
		if preface := d.h.Protocols.Preface(d.bytes); preface != nil {
			d.c.handOver(preface, n)
			return n
		}
	}
	line := trimLineEnd(string(d.bytes[d.line:]))
	d.line = len(d.bytes)
	switch {
	case !d.begun && len(line) == 0:
		d.first = d.line
	case !d.begun && !isStartLine(d.h.From, line):
		d.h.GiveUp(d.bytes, n)
		return n
	case len(line) == 0:
		d.finish(n)
		return n
	default:
		d.begun = true
	}
	if len(d.bytes) == dissect.MaxHead {
		d.h.GiveUp(d.bytes, n)
	}
	return n
}

func (d *head) End() {
	if len(d.bytes) == 0 {
		return
	}
	if !d.begun {
		d.h.EmitCut(d.bytes)
		return
	}
	f, _ := d.frame(d.h.Offset)
	f.Incomplete = true
	d.h.Emit(f)
}

// handOver has both sides read another protocol, the server's only where it has
// not begun with this one.
func (c *connection) handOver(preface *dissect.Preface, n int) {
	server := c.server
	if d, ok := server.Parser.(*head); !ok || server.Offset != 0 || len(d.bytes) != 0 {
		server = nil
	}
	preface.Start(c.client, server, n)
}

// finish emits the head, of which the last n bytes are not yet counted in the
// direction's offset, and makes place for what follows it.
func (d *head) finish(n int) {
	f, m := d.frame(d.h.Offset + int64(n))
	if d.h.From == dissect.Client {
		d.c.request(f, m)
	} else {
		d.c.response(f, m)
	}
}

// frame describes the head, which ends at the offset.
func (d *head) frame(end int64) (dissect.Frame, *dissect.Head) {
	head := string(d.bytes)
	r := &headReader{message: &dissect.Head{From: d.h.From}}
	r.Fields = make([]dissect.Field, 0, 8+4*strings.Count(head, "\n"))
	r.Add(field.LeadingCRLF, d.first, dissect.Escape(head[:d.first]))
	line, rest := cutLine(head[d.first:])
	target, phrase := r.startLine(line)
	r.headers(rest)
	kind, says := "request", []dissect.Phrase(nil)
	if d.h.From == dissect.Server {
		kind, says = "response", []dissect.Phrase{r.message.StatusLine(say.Response, phrase)}
	} else {
		says = r.message.RequestLine(say.Request, target)
	}
	return dissect.Frame{
		Offset: end - int64(len(head)), Length: len(head),
		Protocol: "http1", Kind: kind, Say: says,
		Fields: r.Fields, Violations: r.violations,
	}, r.message
}
