package coding

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

// A gzipDecoder reads a gzip member (RFC 1952).
type gzipDecoder struct {
	header   gzipHeader
	inflater Inflater
	trailer  []byte // what came after the last block
	sum      uint32 // CRC-32 of what was inflated
	size     uint32 // how much that is, modulo 2³²
}

func (g *gzipDecoder) close() {}

func (g *gzipDecoder) decode(p []byte, write func([]byte) error) (ended bool, err error) {
	p, err = g.header.read(p)
	if err != nil || !g.header.whole() {
		return false, err
	}
	rest := len(p)
	if g.inflater.state != deflateEnd {
		rest, err = g.inflater.Inflate(p, func(p []byte) error {
			g.sum = crc32.Update(g.sum, crc32.IEEETable, p)
			g.size += uint32(len(p))
			return write(p)
		})
		if err != nil || g.inflater.state != deflateEnd {
			return false, err
		}
	}
	g.trailer = append(g.trailer, p[len(p)-rest:][:min(rest, gzipTrailer-len(g.trailer))]...)
	if len(g.trailer) < gzipTrailer {
		return false, nil
	}
	if binary.LittleEndian.Uint32(g.trailer) != g.sum || binary.LittleEndian.Uint32(g.trailer[4:]) != g.size {
		return true, errGzip
	}
	return true, nil
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
