package secret

import (
	"errors"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// errBlock says that a block can't be read.
var errBlock = errors.New("secret: the header block can't be read")

// A patch is what a part of a block becomes.
type patch struct {
	at   int
	with []byte
}

// A blockReader reads the literals of a header block (RFC 7541 §6).
type blockReader struct {
	table   *table
	block   []byte
	at      int
	patches []patch

	shownAt func(path string) []string // of a request
	shown   []string
}

func (r *blockReader) read() error {
	for r.at < len(r.block) {
		var err error
		switch b := r.block[r.at]; {
		case b&0x80 != 0:
			err = r.indexed()
		case b&0xC0 == 0x40:
			err = r.literal(6, true)
		case b&0xE0 == 0x20:
			var size int
			if size, err = r.integer(5); err == nil && !r.table.resize(size) {
				err = errBlock
			}
		default:
			err = r.literal(4, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *blockReader) indexed() error {
	index, err := r.integer(7)
	if err != nil {
		return err
	}
	e, ok := r.table.get(index)
	if !ok {
		return errBlock
	}
	r.header(e.name, e.path)
	return nil
}

func (r *blockReader) literal(bits int, indexing bool) error {
	index, err := r.integer(bits)
	if err != nil {
		return err
	}
	var name string
	if index == 0 {
		if name, _, _, err = r.text(); err != nil {
			return err
		}
	} else {
		e, ok := r.table.get(index)
		if !ok {
			return errBlock
		}
		name = e.name
	}
	value, packed, length, err := r.text()
	if err != nil {
		return err
	}
	r.header(name, value)
	if kind := KindOf(strings.ToLower(name)); kind != "" {
		if secrets := spans(kind, value, r.shown); len(secrets) > 0 {
			r.patches = append(r.patches, patch{r.at - length, coverText(value, packed, length, secrets)})
		}
	}
	if indexing {
		e := entry{name: name, size: len(name) + len(value) + entryOverhead}
		if name == ":path" {
			e.path = pathOf(value)
		}
		r.table.add(e)
	}
	return nil
}

// header takes note of the path, which comes before all that depends on it
// (RFC 9113 §8.3).
func (r *blockReader) header(name, value string) {
	if name == ":path" && r.shownAt != nil {
		r.shown = r.shownAt(pathOf(value))
	}
}

// coverText is a string of so many bytes with its secrets covered.
func coverText(value string, packed bool, length int, secrets []span) []byte {
	if !packed {
		return []byte(cover(value, secrets))
	}
	return hpack.AppendHuffmanString(make([]byte, 0, length), coverPacked(value, length, secrets))
}

// integer reads a number (RFC 7541 §5.1).
func (r *blockReader) integer(bits int) (int, error) {
	if r.at == len(r.block) {
		return 0, errBlock
	}
	most := 1<<bits - 1
	n := int(r.block[r.at]) & most
	r.at++
	if n < most {
		return n, nil
	}
	for shift := 0; r.at < len(r.block) && shift <= 21; shift += 7 {
		b := int(r.block[r.at])
		r.at++
		n += b & 0x7F << shift
		if b&0x80 == 0 {
			return n, nil
		}
	}
	return 0, errBlock
}

// text reads a string, and says whether it is packed with the Huffman code, and
// how many bytes it takes (RFC 7541 §5.2).
func (r *blockReader) text() (text string, packed bool, length int, err error) {
	if r.at == len(r.block) {
		return "", false, 0, errBlock
	}
	packed = r.block[r.at]&0x80 != 0
	length, err = r.integer(7)
	if err != nil || length > len(r.block)-r.at {
		return "", false, 0, errBlock
	}
	p := r.block[r.at:][:length]
	r.at += length
	if !packed {
		return string(p), false, length, nil
	}
	text, err = hpack.HuffmanDecodeToString(p)
	return text, true, length, err
}

// entryOverhead is what an entry counts beside its name and value, in bytes
// (RFC 7541 §4.1).
const entryOverhead = 32

// maxTable bounds the dynamic table. Encoders are content with 4 KiB, and
// browsers allow 64 KiB.
const maxTable = 64 << 10

// An entry of a table, without its value: that was covered when it came in.
type entry struct {
	name string
	path string // of :path, without the query
	size int
}

// A table is the dynamic table of one direction (RFC 7541 §2.3.2). The newest
// entry is the last.
type table struct {
	entries   []entry
	size, max int
}

func newTable() table { return table{max: 4096} }

// get finds an entry by its index: first the static table, from 1.
func (t *table) get(index int) (entry, bool) {
	switch {
	case index <= 0:
		return entry{}, false
	case index <= len(static):
		return static[index-1], true
	case index-len(static) <= len(t.entries):
		return t.entries[len(t.entries)-(index-len(static))], true
	}
	return entry{}, false
}

func (t *table) add(e entry) {
	t.entries = append(t.entries, e)
	t.size += e.size
	t.evict()
}

func (t *table) resize(max int) (ok bool) {
	t.max = max
	t.evict()
	return max <= maxTable
}

// evict removes the oldest entries until the rest fits (RFC 7541 §4.3).
func (t *table) evict() {
	n := 0
	for t.size > t.max {
		t.size -= t.entries[n].size
		n++
	}
	clear(t.entries[:n]) // the array lives on under the rest
	t.entries = t.entries[n:]
}

// static is the static table (RFC 7541, Appendix A), as the library has it.
var static = func() (all []entry) {
	decoder := hpack.NewDecoder(0, func(f hpack.HeaderField) {
		e := entry{name: f.Name}
		if f.Name == ":path" {
			e.path = f.Value
		}
		all = append(all, e)
	})
	const entries = 61
	for i := range entries {
		decoder.Write([]byte{0x80 | byte(i+1)})
	}
	return all
}()
