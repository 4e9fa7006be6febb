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
	after bool // it follows on a response that has said where it ends

	handed int64 // where the client's bytes begin, behind what a proxy has put before them
}

// newHead reads the next head of a direction, which begins another exchange.
func (c *connection) newHead(h *dissect.Direction) *head {
	h.Exchange = 0
	return &head{c: c, h: h}
}

func (d *head) Parse(p []byte) int {
	if d.h.From == dissect.Server && d.h.Offset == int64(len(d.bytes)) {
		if n := d.parsePreface(p); n > 0 {
			return n
		}
	}
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

	if start := d.h.Offset + int64(n-len(d.bytes)); d.h.From == dissect.Client && start == d.handed {
		if start == 0 && bytes.HasPrefix(d.bytes, []byte(proxyLine)) {
			d.emitProxy(d.h.Offset + int64(n))
			next := d.c.newHead(d.h)
			next.handed = int64(len(d.bytes))
			d.h.Parser = next
			return n
		}
		if preface := d.h.Protocols.Preface(d.bytes); preface != nil {
			d.c.handOver(preface, d, n)
			return n
		}
	}
	line := trimLineEnd(string(d.bytes[d.line:]))
	d.line = len(d.bytes)
	switch {
	case !d.begun && len(line) == 0:
		d.first = d.line
	case !d.begun && d.h.From == dissect.Client && d.h.Offset+int64(n) == int64(len(d.bytes)) && strings.HasPrefix(proxyMagic, string(d.bytes)):
		d.h.Replay(d.bytes, n, &proxy2{c: d.c, h: d.h})
		return n
	case !d.begun && !isStartLine(d.h.From, line):
		var violations []dissect.Violation
		if d.after {
			violations = append(violations, rules[afterResponse])
		}
		d.c.lose(d.h, d.bytes, n, violations...)
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
	if !d.begun && !isStartLine(d.h.From, string(d.bytes[d.first:])) {
		d.h.EmitCut(d.bytes)
		return
	}
	f, _ := d.frame(d.h.Offset)
	f.Incomplete = true
	d.h.Emit(f)
}

// parsePreface looks for what a server begins another protocol with, and returns
// how many bytes it took.
func (d *head) parsePreface(p []byte) int {
	may := false
	for i := range d.h.Protocols.Prefaces {
		preface := &d.h.Protocols.Prefaces[i]
		for n := range p {
			is, still := preface.Server(append(d.bytes[:len(d.bytes):len(d.bytes)], p[:n+1]...))
			if is {
				d.bytes = append(d.bytes, p[:n+1]...)
				d.c.handOver(preface, d, n+1)
				return n + 1
			}
			if !still {
				break
			}
			may = may || n+1 == len(p)
		}
	}
	if !may {
		return 0
	}
	d.bytes = append(d.bytes, p...)
	return len(p)
}

// handOver has both sides read another protocol, which the head's side has begun:
// the last n bytes of it are not yet counted in its direction's offset. The other
// side goes along where it has not begun with this one.
func (c *connection) handOver(preface *dissect.Preface, d *head, n int) {
	client, server := preface.New(c.client, c.server)
	next, other := client, server
	if d.h == c.server {
		next, other = server, client
	}
	if peer, ok := c.other(d.h).Parser.(*head); ok && peer.mayBegin(preface) {
		peer.h.Replay(peer.bytes, 0, other)
	}
	d.h.Replay(d.bytes, n, next)
}

// mayBegin tells whether the side has sent nothing yet that the protocol does not
// begin with.
func (d *head) mayBegin(preface *dissect.Preface) bool {
	if d.h.Offset != d.handed+int64(len(d.bytes)) || len(d.bytes) == 0 {
		return d.h.Offset == d.handed
	}
	if d.h.From == dissect.Client {
		return strings.HasPrefix(preface.Line, string(d.bytes))
	}
	_, may := preface.Server(d.bytes)
	return may
}

func (c *connection) other(h *dissect.Direction) *dissect.Direction {
	if h == c.client {
		return c.server
	}
	return c.client
}

// lose shows bytes that are no head, up to the next line that begins one. They are
// those before the direction's offset plus n.
func (c *connection) lose(h *dissect.Direction, taken []byte, n int, violations ...dissect.Violation) {
	starts := func(line []byte) bool { return isStartLine(h.From, trimLineEnd(string(line))) }
	h.Lose(taken, n, starts, func() dissect.Parser { return c.newHead(h) }, violations...)
}

// Resume goes on behind a gap in the recording.
func (d *head) Resume(int64) (dissect.Parser, bool) { return d.c.newHead(d.h), false }

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
