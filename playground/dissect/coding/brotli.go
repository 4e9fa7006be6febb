package coding

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"

	"seewire/playground/dissect"
)

// A brotliDecoder reads Content-Encoding: br (RFC 7932).
type brotliDecoder struct {
	memory *dissect.Share
	taken  int // of it
	in     pieces
	reader *brotli.Reader
	out    []byte
}

// decoded is how much is decoded at once, in bytes.
const decoded = 16 << 10

// A pieces gives a reader what has come so far, and says where that ends. It shows
// nothing else of its buffer: a reader may take all of one for the whole.
type pieces struct{ buffer bytes.Buffer }

// errMore says that more is still to come.
var errMore = errors.New("more is to come")

func (p *pieces) Read(b []byte) (int, error) {
	n, err := p.buffer.Read(b)
	if err == io.EOF {
		err = errMore
	}
	return n, err
}

func (b *brotliDecoder) decode(p []byte, write func([]byte) error) (ended bool, err error) {
	if len(p) == 0 {
		return false, nil
	}
	if b.reader == nil {
		// The window is allocated as the first bytes ask for it.
		if b.taken = brotliWindow(p[0]) + 2*decoded; !b.memory.Take(b.taken) {
			return false, ErrTooLarge
		}
		b.reader, b.out = brotli.NewReader(&b.in), make([]byte, decoded)
	}
	b.in.buffer.Write(p)
	for {
		n, err := b.reader.Read(b.out)
		if n > 0 {
			if err := write(b.out[:n]); err != nil {
				return false, err
			}
		}
		switch {
		case err == errMore:
			return false, nil
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		case n == 0:
			return b.in.buffer.Len() == 0, nil
		}
	}
}

// whole tells whether the stream has come to its end, which the library says only when
// something comes behind it.
func (b *brotliDecoder) whole() bool {
	if b.reader == nil {
		return false
	}
	b.in.buffer.WriteByte(0)
	_, err := b.reader.Read(b.out)
	return err != nil && err != errMore && strings.Contains(err.Error(), "excessive input")
}

// close gives back what the window took, but for the work of making it.
func (b *brotliDecoder) close() {
	b.reader = nil
	giveBack(b.memory, &b.taken)
}

func giveBack(memory *dissect.Share, taken *int) {
	memory.Give(*taken - *taken/16)
	*taken = 0
}

// brotliWindow is how large a window is, in bytes, by the first byte of the stream
// (RFC 7932 §9.1).
func brotliWindow(first byte) int {
	switch next, last := first>>1&7, first>>4&7; {
	case first&1 == 0:
		return 1 << 16
	case next != 0:
		return 1 << (17 + next)
	case last == 0:
		return 1 << 17
	default:
		return 1 << (8 + last)
	}
}
