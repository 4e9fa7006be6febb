package coding

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"seewire/playground/dissect"
)

// A zstdDecoder reads Content-Encoding: zstd (RFC 8878). The library reads from
// what has come and can't go on after its end: it is given a block at a time.
type zstdDecoder struct {
	memory *dissect.Share
	taken  int // of it
	held   []byte
	in     pieces
	reader *zstd.Decoder
	out    []byte

	inFrame, sum bool // what has begun, and whether a checksum ends it
	skip         int  // bytes of a frame that is to be skipped
}

const (
	zstdMagic  = 0xFD2FB528
	zstdBlock  = 128 << 10 // the largest block, in bytes, as it is sent and as it is decoded (RFC 8878 §3.1.1.2)
	zstdWindow = 8 << 20   // the largest window of the content coding, in bytes (RFC 9659 §3)
)

var errZstd = errors.New("not zstd")

func (z *zstdDecoder) decode(p []byte, write func([]byte) error) (ended bool, err error) {
	z.held = append(z.held, p...)
	for {
		n, block, err := z.next()
		if err != nil || n == 0 {
			return false, err // another frame may follow
		}
		if n > 0 {
			err = z.feed(z.held[:n], block, write)
		}
		z.held = append(z.held[:0], z.held[max(n, -n):]...)
		if err != nil {
			return false, err
		}
	}
}

// next is how many bytes the next unit has, 0 where it is not all there: the
// header of a frame, or a block. A negative number of bytes is to be left out.
func (z *zstdDecoder) next() (n int, block bool, err error) {
	p := z.held
	if z.skip > 0 {
		n := min(z.skip, len(p))
		z.skip -= n
		return -n, false, nil
	}
	if z.inFrame {
		return z.nextBlock(p)
	}
	if len(p) < 6 {
		if len(p) >= 4 && !isZstd(p) {
			return 0, false, errZstd
		}
		return 0, false, nil
	}
	if !isZstd(p) {
		return 0, false, errZstd
	}
	if p[0] != zstdMagic&0xFF { // a skippable frame
		if len(p) < 8 {
			return 0, false, nil
		}
		size := binary.LittleEndian.Uint32(p[4:])
		if size > zstdWindow {
			return 0, false, ErrTooLarge
		}
		z.skip = int(size)
		return -8, false, nil
	}
	descriptor := p[4]
	single := descriptor>>5&1 == 1
	n = 5 + [4]int{0, 1, 2, 4}[descriptor&3]
	size := [4]int{0, 2, 4, 8}[descriptor>>6]
	if single && size == 0 {
		size = 1
	}
	if !single {
		n++
	}
	n += size
	if len(p) < n {
		return 0, false, nil
	}
	window := uint64(0)
	if !single {
		base := uint64(1) << (10 + p[5]>>3)
		window = base + base/8*uint64(p[5]&7)
	} else {
		var length [8]byte
		copy(length[:], p[n-size:n])
		window = binary.LittleEndian.Uint64(length[:])
	}
	if window > zstdWindow {
		return 0, false, ErrTooLarge
	}
	giveBack(z.memory, &z.taken)
	if z.taken = int(window) + 8*zstdBlock; !z.memory.Take(z.taken) {
		return 0, false, ErrTooLarge
	}
	z.inFrame, z.sum = true, descriptor>>2&1 == 1
	return n, false, nil
}

// nextBlock is a block of the frame (RFC 8878 §3.1.1.2), and of the last one the
// checksum too.
func (z *zstdDecoder) nextBlock(p []byte) (n int, block bool, err error) {
	if len(p) < 3 {
		return 0, false, nil
	}
	head := int(p[0]) | int(p[1])<<8 | int(p[2])<<16
	last, kind, size := head&1 == 1, head>>1&3, head>>3
	const raw, rle, reserved = 0, 1, 3
	if kind == reserved || size > zstdBlock {
		return 0, false, errZstd
	}
	n = 3 + size
	if kind == rle {
		n = 4
	}
	if last && z.sum {
		n += 4
	}
	switch {
	case len(p) < n:
		return 0, false, nil
	case kind == raw && size == 0 && !last:
		return -n, false, nil
	}
	z.inFrame = !last
	return n, true, nil
}

func isZstd(p []byte) bool {
	magic := binary.LittleEndian.Uint32(p)
	return magic == zstdMagic || magic>>4 == 0x184D2A5
}

// feed gives the library a header or a block, and writes what comes of it.
func (z *zstdDecoder) feed(p []byte, block bool, write func([]byte) error) error {
	z.in.buffer.Write(p)
	if !block {
		return nil
	}
	if z.reader == nil {
		var err error
		// Without goroutines: they would outlive a body that is never finished.
		z.reader, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return err
		}
		z.out = make([]byte, zstdBlock+1) // a read ends with the block
		if err := z.reader.Reset(&z.in); err != nil {
			return err
		}
	}
	n, err := z.reader.Read(z.out)
	if n > 0 {
		return write(z.out[:n])
	}
	if err == io.EOF || err == errMore {
		z.reader = nil // a last block without content: the next frame begins anew
		return nil
	}
	return err
}

// whole tells whether the last frame has come to its end; another one may follow.
func (z *zstdDecoder) whole() bool { return !z.inFrame && z.skip == 0 && len(z.held) == 0 }

func (z *zstdDecoder) close() {
	z.reader, z.held = nil, nil
	giveBack(z.memory, &z.taken)
}
