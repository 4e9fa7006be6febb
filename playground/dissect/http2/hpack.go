package http2

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"seewire/playground/dissect"

	"golang.org/x/net/http2/hpack"
)

// maxBlockText bounds, in bytes, what the headers of one block are shown with:
// one byte on the wire can stand for a table entry of any size.
const maxBlockText = 1 << 20

// largestTable bounds a dynamic table, in bytes. Browsers and servers have 64 KiB
// at most.
const largestTable = 1 << 20

// A hpackDecoder reads the header blocks of one direction (RFC 7541). It is
// written out here, and not taken from a library, because each byte is to be
// explained; only the Huffman code is.
type hpackDecoder struct {
	table        hpackTable
	tableUnknown bool // a block could not be read, and may have changed the table
}

func newHPACKDecoder() *hpackDecoder {
	// SETTINGS_HEADER_TABLE_SIZE is 4096 until the other side sets it.
	return &hpackDecoder{table: hpackTable{max: 4096}}
}

// A blockPart is what one field is of a header block. In its first byte it has
// the bits of the mask, and all bits of the others.
type blockPart struct {
	name          string
	start, length int
	mask          byte
	value         string
	hex           bool
	covered       *dissect.Covered
}

// A blockReader decodes one block.
type blockReader struct {
	*hpackDecoder
	block      []byte
	at         int
	parts      []blockPart
	headers    []dissect.Header
	room       int   // what is left of maxBlockText
	seen       bool  // a header
	maxTable   int64 // the largest table that the other side allows
	violations dissect.Violations
}

var (
	// errCut says that a block has ended within a representation.
	errCut = errors.New("cut")

	// errTable says that a table is larger than is kept here.
	errTable = errors.New("the table is too large")
)

// A brokenRule is an error that is a violation.
type brokenRule int

func (brokenRule) Error() string { return "a rule of HPACK is broken" }

// decode reads a block, or what is there of one that was cut. Each byte is in
// the parts; those that can't be decoded are shown as a fragment.
func (d *hpackDecoder) decode(block []byte, whole bool, maxTable int64) *blockReader {
	r := &blockReader{hpackDecoder: d, block: block, room: maxBlockText, maxTable: maxTable}
	var err error
	start := 0
	for !d.tableUnknown && err == nil && r.at < len(block) {
		start = r.at
		n := len(r.parts)
		if err = r.representation(); err != nil {
			r.parts = r.parts[:n]
			r.at = start
		}
	}
	if broken, ok := errors.AsType[brokenRule](err); ok {
		r.violations.Add(rules[broken])
	} else if err == errCut && whole {
		r.violations.Add(rules[hpackTruncated])
	}
	d.tableUnknown = d.tableUnknown || err != nil || !whole
	if r.at < len(block) {
		rest := block[r.at:]
		r.parts = append(r.parts, blockPart{
			name: field.Headers, start: r.at, length: len(rest), mask: 0xFF,
			value: dissect.Clip(hex.EncodeToString(rest), dissect.MaxValue), hex: true,
		})
	}
	return r
}

// representation reads one of the five forms that a header, or a new size of
// the table, can have (RFC 7541 §6). The first bits tell which.
func (r *blockReader) representation() error {
	switch b := r.block[r.at]; {
	case b&0x80 != 0:
		return r.indexed()
	case b&0xC0 == 0x40:
		return r.literal("01", 0xC0, true)
	case b&0xE0 == 0x20:
		return r.tableSize()
	case b&0xF0 == 0x10:
		return r.literal("0001", 0xF0, false)
	default:
		return r.literal("0000", 0xF0, false)
	}
}

func (r *blockReader) indexed() error {
	r.repr("1", 0x80)
	index, err := r.integer(field.HeaderIndex, 0x7F)
	if err != nil {
		return err
	}
	h, ok := r.table.get(index)
	if !ok {
		return brokenRule(hpackIndex)
	}
	r.markCovered(h)
	r.explain(index, h.Name, ": ", h.Value)
	r.header(h)
	return nil
}

// literal reads a header whose value is written out, and whose name is too
// where its index is 0. Only with incremental indexing it goes into the table.
func (r *blockReader) literal(pattern string, mask byte, indexing bool) error {
	r.repr(pattern, mask)
	index, err := r.integer(field.HeaderIndex, ^mask)
	if err != nil {
		return err
	}
	var h dissect.Header
	if index == 0 {
		if h.Name, err = r.str(nameFields()); err != nil {
			return err
		}
	} else {
		named, ok := r.table.get(index)
		if !ok {
			return brokenRule(hpackIndex)
		}
		h.Name = named.Name
		r.explain(index, h.Name)
	}
	if h.Value, err = r.str(valueFields()); err != nil {
		return err
	}
	if h.Value != "" {
		r.markCovered(h)
	}
	if indexing {
		r.table.add(h)
	}
	r.header(h)
	return nil
}

func (r *blockReader) tableSize() error {
	r.repr("001", 0xE0)
	size, err := r.integer(field.HeaderTableSizeUpdateHeaderTableSize, 0x1F)
	if err != nil {
		return err
	}
	// Only at the start of a block, and within what the other side has set
	// (RFC 7541 §4.2, §6.3).
	if r.seen || int64(size) > r.maxTable {
		return brokenRule(hpackTableSize)
	}
	if size > largestTable {
		return errTable
	}
	r.table.resize(int64(size))
	return nil
}

// repr adds the bits that tell which representation it is.
func (r *blockReader) repr(pattern string, mask byte) {
	r.parts = append(r.parts, blockPart{name: field.HeaderRepr, start: r.at, length: 1, mask: mask, value: pattern})
}

// markCovered says at the last part what was covered of a header. Where there is
// no room to show it, there is none to say so.
func (r *blockReader) markCovered(h dissect.Header) {
	if r.room > 0 {
		r.parts[len(r.parts)-1].covered = dissect.CoveredIn(strings.ToLower(h.Name), h.Value)
	}
}

// explain adds to an index what it stands for.
func (r *blockReader) explain(index uint64, meaning ...string) {
	part := &r.parts[len(r.parts)-1]
	if r.room == 0 {
		return
	}
	// Cut first and put together afterwards: a byte can refer to a header of any
	// length, and the next byte can too.
	part.value += " → "
	for _, text := range meaning {
		part.value += r.shown(text)
	}
}

// header adds a header that is complete, if there is room to show it.
func (r *blockReader) header(h dissect.Header) {
	r.seen = true
	if r.room > 0 {
		r.headers = append(r.headers, dissect.Header{Name: r.shown(h.Name), Value: r.shown(h.Value)})
	}
}

// shown is a text as far as there is room for it.
func (r *blockReader) shown(text string) string {
	text = dissect.ToText(dissect.Clip(text, min(dissect.MaxValue, r.room)))
	r.room = max(0, r.room-len(text))
	return text
}

// integer reads a number that starts in the low bits of a byte (RFC 7541 §5.1).
// If all of these are set, each following byte has seven bits more, the lowest
// first, and tells in its highest bit whether another one comes.
func (r *blockReader) integer(name string, mask byte) (uint64, error) {
	if r.at == len(r.block) {
		return 0, errCut
	}
	start := r.at
	n := uint64(r.block[r.at] & mask)
	r.at++
	if n == uint64(mask) {
		for shift := 0; ; shift += 7 {
			if r.at == len(r.block) {
				return 0, errCut
			}
			b := r.block[r.at]
			r.at++
			n += uint64(b&0x7F) << shift
			if n > 1<<32-1 || shift > 28 {
				return 0, brokenRule(hpackInteger)
			}
			if b&0x80 == 0 {
				break
			}
		}
	}
	r.parts = append(r.parts, blockPart{
		name: name, start: start, length: r.at - start, mask: mask, value: strconv.FormatUint(n, 10),
	})
	return n, nil
}

// A stringFields names the fields of a string (RFC 7541 §5.2): a bit that says
// whether it is Huffman coded, its length in bytes, and the bytes.
type stringFields struct {
	huffman dissect.BitField
	length  string
	text    string
}

func nameFields() stringFields {
	return stringFields{field.HeaderNameHuffman, field.HeaderNameLength, field.HeaderName}
}

func valueFields() stringFields {
	return stringFields{field.HeaderValueHuffman, field.HeaderValueLength, field.HeaderValue}
}

func (r *blockReader) str(fields stringFields) (string, error) {
	if r.at == len(r.block) {
		return "", errCut
	}
	coded := r.block[r.at]&0x80 != 0
	flag := "0"
	if coded {
		flag = "1"
	}
	r.parts = append(r.parts, blockPart{name: fields.huffman.Name, start: r.at, length: 1, mask: fields.huffman.Mask, value: flag})
	length, err := r.integer(fields.length, 0x7F)
	if err != nil {
		return "", err
	}
	if length > uint64(len(r.block)-r.at) {
		return "", errCut
	}
	p := r.block[r.at:][:length]
	text := string(p)
	if coded {
		if text, err = hpack.HuffmanDecodeToString(p); err != nil {
			return "", brokenRule(hpackHuffman)
		}
	}
	if length > 0 {
		r.parts = append(r.parts, blockPart{name: fields.text, start: r.at, length: len(p), mask: 0xFF, value: r.shown(text)})
	}
	r.at += len(p)
	return text, nil
}
