package dissect

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

// A gzipBody inflates a body with Content-Encoding: gzip (RFC 9110 §8.4.1.3,
// RFC 1952), so that each of its pieces can be shown as what it adds.
type gzipBody struct {
	h      *direction
	events *eventStream // reads what is inflated, if that is events

	header   gzipHeader
	inflater inflater
	deflated []byte // the piece that is arriving
	trailer  []byte // what came after the last block
	ended    bool   // the trailer is there
	failed   bool   // the rest is shown as it came
	sum      uint32 // CRC-32 of what was inflated
	size     uint32 // how much that is, modulo 2³²
}

// newGzipBody returns nil where the body of a message is not under gzip.
func newGzipBody(h *direction, m *message) *gzipBody {
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
	g.deflated = append(g.deflated, p...)
}

// piece is called where a piece of the body ends, with the offset of its last
// byte. It returns what the piece adds to what is inflated; nothing where that
// is not known yet, or where the body is not under gzip.
func (g *gzipBody) piece(last int64, violations *violationList) (added excerpt) {
	if g == nil || g.ended {
		return added
	}
	if g.failed {
		if g.h.c.inflation.over {
			g.h.c.inflation.pool.out++
		}
		return added
	}
	if g.events != nil {
		g.events.inside = last
	}
	p := g.deflated
	g.deflated = g.deflated[:0]
	switch err := g.inflate(p, &added); {
	case err == errTooLarge:
		g.failed, g.deflated = true, nil
		g.h.c.inflation.pool.out++
	case err != nil:
		g.failed, g.deflated = true, nil
		violations.add(gzipInvalid)
	}
	return added
}

// inflate reads a piece of the body.
func (g *gzipBody) inflate(p []byte, added *excerpt) error {
	if !g.h.c.inflation.take(len(p)) {
		return errTooLarge
	}
	p, err := g.header.read(p)
	if err != nil || !g.header.whole() {
		return err
	}
	rest := len(p)
	if g.inflater.state != deflateEnd {
		rest, err = g.inflater.inflate(p, func(p []byte) error {
			added.write(p)
			g.sum = crc32.Update(g.sum, crc32.IEEETable, p)
			g.size += uint32(len(p))
			for rest := p; g.events != nil && len(rest) > 0; {
				if rest = rest[g.events.write(rest):]; g.h.c.description.over {
					return errTooLarge
				}
			}
			if !g.h.c.inflation.take(len(p)) {
				return errTooLarge
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

// end is the end of the body.
func (g *gzipBody) end() {
	if g != nil && g.events != nil {
		g.events.end()
	}
}

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
