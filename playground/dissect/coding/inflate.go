// Package coding inflates the content that protocols carry compressed: bodies
// under gzip, and the DEFLATE data of protocols that frame it themselves.
package coding

import (
	"cmp"
	"errors"
	"math/bits"
)

// ErrDeflate says that bytes are not DEFLATE data.
var ErrDeflate = errors.New("not DEFLATE data")

// ErrContext says that they refer to what was before them, and is not known.
var ErrContext = errors.New("DEFLATE data that refer to what was before")

// deflateWindow is how far back DEFLATE can refer, in bytes (RFC 1951 §2).
const deflateWindow = 32 << 10

// An Inflater reads DEFLATE data (RFC 1951) piece by piece, each byte once.
// It is written out here because compress/flate can't go on where its input
// has ended: each piece would have to be inflated together with all before it.
type Inflater struct {
	in    []byte // what is left of the input
	hold  uint64 // bits that were taken from it and not used yet, the next one lowest
	held  uint
	state inflateState
	last  bool // the block is the last one

	left     int   // of a stored block, in bytes
	lengths  []int // of the codes, as far as they are known
	literals int   // how many of these are for literals and lengths
	codes    int   // and how many lengths describe them
	order    [19]int
	meta     huffman
	literal  huffman
	distance huffman

	window []byte // the end of what was inflated
	shown  int    // how much of the window was handed on
	write  func(p []byte) error
}

type inflateState int

const (
	blockStart inflateState = iota
	storedStart
	storedData
	dynamicStart
	dynamicOrder
	dynamicLengths
	compressedData
	deflateEnd
)

// Inflate reads p and hands what it inflates to on write, which may end the
// work with an error. It returns how many bytes at the end of p come after the
// last block.
func (f *Inflater) Inflate(p []byte, write func([]byte) error) (rest int, err error) {
	f.in, f.write = p, write
	for f.state != deflateEnd && err == nil {
		var more bool
		if more, err = f.step(); !more {
			break
		}
	}
	if err == nil || err == ErrDeflate || err == ErrContext {
		err = cmp.Or(f.flush(), err)
	}
	if f.state == deflateEnd {
		rest = len(f.in) + int(f.held/8)
	}
	f.in, f.write = nil, nil
	return rest, err
}

// Restart begins a new stream of blocks. It may refer to what was inflated
// before, unless that is forgotten.
func (f *Inflater) Restart(forget bool) {
	f.state, f.hold, f.held, f.last = blockStart, 0, 0, false
	if forget {
		f.window, f.shown = f.window[:0], 0
	}
}

// Between tells whether the input has ended at the end of a block.
func (f *Inflater) Between() bool { return f.state == blockStart && f.held == 0 }

// Ended tells whether the last block has ended.
func (f *Inflater) Ended() bool { return f.state == deflateEnd }

// need takes bits from the input until there are n, at most 48.
func (f *Inflater) need(n uint) bool {
	for f.held < n {
		if len(f.in) == 0 {
			return false
		}
		f.hold |= uint64(f.in[0]) << f.held
		f.held += 8
		f.in = f.in[1:]
	}
	return true
}

func (f *Inflater) take(n uint) int {
	value := int(f.hold & (1<<n - 1))
	f.hold >>= n
	f.held -= n
	return value
}

// step goes on as far as one state reaches. It returns false where it needs
// more input.
func (f *Inflater) step() (more bool, err error) {
	switch f.state {
	case blockStart:
		if !f.need(3) {
			return false, nil
		}
		f.last = f.take(1) == 1
		switch f.take(2) {
		case 0:
			f.take(f.held % 8)
			f.state = storedStart
		case 1:
			f.fixedCodes()
			f.state = compressedData
		case 2:
			f.state = dynamicStart
		default:
			return false, ErrDeflate
		}
	case storedStart:
		if !f.need(32) {
			return false, nil
		}
		length, complement := f.take(16), f.take(16)
		if length != ^complement&0xFFFF {
			return false, ErrDeflate
		}
		f.left, f.state = length, storedData
	case storedData:
		return f.stored()
	case dynamicStart:
		if !f.need(14) {
			return false, nil
		}
		f.literals = f.take(5) + 257
		distances := f.take(5) + 1
		f.codes = f.take(4) + 4
		if f.literals > 286 || distances > 30 {
			return false, ErrDeflate
		}
		f.lengths, f.order = make([]int, 0, f.literals+distances), [19]int{}
		f.left, f.state = 0, dynamicOrder
	case dynamicOrder:
		for ; f.left < f.codes; f.left++ {
			if !f.need(3) {
				return false, nil
			}
			f.order[codeOrder[f.left]] = f.take(3)
		}
		f.state = dynamicLengths
		return true, f.meta.build(f.order[:])
	case dynamicLengths:
		return f.dynamicCodes()
	case compressedData:
		return f.compressed()
	}
	return true, nil
}

// stored copies a block that is not compressed (RFC 1951 §3.2.4).
func (f *Inflater) stored() (more bool, err error) {
	for f.left > 0 && f.held >= 8 {
		f.put(byte(f.take(8)))
		f.left--
	}
	for f.left > 0 && len(f.in) > 0 && err == nil {
		n := min(f.left, len(f.in), deflateWindow)
		f.window = append(f.window, f.in[:n]...)
		f.in, f.left = f.in[n:], f.left-n
		err = f.slide()
	}
	if f.left == 0 {
		f.endBlock()
	}
	return f.left == 0, err
}

func (f *Inflater) endBlock() {
	f.state = blockStart
	if f.last {
		f.take(f.held % 8)
		f.state = deflateEnd
	}
}

// codeOrder is the order in which the lengths of the code for code lengths are
// sent (RFC 1951 §3.2.7).
var codeOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamicCodes reads the lengths of a block's codes (RFC 1951 §3.2.7).
func (f *Inflater) dynamicCodes() (more bool, err error) {
	for len(f.lengths) < cap(f.lengths) {
		symbol, n := f.meta.peek(f)
		if n == 0 {
			return false, f.short()
		}
		var repeat, length int
		var extra uint
		switch {
		case symbol < 16:
			repeat, length = 1, symbol
		case symbol == 16:
			if len(f.lengths) == 0 {
				return false, ErrDeflate
			}
			repeat, extra, length = 3, 2, f.lengths[len(f.lengths)-1]
		case symbol == 17:
			repeat, extra = 3, 3
		default:
			repeat, extra = 11, 7
		}
		if !f.need(n + extra) {
			return false, nil
		}
		f.take(n)
		if repeat += f.take(extra); len(f.lengths)+repeat > cap(f.lengths) {
			return false, ErrDeflate
		}
		for range repeat {
			f.lengths = append(f.lengths, length)
		}
	}
	if f.lengths[256] == 0 {
		return false, ErrDeflate // the block has no end
	}
	f.state = compressedData
	if err := f.literal.build(f.lengths[:f.literals]); err != nil {
		return false, err
	}
	return true, f.distance.build(f.lengths[f.literals:])
}

// fixedCodes are those of RFC 1951 §3.2.6.
func (f *Inflater) fixedCodes() {
	var lengths [288]int
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	f.literal.build(lengths[:])
	for i := range lengths[:30] {
		lengths[i] = 5
	}
	f.distance.fixed(lengths[:30])
}

// Lengths and distances are a base and so many more bits (RFC 1951 §3.2.5).
var (
	lengthBase    = [29]int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [29]uint{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [30]int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [30]uint{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// compressed reads literals and references until the block ends. Of a symbol
// that the input has cut nothing is taken.
func (f *Inflater) compressed() (more bool, err error) {
	for {
		symbol, n := f.literal.peek(f)
		switch {
		case n == 0:
			return false, f.short()
		case symbol < 256:
			f.take(n)
			if f.put(byte(symbol)); len(f.window) >= 2*deflateWindow {
				if err := f.slide(); err != nil {
					return false, err
				}
			}
			continue
		case symbol == 256:
			f.take(n)
			f.endBlock()
			return true, nil
		case symbol > 285:
			return false, ErrDeflate
		}
		symbol -= 257
		hold, held := f.hold, f.held // to go back to where the reference is cut
		in := f.in
		f.take(n)
		more, err := f.reference(symbol)
		if err != nil {
			return false, err
		}
		if !more {
			// What was taken from the input is in hold: at most 48 bits.
			f.hold, f.held = hold, held
			f.in = in
			f.need(48)
			return false, nil
		}
	}
}

// reference copies what was inflated before.
func (f *Inflater) reference(symbol int) (more bool, err error) {
	if !f.need(lengthExtra[symbol]) {
		return false, nil
	}
	length := lengthBase[symbol] + f.take(lengthExtra[symbol])
	symbol, n := f.distance.peek(f)
	if n == 0 {
		return false, f.short()
	}
	if symbol >= 30 {
		return false, ErrDeflate
	}
	f.take(n)
	if !f.need(distanceExtra[symbol]) {
		return false, nil
	}
	distance := distanceBase[symbol] + f.take(distanceExtra[symbol])
	if distance > len(f.window) {
		return false, ErrContext
	}
	start := len(f.window) - distance
	for length > 0 {
		n := min(length, len(f.window)-start)
		f.window = append(f.window, f.window[start:start+n]...)
		length -= n
	}
	return true, f.slide()
}

// short says why a code could not be read: the input has ended, or these bits
// are no code.
func (f *Inflater) short() error {
	if f.held >= maxCode {
		return ErrDeflate
	}
	return nil
}

func (f *Inflater) put(b byte) { f.window = append(f.window, b) }

// slide hands on what was inflated, once that is enough, and forgets what lies
// too far back to be referred to.
func (f *Inflater) slide() error {
	if len(f.window) < 2*deflateWindow {
		return nil
	}
	err := f.flush()
	f.window = append(f.window[:0], f.window[len(f.window)-deflateWindow:]...)
	f.shown = len(f.window)
	return err
}

func (f *Inflater) flush() error {
	p := f.window[f.shown:]
	f.shown = len(f.window)
	if len(p) == 0 {
		return nil
	}
	return f.write(p)
}

// maxCode is the length of the longest Huffman code, in bits.
const maxCode = 15

// fastCode is how many bits the table of a huffman looks up at once.
const fastCode = 9

// A huffman is a Huffman code, from the lengths of its codes (RFC 1951 §3.2.2).
type huffman struct {
	fast    [1 << fastCode]uint16 // by the next bits: the symbol and its length, if it is no longer than that
	count   [maxCode + 1]int      // of the codes of a length
	symbols []int                 // in the order of their codes
}

func (h *huffman) build(lengths []int) error {
	if h.fill(lengths) {
		return nil
	}
	// A code may be incomplete if it has one symbol, or none at all.
	if used := len(h.symbols); used == 0 || used == 1 && h.count[1] == 1 {
		return nil
	}
	return ErrDeflate
}

// fixed is for the distances of a fixed block, of which two codes have no meaning.
func (h *huffman) fixed(lengths []int) { h.fill(lengths) }

// fill makes the tables, and tells whether every sequence of bits is a code.
// Lengths for which there are too many codes give a code without symbols that
// build refuses.
func (h *huffman) fill(lengths []int) (complete bool) {
	h.fast, h.count = [1 << fastCode]uint16{}, [maxCode + 1]int{}
	for _, n := range lengths {
		h.count[n]++
	}
	h.count[0] = 0
	room := 1
	var next, first [maxCode + 2]int
	for n := 1; n <= maxCode; n++ {
		room = 2*room - h.count[n]
		next[n+1] = next[n] + h.count[n]
		first[n+1] = 2 * (first[n] + h.count[n])
	}
	h.symbols = make([]int, next[maxCode+1])
	if room < 0 {
		h.symbols = make([]int, 2) // over-subscribed
		return false
	}
	at := next
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		code := first[n] + at[n] - next[n]
		h.symbols[at[n]] = symbol
		at[n]++
		if n > fastCode {
			continue
		}
		reversed := int(bits.Reverse16(uint16(code)) >> (16 - n))
		for i := reversed; i < len(h.fast); i += 1 << n {
			h.fast[i] = uint16(symbol<<4 | n)
		}
	}
	return room == 0
}

// peek finds the next code, and how many bits it has: 0 where the input has
// too few, or where these are no code.
func (h *huffman) peek(f *Inflater) (symbol int, n uint) {
	f.need(maxCode)
	if found := h.fast[f.hold&(1<<fastCode-1)]; found != 0 {
		if n := uint(found & 15); n <= f.held {
			return int(found >> 4), n
		}
		return 0, 0
	}
	code, first, index := 0, 0, 0
	for n := uint(1); n <= min(maxCode, f.held); n++ {
		code |= int(f.hold>>(n-1)) & 1
		if count := h.count[n]; code-count < first {
			return h.symbols[index+code-first], n
		} else {
			index += count
			first = (first + count) << 1
			code <<= 1
		}
	}
	return 0, 0
}
