package export

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"regexp"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
	"seewire/playground/wire"
)

// ungzipped is what a gzip file holds, as far as it goes; ok is false where bytes
// are none, and where they hold more than is read.
func ungzipped(budget *dissect.Budget, p []byte) (plain []byte, ok bool) {
	if !bytes.HasPrefix(p, []byte("\x1f\x8b\x08")) {
		return nil, false
	}
	z, err := gzip.NewReader(bytes.NewReader(p))
	if err != nil {
		return nil, false
	}
	var out bytes.Buffer
	n, _ := io.Copy(&out, io.LimitReader(z, MaxImport+1))
	if n == 0 || n > MaxImport || !budget.Inflate(len(p)+int(n)) {
		return nil, false
	}
	return out.Bytes(), true
}

// savedConnection finds both sides of a connection in what a tool has written into
// one file: curl -v, or Wireshark's "Follow Stream" saved as raw bytes.
func savedConnection(p []byte) (c wire.Connection, note Note, ok bool) {
	if verboseLine.Match(p) && verboseRequest.Match(p) {
		note = Note{Code: "import-curl", Connection: 1,
			Message: "The heads are put together from what curl has printed, and it takes chunks off: these are not the bytes as they were sent."}
		return verbose(p), note, true
	}
	end := bytes.Index(p, []byte("\r\n\r\n")) + 4
	if end < 4 || !bytes.HasPrefix(p[end:], []byte("HTTP/1.")) || !requestStart.Match(p) {
		return c, note, false
	}
	note = Note{Code: "import-both", Connection: 1,
		Message: "The file has both sides of a connection one after the other. They are told apart by what they say: the order of the two is a guess."}
	c = wire.Connection{Number: 1}
	write(&c, wire.Client, p[:end])
	rest := p[end:]
	if upgraded := bytes.Index(rest, []byte("\r\n\r\n")) + 4; upgraded >= 4 && switching.Match(rest) {
		write(&c, wire.Server, rest[:upgraded])
		for rest = rest[upgraded:]; len(rest) > 0; {
			if len(c.Segments) >= maxDumped {
				rest = bySide(&c, rest)
				break
			}
			n := frameLength(rest)
			from := wire.Side(protocols.MaskSide(rest))
			write(&c, from, rest[:n])
			rest = rest[n:]
		}
	}
	write(&c, wire.Server, rest)
	return c, note, true
}

// bySide gives each side its frames at once, where there are too many to keep their
// order. It returns what is left.
func bySide(c *wire.Connection, rest []byte) []byte {
	sides := map[wire.Side][]byte{}
	for len(rest) > 0 {
		n := frameLength(rest)
		from := wire.Side(protocols.MaskSide(rest))
		sides[from] = append(sides[from], rest[:n]...)
		rest = rest[n:]
	}
	write(c, wire.Client, sides[wire.Client])
	write(c, wire.Server, sides[wire.Server])
	return nil
}

var (
	verboseLine    = regexp.MustCompile(`\A([*<>{}] ?[^\r\n]*\r?\n)+`)
	verboseRequest = regexp.MustCompile(`(?m)^> [A-Z]+ [^ \r\n]+ HTTP/`)
	requestStart   = regexp.MustCompile(`\A[A-Z]+ [^ \r\n]+ HTTP/1\.[01]\r\n`)
	switching      = regexp.MustCompile(`\AHTTP/1\.[01] 101\b`)
)

// verbose reads what curl -v prints: what was sent behind ">", what came behind
// "<", and the body as it is.
func verbose(p []byte) wire.Connection {
	c := wire.Connection{Number: 1}
	head := true // the body has lines of its own
	for line := range bytes.Lines(p) {
		content := bytes.TrimRight(line, "\r\n")
		mark, rest := byte(0), []byte(nil)
		if len(content) > 0 {
			mark, rest = content[0], bytes.TrimPrefix(content[1:], []byte(" "))
		}
		switch {
		case mark == '>':
			write(&c, wire.Client, append(bytes.Clone(rest), "\r\n"...))
		case mark == '<' && head:
			write(&c, wire.Server, append(bytes.Clone(rest), "\r\n"...))
			head = len(rest) > 0
		case mark == '<' && bytes.HasPrefix(rest, []byte("HTTP/")):
			write(&c, wire.Server, append(bytes.Clone(rest), "\r\n"...))
			head = true
		case head, mark == '*' && bytes.HasPrefix(content, []byte("* ")):
		default:
			write(&c, wire.Server, line)
		}
	}
	return c
}

// write adds a segment, or to the last one where that has no time either.
func write(c *wire.Connection, from wire.Side, p []byte) {
	if len(p) == 0 {
		return
	}
	to := &c.Server
	if from == wire.Client {
		to = &c.Client
	}
	if last := len(c.Segments) - 1; last >= 0 && c.Segments[last].From == from && c.Segments[last].At.IsZero() {
		c.Segments[last].Length += len(p)
		*to = append(*to, p...)
		return
	}
	c.Segments = append(c.Segments, wire.Segment{From: from, Offset: int64(len(*to)), Length: len(p)})
	*to = append(*to, p...)
}

// frameLength is how long the WebSocket frame is that bytes begin with, as far as it
// is there (RFC 6455 §5.2).
func frameLength(p []byte) int {
	if len(p) < 2 {
		return len(p)
	}
	header, length := 2, uint64(p[1]&0x7f)
	switch {
	case length == 126 && len(p) >= 4:
		header, length = 4, uint64(binary.BigEndian.Uint16(p[2:]))
	case length == 127 && len(p) >= 10:
		header, length = 10, binary.BigEndian.Uint64(p[2:])
	}
	if p[1]&0x80 != 0 {
		header += 4
	}
	return int(min(uint64(len(p)), uint64(header)+min(length, uint64(len(p)))))
}

// importSaved is a connection that a tool has written down.
func importSaved(c wire.Connection, note Note) imported {
	d := importConnections("", []wire.Connection{c}, []protocols.Start{{Saved: true}})
	d.note(note)
	return d
}
