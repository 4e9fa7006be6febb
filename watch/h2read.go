package watch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"golang.org/x/net/http2/hpack"

	"seewire/playground/http2frame"
)

// A unit is a part of what a side sends over HTTP/2: a frame, a piece of a frame that
// is passed on as it comes, or the frames of a header block.
type unit struct {
	head       http2frame.Head
	bytes      []byte // as they came
	start, end bool   // of the frame
	content    []byte // of DATA: without padding
	block      *block // of a header block
}

// endsSide says whether nothing more comes on the stream of that side.
func (u unit) endsSide() bool {
	ends := u.head.Type == http2frame.Data || u.head.Type == http2frame.Headers
	return u.end && ends && u.head.Has(http2frame.EndStream)
}

// whole is a unit of frames that are complete.
func whole(p []byte) unit {
	return unit{head: http2frame.Parse(p), bytes: p, start: true, end: true}
}

// A block is a header block (RFC 9113 §4.3), with what else is in its frames.
type block struct {
	fields   []field
	plain    bool // it needs none before it
	priority []byte
	padding  int    // bytes; -1 for none
	promised uint32 // the stream of a PUSH_PROMISE
	endsSide bool   // nothing more comes on the stream
}

type field = hpack.HeaderField

// with are the fields with other values.
func (b *block) with(value func(name, value string) string) []field {
	fields := slices.Clone(b.fields)
	for i, f := range fields {
		fields[i].Value = value(f.Name, f.Value)
	}
	return fields
}

// value is that of a field; "" for none.
func (b *block) value(name string) string {
	for _, f := range b.fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// A unitReader divides what a side sends into units.
type unitReader struct {
	preface int  // bytes of the client's that are still to come
	begun   bool // a frame was there

	// whole says whether a frame of DATA is to come in one piece.
	whole func(h http2frame.Head) bool

	frame  []byte // its head, and its payload where it comes whole; as far as it is there
	head   http2frame.Head
	inside bool // the head is there
	pieces bool // it comes in pieces
	left   int  // of the payload
	plain  int  // of the content, where it is DATA in pieces
	pad    bool // the next byte says how much padding there is

	raw      []byte // the frames of the header block that is being read
	fragment []byte // of it
	first    http2frame.Head
	block    *block

	decoder *hpack.Decoder
	fields  []field
	size    int // of the fields
}

// Errors of a side that can't be read any further, with how HTTP/2 names them.
var (
	errNotHTTP2   = errors.New("what came is not HTTP/2")
	errTooLarge   = errors.New("a header block is larger than 256 KiB")
	errHeaders    = errors.New("a header block can't be read")
	errUnexpected = errors.New("a header block is broken off")
)

func newUnitReader() *unitReader {
	r := new(unitReader)
	r.decoder = hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if r.size += int(f.Size()); r.size <= maxHead {
			r.fields = append(r.fields, f)
		}
	})
	r.decoder.SetMaxStringLength(maxHead)
	return r
}

// next takes bytes from the start of p. The unit has none as long as more is needed.
func (r *unitReader) next(p []byte) (u unit, n int, err error) {
	if r.preface > 0 {
		n = min(r.preface, len(p))
		u = unit{head: http2frame.Head{Type: noFrame}, bytes: p[:n], start: true, end: true}
		r.preface -= n
		return u, n, nil
	}
	start := false
	if !r.inside {
		n = min(http2frame.HeadLength-len(r.frame), len(p))
		r.frame = append(r.frame, p[:n]...)
		if len(r.frame) < http2frame.HeadLength {
			return unit{}, n, nil
		}
		if err := r.begins(); err != nil {
			return unit{}, n, err
		}
		start = true
	}
	some := p[n:][:min(r.left, len(p)-n)]
	n += len(some)
	r.left -= len(some)
	r.inside = r.left > 0
	if !r.pieces {
		r.frame = append(r.frame, some...)
		if r.inside {
			return unit{}, n, nil
		}
		u, err = r.ends(bytes.Clone(r.frame))
		r.frame = r.frame[:0]
		return u, n, err
	}
	u = unit{head: r.head, bytes: bytes.Clone(some), start: start, end: !r.inside}
	if start {
		u.bytes = append(bytes.Clone(r.frame), some...)
		r.frame = r.frame[:0]
	}
	u.content = r.contentOf(some)
	return u, n, nil
}

// noFrame is the type of what is no frame.
const noFrame = 0xFF

// begins takes the head of a frame.
func (r *unitReader) begins() error {
	r.head = http2frame.Parse(r.frame)
	h := r.head
	r.left = h.Length
	r.pieces = h.Type == http2frame.Data && !r.whole(h) || h.Type > http2frame.Continuation
	r.plain, r.pad = h.Length, h.Padded()
	if !r.begun && h.Type != http2frame.Settings { // RFC 9113 §3.4
		return errNotHTTP2
	}
	r.begun = true
	if !r.pieces && h.Length > maxHead {
		return errTooLarge
	}
	if r.block != nil && (h.Type != http2frame.Continuation || h.Stream != r.first.Stream) {
		return errUnexpected
	}
	return nil
}

// contentOf is what in a piece of a DATA frame's payload is no padding.
func (r *unitReader) contentOf(p []byte) []byte {
	if r.head.Type != http2frame.Data {
		return nil
	}
	if r.pad && len(p) > 0 {
		r.pad = false
		r.plain -= 1 + int(p[0])
		p = p[1:]
	}
	p = p[:min(max(0, r.plain), len(p))]
	r.plain -= len(p)
	return p
}

// ends takes a frame that is there as a whole.
func (r *unitReader) ends(frame []byte) (unit, error) {
	h, payload := r.head, frame[http2frame.HeadLength:]
	u := unit{head: h, bytes: frame, start: true, end: true}
	if h.Type == http2frame.Data {
		u.content = r.contentOf(payload)
		return u, nil
	}
	if !h.HasBlock() || h.Type == http2frame.Continuation && r.block == nil {
		return u, nil
	}
	start, end, ok := h.Fragment(payload)
	if !ok {
		return u, errHeaders
	}
	if r.block == nil {
		r.first, r.block = h, &block{padding: -1, endsSide: h.Type == http2frame.Headers && h.Has(http2frame.EndStream)}
		if h.Padded() {
			r.block.padding = int(payload[0])
		}
		switch {
		case h.Type == http2frame.PushPromise:
			r.block.promised = http2frame.Number31(payload[start-4:])
		case h.Has(http2frame.HasPriority):
			r.block.priority = payload[start-http2frame.PriorityLength : start]
		}
	}
	r.raw, r.fragment = append(r.raw, frame...), append(r.fragment, payload[start:end]...)
	if len(r.raw) > maxHead {
		return u, errTooLarge
	}
	if !h.Has(http2frame.EndHeaders) {
		return unit{}, nil
	}
	b := r.block
	u.head, u.bytes, u.block = r.first, r.raw, b
	// A table of no size is the first thing that a block can ask for (RFC 7541 §6.3).
	b.plain = len(r.fragment) > 0 && r.fragment[0] == 0x20
	if _, err := r.decoder.Write(r.fragment); err != nil {
		return u, errHeaders
	}
	if err := r.decoder.Close(); err != nil {
		return u, errHeaders
	}
	if r.size > maxHead {
		return u, errTooLarge
	}
	b.fields = r.fields
	r.raw, r.fragment, r.block, r.fields, r.size = nil, r.fragment[:0], nil, nil, 0
	return u, nil
}

// A blockWriter writes header blocks that need none before them: each of the streams
// can be read without the others.
type blockWriter struct {
	out     bytes.Buffer
	encoder *hpack.Encoder
}

func newBlockWriter() *blockWriter {
	w := new(blockWriter)
	w.encoder = hpack.NewEncoder(&w.out)
	w.encoder.SetMaxDynamicTableSize(0) // the first block says so
	return w
}

// frames are those of a block (RFC 9113 §6.2, §6.6, §6.10).
func (w *blockWriter) frames(h http2frame.Head, b *block, fields []field) []byte {
	const mostFragment = 16 << 10 // what each side takes (RFC 9113 §6.5.2)
	w.out.Reset()
	for _, f := range fields {
		w.encoder.WriteField(f)
	}
	fragment := w.out.Bytes()
	var before, after []byte
	flags := h.Flags &^ (http2frame.EndHeaders | http2frame.Padded)
	if b.padding >= 0 && len(fragment)+b.padding < mostFragment/2 {
		flags |= http2frame.Padded
		before, after = []byte{byte(b.padding)}, make([]byte, b.padding)
	}
	if b.promised != 0 {
		before = binary.BigEndian.AppendUint32(before, b.promised)
	}
	before = append(before, b.priority...)
	room := mostFragment - len(before) - len(after)
	first := fragment[:min(room, len(fragment))]
	if rest := fragment[len(first):]; len(rest) == 0 {
		flags |= http2frame.EndHeaders
	}
	out := makeFrame(h.Type, flags, h.Stream, before, first, after)
	for rest := fragment[len(first):]; len(rest) > 0; {
		some := rest[:min(mostFragment, len(rest))]
		rest = rest[len(some):]
		flags = 0
		if len(rest) == 0 {
			flags = http2frame.EndHeaders
		}
		out = append(out, makeFrame(http2frame.Continuation, flags, h.Stream, some)...)
	}
	return out
}

// makeFrame is one frame (RFC 9113 §4.1).
func makeFrame(kind, flags byte, stream uint32, payload ...[]byte) []byte {
	length := 0
	for _, p := range payload {
		length += len(p)
	}
	out := make([]byte, 0, http2frame.HeadLength+length)
	out = append(out, byte(length>>16), byte(length>>8), byte(length), kind, flags)
	out = binary.BigEndian.AppendUint32(out, stream)
	for _, p := range payload {
		out = append(out, p...)
	}
	return out
}

// credit lets the other side send so many bytes more (RFC 9113 §6.9).
func credit(stream uint32, n int) []byte { return number(http2frame.WindowUpdate, stream, uint32(n)) }

// number is a frame whose payload is a number: WINDOW_UPDATE or RST_STREAM.
func number(kind byte, stream, n uint32) []byte {
	return makeFrame(kind, 0, stream, binary.BigEndian.AppendUint32(nil, n))
}

const ( // RFC 9113 §6.5.2
	settingTableSize = 1
	settingWindow    = 4
)

// withoutTable are settings that allow no dynamic table.
func withoutTable(settings []byte, first bool) []byte {
	payload := bytes.Clone(settings[http2frame.HeadLength:])
	found := false
	for at := 0; at+6 <= len(payload); at += 6 {
		if binary.BigEndian.Uint16(payload[at:]) == settingTableSize {
			clear(payload[at+2 : at+6])
			found = true
		}
	}
	if first && !found && len(payload)%6 == 0 {
		payload = append(payload, 0, settingTableSize, 0, 0, 0, 0)
	}
	return makeFrame(http2frame.Settings, settings[4], 0, payload)
}

// asHead is a header block as the head of HTTP/1.1 that says the same.
func asHead(b *block, start string) head {
	clean := strings.NewReplacer("\r", " ", "\n", " ")
	var out strings.Builder
	out.WriteString(clean.Replace(start) + "\r\n")
	for _, f := range b.fields {
		if !f.IsPseudo() {
			out.WriteString(clean.Replace(f.Name) + ": " + clean.Replace(f.Value) + "\r\n")
		}
	}
	return parseHead([]byte(out.String() + "\r\n"))
}

// isSettings says whether bytes begin as what a side that speaks HTTP/2 says first
// (RFC 9113 §3.4).
func isSettings(p []byte) bool {
	if len(p) < http2frame.HeadLength {
		return false
	}
	h := http2frame.Parse(p)
	return h.Type == http2frame.Settings && h.Stream == 0 && h.Length%6 == 0 && h.Length < 256
}
