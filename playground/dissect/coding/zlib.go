package coding

import (
	"encoding/binary"
	"hash"
	"hash/adler32"
)

// A zlibDecoder reads Content-Encoding: deflate, which is DEFLATE in the zlib
// format (RFC 1950). Some servers send DEFLATE alone; browsers take that too.
type zlibDecoder struct {
	start    []byte // of the body: two bytes tell which it is
	raw      bool
	inflater Inflater
	sum      hash.Hash32
	trailer  []byte
}

const zlibHeader, zlibTrailer = 2, 4 // bytes

func (z *zlibDecoder) close() {}

func (z *zlibDecoder) decode(p []byte, write func([]byte) error) (ended bool, err error) {
	if z.sum == nil {
		n := min(len(p), zlibHeader-len(z.start))
		z.start, p = append(z.start, p[:n]...), p[n:]
		if len(z.start) < zlibHeader {
			return false, nil
		}
		z.sum = adler32.New()
		const deflate, dictionary = 8, 1 << 5
		if z.raw = z.start[0]&15 != deflate || binary.BigEndian.Uint16(z.start)%31 != 0 || z.start[1]&dictionary != 0; z.raw {
			p = append(z.start, p...)
		}
	}
	rest := len(p)
	if !z.inflater.Ended() {
		rest, err = z.inflater.Inflate(p, func(p []byte) error {
			z.sum.Write(p)
			return write(p)
		})
		if err != nil || !z.inflater.Ended() {
			return false, err
		}
	}
	if z.raw {
		return true, nil
	}
	z.trailer = append(z.trailer, p[len(p)-rest:][:min(rest, zlibTrailer-len(z.trailer))]...)
	if len(z.trailer) < zlibTrailer {
		return false, nil
	}
	if binary.BigEndian.Uint32(z.trailer) != z.sum.Sum32() {
		return true, ErrDeflate
	}
	return true, nil
}
