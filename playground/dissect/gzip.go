package dissect

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

// maxInflation bounds the work of inflating the bodies of one connection, in
// bytes that go in and come out, each time that they do. What is over it is
// shown as it came.
const maxInflation = 64 << 20

// A gzipBody inflates a body with Content-Encoding: gzip (RFC 9110 §8.4.1.3,
// RFC 1952), so that each of its pieces can be shown as what it adds.
//
// A reader of compress/flate can't go on where its input has ended, so a piece
// is inflated together with those before it. That ends where the sender has
// flushed, as it does for events that are to arrive: what comes after a flush
// needs what was inflated before it, but only as the window.
type gzipBody struct {
	h      *half
	events *eventStream // reads what is inflated, if that is events

	deflated []byte   // since the last flush
	inflated int      // what is known of what these inflate to, in bytes
	window   inflater // for what was inflated before the flush
	begun    bool     // the header is behind
	ended    bool     // the trailer is there
	trailer  []byte
	failed   bool   // the rest is shown as it came
	sum      uint32 // CRC-32 of what was inflated
	size     uint32 // how much that is, modulo 2³²
}

// newGzipBody returns nil where the body of a message is not under gzip.
func newGzipBody(h *half, m *message) *gzipBody {
	coding := m.get("content-encoding")
	if !strings.EqualFold(coding, "gzip") && !strings.EqualFold(coding, "x-gzip") {
		return nil
	}
	return &gzipBody{h: h}
}

// write takes bytes of the body.
func (g *gzipBody) write(p []byte) {
	if g == nil || g.failed || g.ended {
		return
	}
	if len(g.deflated)+len(p) > maxDeflated {
		g.failed, g.deflated = true, nil
		return
	}
	g.deflated = append(g.deflated, p...)
}

// piece is called where a piece of the body ends, with the offset of its last
// byte. It returns what the piece adds to what is inflated; nothing where that
// is not known yet, or where the body is not under gzip.
func (g *gzipBody) piece(last int64, violations *violationList) []byte {
	if g == nil || g.failed || g.ended || !g.skipHeader(violations) {
		return nil
	}
	known := g.inflated
	all := g.inflate(violations)
	added := all[min(known, len(all)):]
	g.sum = crc32.Update(g.sum, crc32.IEEETable, added)
	g.size += uint32(len(added))
	if g.ended && !g.checks() {
		g.fail(violations)
	}
	if g.events != nil {
		g.events.inside = last
		for rest := added; len(rest) > 0; {
			rest = rest[g.events.write(rest):]
		}
	}
	return added
}

// checks holds what was inflated against the trailer: its CRC-32 and its size.
func (g *gzipBody) checks() bool {
	return binary.LittleEndian.Uint32(g.trailer) == g.sum && binary.LittleEndian.Uint32(g.trailer[4:]) == g.size
}

// skipHeader tells whether the gzip header is behind.
func (g *gzipBody) skipHeader(violations *violationList) bool {
	if g.begun {
		return true
	}
	source := bytes.NewReader(g.deflated)
	switch _, err := gzip.NewReader(source); err {
	case nil:
		g.begun = true
		g.deflated = g.deflated[len(g.deflated)-source.Len():]
	case io.EOF, io.ErrUnexpectedEOF:
	default:
		g.fail(violations)
	}
	return g.begun
}

func (g *gzipBody) fail(violations *violationList) {
	violations.add(gzipInvalid)
	g.failed, g.deflated = true, nil
}

const (
	flushMark   = "\x00\x00\xff\xff"     // the end of a flush: an empty stored block (RFC 1951 §3.2.4)
	lastBlock   = "\x01\x00\x00\xff\xff" // one that is the last
	gzipTrailer = 8                      // bytes
)

// inflate inflates what came since the last flush.
func (g *gzipBody) inflate(violations *violationList) []byte {
	if bytes.HasSuffix(g.deflated, []byte(flushMark)) {
		// If this is a flush and no accident, a last block can follow.
		if all, left, err := g.read(append(bytes.Clone(g.deflated), lastBlock...)); err == io.EOF && left == 0 {
			g.window.keep(all)
			g.deflated, g.inflated = g.deflated[:0], 0
			return all
		}
	}
	all, left, err := g.read(g.deflated)
	g.inflated = len(all)
	switch {
	case err == io.ErrUnexpectedEOF, err == io.EOF && left < gzipTrailer: // there is more to come
	case err == io.EOF:
		g.ended, g.trailer = true, g.deflated[len(g.deflated)-left:][:gzipTrailer]
	case err == errTooLarge:
		g.failed = true
	default:
		g.fail(violations)
	}
	return all
}

// read inflates a part, and tells how many bytes are left after the last block.
// The error is never nil.
func (g *gzipBody) read(deflated []byte) (all []byte, left int, err error) {
	g.h.c.inflation += len(deflated)
	source := bytes.NewReader(deflated)
	g.window.reset(source)
	var block [4 << 10]byte
	for {
		n, err := g.window.reader.Read(block[:])
		all = append(all, block[:n]...)
		if g.h.c.inflation += n; g.h.c.inflation > maxInflation || len(all) > maxInflated {
			return all, 0, errTooLarge
		}
		if err != nil {
			return all, source.Len(), err
		}
	}
}

// end is the end of the body.
func (g *gzipBody) end() {
	if g != nil && g.events != nil {
		g.events.end()
	}
}
