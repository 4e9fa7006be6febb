package secret

import (
	"bytes"
	"strconv"
	"strings"
)

// maxLine bounds a line of a head. A longer one no server takes: the rest of it
// is covered whole.
const maxLine = 64 << 10

// An HTTP1 covers what goes over a connection of HTTP/1.1, from a request on.
type HTTP1 struct {
	Client, Server *Covering

	client, server                 http1
	clientCovering, serverCovering Covering
	shown                          func(path string) []string
	requests                       []request // that have no response yet
}

// A request is what a response depends on.
type request struct {
	method  string
	shown   []string
	upgrade bool
}

// NewHTTP1 returns one that knows from shown what stays at a path, because it is
// made up: "visitor=ada" is a cookie or a parameter, "Bearer ada" all of a value,
// "token.ada" a subprotocol. Shown may be nil.
func NewHTTP1(shown func(path string) []string) *HTTP1 {
	h := &HTTP1{shown: shown}
	h.client = http1{of: h, fromClient: true}
	h.server = http1{of: h}
	h.Client, h.Server = &h.clientCovering, &h.serverCovering
	h.Client.scan, h.Server.scan = &h.client, &h.server
	return h
}

// Hijacked says that a handler has taken the connection. If the request has asked
// for another protocol, what the client sends from now on is that.
func (h *HTTP1) Hijacked() {
	if h.client.current.upgrade {
		h.client.state = raw
	}
}

// A state says what the next byte of a direction is.
type state uint8

const (
	startLine state = iota // or an empty line before it (RFC 9112 §2.2)
	headerLine
	body // of a length that is known
	chunkSize
	chunkData
	chunkEnd
	trailerLine
	raw // no HTTP, or a body up to the end of the connection
)

// An http1 reads one direction (RFC 9112).
type http1 struct {
	framing
	fromClient bool
	of         *HTTP1
	line       []byte // of a head, as far as it is there
	tooLong    bool   // the rest of the line is covered as it comes
	folds      Kind   // of the header before, which the line may go on with

	current request // whose head it is, or which the head answers
	status  string
	length  int64 // Content-Length, or -1
	chunked bool
}

// A framing is where a direction stands, and how far a body or a chunk still goes.
type framing struct {
	left  int64 // of a body or a chunk, or the size of one that is being read
	state state
	sized bool // the size of the chunk is complete: an extension follows
}

func (d *http1) where() *framing { return &d.framing }

func (d *http1) add(c *Covering, p []byte) (undecided int) {
	for at := c.total - int64(len(p)); len(p) > 0; {
		n := d.step(c, at, p)
		at, p = at+int64(n), p[n:]
	}
	return len(d.line)
}

// end covers a line that has no end.
func (d *http1) end(c *Covering) (undecided int) {
	d.cover(c, c.total-int64(len(d.line)), nil)
	d.line = nil
	return 0
}

// step takes some bytes, at least one, which stand at an offset.
func (d *http1) step(c *Covering, at int64, p []byte) (n int) {
	if n = d.advance(p); n > 0 {
		return n
	}
	n = bytes.IndexByte(p, '\n') + 1
	if d.tooLong {
		end := n - 1
		if n == 0 {
			n, end = len(p), len(p)
		}
		c.overwrite(at, bytes.Repeat([]byte{filler}, end))
		d.tooLong = end == n
		return n
	}
	if n > 0 {
		d.line = append(d.line, p[:n]...)
		d.lineEnds(c, at+int64(n)-int64(len(d.line)))
		d.line = d.line[:0]
		return n
	}
	n = min(len(p), maxLine-len(d.line))
	d.line = append(d.line, p[:n]...)
	if len(d.line) == maxLine {
		start := at + int64(n) - int64(len(d.line))
		c.overwrite(start, bytes.Repeat([]byte{filler}, len(d.line)))
		d.line, d.tooLong = nil, true
	}
	return n
}

// advance takes some bytes of a body, or none where they are of a head or a trailer section.
func (f *framing) advance(p []byte) (n int) {
	switch f.state {
	case raw:
		return len(p)
	case body, chunkData:
		n = int(min(f.left, int64(len(p))))
		if f.left -= int64(n); f.left == 0 {
			f.state = next(f.state == body, startLine, chunkEnd)
		}
		return n
	case chunkEnd:
		if n = bytes.IndexByte(p, '\n') + 1; n == 0 {
			return len(p)
		}
		f.state, f.left, f.sized = chunkSize, 0, false
		return n
	case chunkSize:
		return f.chunkSize(p)
	}
	return 0
}

func next(first bool, a, b state) state {
	if first {
		return a
	}
	return b
}

// chunkSize reads the size of a chunk, and past its extensions (RFC 9112 §7.1).
func (f *framing) chunkSize(p []byte) (n int) {
	for i, b := range p {
		digit := strings.IndexByte("0123456789abcdef", b|0x20)
		switch {
		case b == '\n':
			f.state = next(f.left == 0, trailerLine, chunkData)
			return i + 1
		case digit < 0 || b < '0':
			f.sized = true
		case !f.sized && f.left < 1<<40:
			f.left = f.left<<4 | int64(digit)
		}
	}
	return len(p)
}

// lineEnds takes a line of a head, which starts at an offset.
func (d *http1) lineEnds(c *Covering, at int64) {
	text := strings.TrimRight(string(d.line), "\r\n")
	if text == "" {
		if d.state != startLine {
			d.headEnds()
		}
		return
	}
	d.cover(c, at, d.current.shown)
	if d.state == startLine {
		d.start(c, at, text)
		return
	}
	name, value, ok := strings.Cut(text, ":")
	if !ok || d.state == trailerLine || text[0] == ' ' || text[0] == '\t' { // the last is of the header before (RFC 9112 §5.2)
		return
	}
	value = strings.ToLower(strings.TrimSpace(value))
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "content-length":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
			d.length = n
		}
	case "transfer-encoding":
		d.chunked = strings.Contains(value, "chunked")
	case "upgrade":
		d.current.upgrade = true
	}
}

// start takes a request line or a status line.
func (d *http1) start(c *Covering, at int64, text string) {
	d.state, d.folds, d.length, d.chunked = headerLine, "", -1, false
	first, rest, _ := strings.Cut(text, " ")
	second, _, _ := strings.Cut(rest, " ")
	if !d.fromClient {
		d.status = second
		d.current = request{}
		if len(d.of.requests) > 0 {
			d.current = d.of.requests[0]
		}
		return
	}
	d.current = request{method: first}
	if !strings.HasPrefix(text[strings.LastIndexByte(text, ' ')+1:], "HTTP/") {
		// No request line (RFC 9112 §3): a client that does not wait for responses has
		// sent the start of this line before it was known to be recorded.
		d.coverPart(c, at, Key, text, nil)
		return
	}
	if d.of.shown != nil {
		d.current.shown = d.of.shown(pathOf(second))
	}
	d.coverPart(c, at+int64(len(first))+1, Address, second, d.current.shown)
}

// headEnds decides what comes after a head or a trailer section.
func (d *http1) headEnds() {
	if d.state == trailerLine {
		d.state = startLine
		return
	}
	d.state = startLine
	switch {
	case d.fromClient:
		d.of.requests = append(d.of.requests, d.current)
		if d.length < 0 {
			d.length = 0
		}
	case d.status == "101":
		d.state = raw
		return
	case strings.HasPrefix(d.status, "1"):
		return
	default:
		if len(d.of.requests) > 0 {
			d.of.requests = d.of.requests[1:]
		}
		if d.current.method == "HEAD" || d.status == "204" || d.status == "304" {
			return
		}
	}
	switch {
	case d.chunked:
		d.state, d.left, d.sized = chunkSize, 0, false
	case d.length > 0:
		d.state, d.left = body, d.length
	case d.length < 0:
		d.state = raw
	}
}

// cover covers what is secret in the line, if it is one of a header.
func (d *http1) cover(c *Covering, at int64, shown []string) {
	text := strings.TrimRight(string(d.line), "\r\n")
	if d.state == startLine && d.fromClient {
		// A line that is complete is covered by start, which knows its path.
		if !bytes.HasSuffix(d.line, []byte("\n")) {
			d.coverPart(c, at, Address, text, nil)
		}
		return
	}
	if d.state != headerLine && d.state != trailerLine || text == "" {
		return
	}
	if text[0] == ' ' || text[0] == '\t' {
		// The header goes on here (RFC 9112 §5.2). No client that is in use does
		// this any more, so that all of the line is covered, names too.
		if d.folds != "" {
			d.coverPart(c, at, Key, text, nil)
		}
		return
	}
	name, value, _ := strings.Cut(text, ":")
	d.folds = KindOf(strings.ToLower(strings.TrimSpace(name)))
	d.coverPart(c, at+int64(len(name))+1, d.folds, value, shown)
}

func (d *http1) coverPart(c *Covering, at int64, kind Kind, value string, shown []string) {
	// Space around the value is not part of it; "Basic x" begins with its scheme.
	plain := strings.TrimLeft(value, " \t")
	at += int64(len(value) - len(plain))
	for _, s := range spans(kind, plain, shown) {
		c.overwrite(at+int64(s.start), bytes.Repeat([]byte{filler}, s.end-s.start))
	}
}

// pathOf is the path of a request's target.
func pathOf(target string) string {
	if _, after, ok := strings.Cut(target, "://"); ok { // the absolute form (RFC 9112 §3.2.2)
		slash := strings.IndexByte(after, '/')
		if slash < 0 {
			return "/"
		}
		target = after[slash:]
	}
	if end := strings.IndexAny(target, "?#"); end >= 0 {
		target = target[:end]
	}
	return target
}
