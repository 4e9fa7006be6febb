package watch

import (
	"bytes"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// maxHead bounds the head of a message. Servers take less.
const maxHead = 256 << 10

// A head is that of a request or a response (RFC 9112 §2.1), with its last empty line.
type head struct {
	raw   []byte
	first string // the start line
	lines []headLine
}

type headLine struct {
	name       string // in lower case
	value      string
	start, end int // of the value in raw, without the space around it
}

var errNotHTTP = errors.New("watch: the bytes are not HTTP")

// headLength is how many of the bytes are a head; 0 where its end is not there. Empty
// lines before a request are a part of it (RFC 9112 §2.2).
func headLength(p []byte) int {
	start := 0
	for start < len(p) && (p[start] == '\r' || p[start] == '\n') {
		start++
	}
	for i := start; ; {
		n := bytes.IndexByte(p[i:], '\n')
		if n < 0 {
			return 0
		}
		i += n + 1
		switch {
		case bytes.HasPrefix(p[i:], []byte("\n")):
			return i + 1
		case bytes.HasPrefix(p[i:], []byte("\r\n")):
			return i + 2
		}
	}
}

func parseHead(p []byte) head {
	h := head{raw: p}
	for at := 0; at < len(p); {
		n := bytes.IndexByte(p[at:], '\n') + 1
		if n == 0 {
			n = len(p) - at
		}
		line := strings.TrimRight(string(p[at:at+n]), "\r\n")
		switch name, value, ok := strings.Cut(line, ":"); {
		case line == "":
		case h.first == "":
			h.first = line
		case ok:
			start := at + len(name) + 1 + len(value) - len(strings.TrimLeft(value, " \t"))
			value = strings.Trim(value, " \t")
			h.lines = append(h.lines, headLine{strings.ToLower(strings.TrimSpace(name)), value, start, start + len(value)})
		}
		at += n
	}
	return h
}

// value is that of a header; several are joined with commas (RFC 9110 §5.2).
func (h head) value(name string) string {
	var all []string
	for _, l := range h.lines {
		if l.name == name {
			all = append(all, l.value)
		}
	}
	return strings.Join(all, ", ")
}

func (h head) has(name, token string) bool {
	for one := range strings.SplitSeq(h.value(name), ",") {
		if strings.EqualFold(strings.TrimSpace(one), token) {
			return true
		}
	}
	return false
}

// request divides the start line of a request (RFC 9112 §3).
func (h head) request() (method, target string, err error) {
	method, rest, _ := strings.Cut(h.first, " ")
	target, version, ok := strings.Cut(rest, " ")
	if !ok || method == "" || target == "" || !strings.HasPrefix(version, "HTTP/1.") {
		return "", "", errNotHTTP
	}
	return method, target, nil
}

// status reads the start line of a response (RFC 9112 §4).
func (h head) status() (int, error) {
	version, rest, _ := strings.Cut(h.first, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || !strings.HasPrefix(version, "HTTP/1.") {
		return 0, errNotHTTP
	}
	return status, nil
}

// rewritten is a request as the target gets it: what names this program names the
// target in its place, and all else stays byte by byte. Scheme is what the client
// speaks.
func (h head) rewritten(target *url.URL, scheme string) []byte {
	own := h.value("host")
	var out []byte
	at := 0
	replace := func(start, end int, with string) {
		out = append(append(out, h.raw[at:start]...), with...)
		at = end
	}
	if _, path, err := h.request(); err == nil {
		start := bytes.Index(h.raw, []byte(h.first)) + strings.Index(h.first, " ") + 1
		replace(start, start+len(path), targetPath(path, target))
	}
	for _, l := range h.lines {
		switch {
		case l.name == "host":
			replace(l.start, l.end, target.Host)
		case l.name == "origin" && strings.EqualFold(l.value, scheme+"://"+own):
			// A page that came through here: its server compares Origin with Host.
			replace(l.start, l.end, target.Scheme+"://"+target.Host)
		}
	}
	return append(out, h.raw[at:]...)
}

// targetPath puts the target's own path before that of a request.
func targetPath(path string, target *url.URL) string {
	if _, after, ok := strings.Cut(path, "://"); ok { // the absolute form (RFC 9112 §3.2.2)
		slash := strings.IndexByte(after, '/')
		if slash < 0 {
			return strings.TrimSuffix(target.EscapedPath(), "/") + "/"
		}
		path = after[slash:]
	}
	if !strings.HasPrefix(path, "/") {
		return path // "*"
	}
	return strings.TrimSuffix(target.EscapedPath(), "/") + path
}

// A body is how far the content of a message has been read (RFC 9112 §6).
type body struct {
	kind  bodyKind
	left  int64 // of the content, or of a chunk
	state chunkState
	line  int  // bytes of the line that is being read
	size  bool // the size of the chunk is complete: an extension follows
}

type bodyKind uint8

const (
	noBody bodyKind = iota
	counted
	chunked
	untilEnd // of the connection
)

type chunkState uint8

const (
	chunkSize chunkState = iota
	chunkData
	chunkEnd // the line end behind the data
	trailers
)

var errChunk = errors.New("watch: a chunk has no size")

func requestBody(h head) body {
	switch {
	case h.value("transfer-encoding") != "":
		return body{kind: chunked}
	case h.value("content-length") != "":
		return countedBody(h)
	}
	return body{}
}

func responseBody(h head, method string, status int) body {
	switch {
	case method == "HEAD", status == 204, status == 304:
		return body{}
	case h.has("transfer-encoding", "chunked"):
		return body{kind: chunked}
	case h.value("content-length") != "" && h.value("transfer-encoding") == "":
		return countedBody(h)
	}
	return body{kind: untilEnd}
}

func countedBody(h head) body {
	// The same length may stand there twice (RFC 9110 §8.6).
	length, _, _ := strings.Cut(h.value("content-length"), ",")
	n, err := strconv.ParseInt(strings.TrimSpace(length), 10, 64)
	if err != nil || n < 0 {
		return body{kind: untilEnd}
	}
	return body{kind: counted, left: n}
}

// complete says whether nothing more belongs to it.
func (b *body) complete() bool { return b.kind == noBody || b.kind == counted && b.left == 0 }

// between says whether the next byte begins a chunk.
func (b *body) between() bool { return b.kind == chunked && b.state == chunkSize && b.line == 0 }

// take reads bytes from the start of p. It returns how many are the body's, and
// whether it ends with them.
func (b *body) take(p []byte, content func([]byte)) (n int, done bool, err error) {
	switch b.kind {
	case noBody:
		return 0, true, nil
	case untilEnd:
		content(p)
		return len(p), false, nil
	case counted:
		n = int(min(b.left, int64(len(p))))
		content(p[:n])
		b.left -= int64(n)
		return n, b.left == 0, nil
	}
	for n < len(p) {
		if b.state == chunkData {
			some := int(min(b.left, int64(len(p)-n)))
			content(p[n : n+some])
			n += some
			if b.left -= int64(some); b.left == 0 {
				b.state = chunkEnd
			}
			continue
		}
		c := p[n]
		n++
		if c != '\n' {
			if c != '\r' {
				b.line++
			}
			if b.state == chunkSize {
				if err := b.digit(c); err != nil {
					return n, false, err
				}
			}
			continue
		}
		empty := b.line == 0
		b.line = 0
		switch {
		case b.state == chunkEnd:
			b.state, b.left, b.size = chunkSize, 0, false
		case b.state == trailers && empty:
			return n, true, nil
		case b.state == chunkSize && empty:
			return n, false, errChunk
		case b.state == chunkSize && b.left == 0:
			b.state = trailers
		case b.state == chunkSize:
			b.state = chunkData
		}
	}
	return n, false, nil
}

// digit reads a byte of the line with the size of a chunk (RFC 9112 §7.1).
func (b *body) digit(c byte) error {
	digit := strings.IndexByte("0123456789abcdef", c|0x20)
	switch {
	case b.size, c == '\r':
	case digit >= 0 && c >= '0':
		if b.left >= 1<<40 {
			return errChunk
		}
		b.left = b.left<<4 | int64(digit)
	case b.line == 1:
		return errChunk
	default:
		b.size = true
	}
	return nil
}
