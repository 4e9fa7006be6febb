package coding

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"

	"seewire/playground/dissect"
)

// A Gzip inflates a body with Content-Encoding: gzip (RFC 9110 §8.4.1.3,
// RFC 1952), so that each of its pieces can be shown as what it adds.
type Gzip struct {
	h       *dissect.Direction
	content dissect.Content // reads what is inflated, if it has a dissector

	header   gzipHeader
	inflater Inflater
	deflated []byte // the piece that is arriving
	trailer  []byte // what came after the last block
	ended    bool   // the trailer is there
	failed   bool   // the rest is shown as it came
	sum      uint32 // CRC-32 of what was inflated
	size     uint32 // how much that is, modulo 2³²
}

// NewGzip returns nil where the body of a message is not under gzip.
func NewGzip(h *dissect.Direction, m *dissect.Head) *Gzip {
	coding := m.Get("content-encoding")
	if !strings.EqualFold(coding, "gzip") && !strings.EqualFold(coding, "x-gzip") {
		return nil
	}
	return &Gzip{h: h}
}

// Write takes bytes of the body.
func (g *Gzip) Write(p []byte) {
	if g == nil || g.failed || g.ended {
		return
	}
	g.deflated = append(g.deflated, p...)
}

// Piece is called where a piece of the body ends, with the offset of its last
// byte. It returns what the piece adds to what is inflated; nothing where that
// is not known yet, or where the body is not under gzip.
func (g *Gzip) Piece(last int64, violations *dissect.Violations) (added dissect.Excerpt) {
	if g == nil || g.ended {
		return added
	}
	if g.failed {
		if g.h.Inflation.Over() {
			g.h.Inflation.LeaveOut(1)
		}
		return added
	}
	if g.content != nil {
		g.content.Inside(last)
	}
	p := g.deflated
	g.deflated = g.deflated[:0]
	switch err := g.inflate(p, &added); {
	case err == ErrTooLarge:
		g.failed, g.deflated = true, nil
		g.h.Inflation.LeaveOut(1)
	case err != nil:
		g.failed, g.deflated = true, nil
		violations.Add(invalid)
	}
	return added
}

// inflate reads a piece of the body.
func (g *Gzip) inflate(p []byte, added *dissect.Excerpt) error {
	if !g.h.Inflation.Take(len(p)) {
		return ErrTooLarge
	}
	p, err := g.header.read(p)
	if err != nil || !g.header.whole() {
		return err
	}
	rest := len(p)
	if g.inflater.state != deflateEnd {
		rest, err = g.inflater.Inflate(p, func(p []byte) error {
			added.Write(p)
			g.sum = crc32.Update(g.sum, crc32.IEEETable, p)
			g.size += uint32(len(p))
			for rest := p; g.content != nil && len(rest) > 0; {
				if rest = rest[g.content.Write(rest):]; g.h.Description.Over() {
					return ErrTooLarge
				}
			}
			if !g.h.Inflation.Take(len(p)) {
				return ErrTooLarge
			}
			return nil
		})
		if err != nil || g.inflater.state != deflateEnd {
			return err
		}
	}
	g.trailer = append(g.trailer, p[len(p)-rest:][:min(rest, gzipTrailer-len(g.trailer))]...)
	if len(g.trailer) < gzipTrailer {
		return nil
	}
	g.ended = true
	if binary.LittleEndian.Uint32(g.trailer) != g.sum || binary.LittleEndian.Uint32(g.trailer[4:]) != g.size {
		return errGzip
	}
	return nil
}

// End is the end of the body.
func (g *Gzip) End() {
	if g != nil && g.content != nil {
		g.content.End()
	}
}

// ErrTooLarge says that inflating would take too much.
var ErrTooLarge = errors.New("too large to inflate here")

var errGzip = errors.New("not gzip")

const (
	gzipFixed   = 10 // bytes of a header that each has
	gzipTrailer = 8  // bytes
)

// A gzipHeader reads the header of a gzip member (RFC 1952 §2.3), as its bytes
// come.
type gzipHeader struct {
	fixed []byte
	flags byte // of the parts that are still to come
	skip  int  // bytes of the current one
	extra []byte
	sum   uint32 // CRC-32 of the header
	check []byte
}

// Flags of a header (RFC 1952 §2.3.1).
const (
	gzipHeaderSum = 1 << 1
	gzipExtra     = 1 << 2
	gzipName      = 1 << 3
	gzipComment   = 1 << 4
)

// whole tells whether the header is behind.
func (z *gzipHeader) whole() bool { return len(z.fixed) == gzipFixed && z.flags == 0 && z.skip == 0 }

// read takes the header's bytes off p.
func (z *gzipHeader) read(p []byte) ([]byte, error) {
	for len(p) > 0 && !z.whole() {
		n := 1
		switch {
		case len(z.fixed) < gzipFixed:
			z.fixed = append(z.fixed, p[0])
			if start := "\x1f\x8b\x08"; !strings.HasPrefix(start, string(z.fixed[:min(len(z.fixed), len(start))])) {
				return nil, errGzip
			}
			if len(z.fixed) == gzipFixed {
				z.flags = z.fixed[3] & (gzipHeaderSum | gzipExtra | gzipName | gzipComment)
			}
		case z.skip > 0:
			n = min(len(p), z.skip)
			z.skip -= n
		case z.flags&gzipExtra != 0:
			if z.extra = append(z.extra, p[0]); len(z.extra) == 2 {
				z.skip, z.flags = int(binary.LittleEndian.Uint16(z.extra)), z.flags&^gzipExtra
			}
		case z.flags&(gzipName|gzipComment) != 0:
			if n = bytes.IndexByte(p, 0) + 1; n == 0 {
				n = len(p)
				break
			}
			if z.flags&gzipName != 0 {
				z.flags &^= gzipName
			} else {
				z.flags &^= gzipComment
			}
		default:
			if z.check = append(z.check, p[0]); len(z.check) == 2 {
				if binary.LittleEndian.Uint16(z.check) != uint16(z.sum) {
					return nil, errGzip
				}
				z.flags = 0
			}
		}
		if len(z.check) == 0 {
			z.sum = crc32.Update(z.sum, crc32.IEEETable, p[:n])
		}
		p = p[n:]
	}
	return p, nil
}

// invalid is what is wrong with a body that is not what its coding says.
var invalid = dissect.Violation{Code: "http1.gzip", Section: "RFC 9110 §8.4.1.3"}

// Violations lists what can be wrong with a coding.
func Violations() []dissect.Violation { return []dissect.Violation{invalid} }

// Content returns the dissector of a response's content, which is nil where it
// has none. What comes under gzip is given to it by gzip, and the result is nil.
func Content(h *dissect.Direction, response *dissect.Head, gzip *Gzip, carrier dissect.Carrier) dissect.Content {
	t := h.Protocols.ContentType(response)
	if t == nil || gzip == nil && response.Coded() {
		return nil
	}
	carrier.Inflated = gzip != nil
	content := t.New(h, response, carrier)
	if gzip != nil {
		gzip.content = content
		return nil
	}
	return content
}
