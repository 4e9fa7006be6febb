package dissect

import (
	"encoding/hex"
	"strings"

	"seewire/playground/http2frame"
)

// A http2Block is a header block that is being sent: by a HEADERS or
// PUSH_PROMISE frame, and by the CONTINUATION frames right after it. The frames
// are held until the block is complete: a header may lie across two of them.
type http2Block struct {
	stream    uint32
	promised  uint32 // by a PUSH_PROMISE
	endStream bool
	frames    []blockFrame
	size      int  // of the fragments
	fragments int  // so many
	broken    bool // it is too large, or its padding is wrong: it is not decoded
	shown     bool // the frames were shown before the block's end: it is too large
}

// A blockFrame is a frame with a fragment of a block.
type blockFrame struct {
	frame    Frame     // with the fields before the fragment
	fragment []byte    // as much of it as is kept
	at       int       // where in the frame it starts
	length   int       // of the fragment
	after    fieldList // the padding
}

// maxFragments bounds the frames of a block: they are held, and may be empty.
const maxFragments = 1 << 10

// addToBlock holds a frame that is complete, and ends the block if this was
// its last.
func (d *http2) addToBlock() {
	if d.head.Type != http2frame.Continuation {
		d.block = &http2Block{
			stream:    d.head.Stream,
			endStream: d.head.Type == http2frame.Headers && d.head.Has(http2frame.EndStream),
		}
	} else if d.block == nil {
		d.violations.add(http2ContinuationAlone)
		d.block = &http2Block{stream: d.head.Stream, broken: true}
	}
	b := d.block
	d.cutFragment(b)
	if b.size > maxHead || b.fragments > maxFragments {
		b.broken = true
		d.showBlock(false)
		b.shown = true
	}
	if d.head.Has(http2frame.EndHeaders) {
		d.endBlock(true)
	}
}

// cutFragment divides the payload of the current frame into what comes before
// the fragment, the fragment, and the padding.
func (d *http2) cutFragment(b *http2Block) {
	l := h2HeaderFields(d.header)
	p, left := d.payload.start, d.head.Length
	padding := 0
	if d.head.Padded() && left > 0 {
		padding = int(p[0])
		p, left = l.number(http2Fields.Padding, p, 1), left-1
	}
	if d.head.Type == http2frame.Headers && d.head.Has(http2frame.HasPriority) {
		before := l.length
		p = l.priority(p)
		left -= l.length - before
		if l.length-before < http2frame.PriorityLength {
			d.violations.add(http2FrameLength)
			b.broken = true
		}
	}
	if d.head.Type == http2frame.PushPromise {
		if len(p) < 4 {
			d.violations.add(http2FrameLength)
			b.broken = true
		} else {
			b.promised = http2frame.Number31(p)
		}
		before := l.length
		p = l.reserved(http2Fields.PushPromiseR, http2Fields.PromisedStreamID, p)
		left -= l.length - before
	}
	if padding > left {
		d.violations.add(http2Padding)
		padding, b.broken = 0, true
	}
	left -= padding

	f := blockFrame{frame: d.frame(), at: l.length, length: left}
	f.frame.Fields, f.frame.Violations = l.fields, d.violations
	f.fragment = append(f.fragment, p[:min(len(p), left)]...)
	if len(f.fragment) < left {
		b.broken = true
	}
	if padding > 0 {
		name := http2Fields.HeadersPadding
		if d.head.Type == http2frame.PushPromise {
			name = http2Fields.PushPromisePadding
		}
		f.after.length = l.length + left
		start := p[min(len(p), left):]
		f.after.addValue(name, padding, hex.EncodeToString(start), true, len(start) < padding)
	}
	b.size += left
	b.fragments++
	b.frames = append(b.frames, f)
}

// endBlock shows the block and does what it says. One that is cut is followed
// by something else than its rest.
func (d *http2) endBlock(whole bool) {
	b := d.block
	d.showBlock(whole)
	d.block = nil
	s := d.conn.streams[b.stream]
	if s != nil && b.stream != 0 && b.endStream {
		sending := s.sending(d.h.from)
		sending.ended = true
		sending.endEvents()
	}
}

// showBlock decodes what is there of the block, and shows its frames.
func (d *http2) showBlock(whole bool) {
	b := d.block
	if len(b.frames) == 0 {
		return
	}
	if b.broken {
		d.hpack.lost = true
	}
	if b.broken || b.shown {
		for i := range b.frames {
			b.frames[i].showFragment()
		}
	} else {
		d.decodeBlock(b, whole)
	}
	for _, f := range b.frames {
		f.frame.Fields = append(f.frame.Fields, f.after.fields...)
		d.emit(f.frame)
	}
	b.frames = nil
}

// showFragment shows a fragment that can't be decoded.
func (f *blockFrame) showFragment() {
	l := fieldList{fields: f.frame.Fields, length: f.at}
	l.addValue(http2Fields.Headers, f.length, hex.EncodeToString(f.fragment), true, f.length > len(f.fragment))
	f.frame.Fields = l.fields
}

func (d *http2) decodeBlock(b *http2Block, whole bool) {
	var block []byte
	for _, f := range b.frames {
		block = append(block, f.fragment...)
	}
	allowed := int64(1<<32 - 1)
	if receiver := d.conn.side(other(d.h.from)); receiver.seen {
		allowed = receiver.most.tableSize
	}
	lost := d.hpack.lost
	r := d.hpack.decode(block, whole, allowed)
	placeBlock(r.parts, b.frames)
	first := &b.frames[0].frame
	violations := append(violationList(nil), first.Violations...)
	violations = append(violations, r.violations...)
	first.Headers = r.headers
	if whole && !lost && !d.hpack.lost && b.stream != 0 {
		m := newH2Message(d.h.from, r.headers)
		use := d.open(b, m)
		m.check(&violations, use)
		if first.Kind == "headers" {
			first.Kind = use.kind()
		}
		if use == useTrailer {
			first.Say[0].Key = say.HTTP2Trailer
		}
		first.say(m.says()...)
	} else {
		first.say(number(say.Bytes, b.size))
	}
	if b.endStream {
		first.say(Phrase{Key: say.HTTP2EndStream})
	}
	first.Violations = violations
}

// placeBlock gives the parts of a block their places in its frames. A part
// that lies in several frames becomes a field in each.
func placeBlock(parts []blockPart, frames []blockFrame) {
	index, start := 0, 0 // of the fragment that the next byte lies in
	for _, part := range parts {
		var pieces []*Field
		for at := part.start; at < part.start+part.length; {
			for at >= start+frames[index].length {
				start += frames[index].length
				index++
			}
			f := &frames[index]
			n := min(part.start+part.length, start+f.length) - at
			field := Field{
				Name: part.name, Offset: f.at + at - start, Length: n, Value: part.value, Hex: part.hex, Covered: part.covered,
			}
			if at == part.start && part.mask != 0xFF {
				field.Mask = hexByte(part.mask) + strings.Repeat("ff", n-1)
			}
			f.frame.Fields = append(f.frame.Fields, field)
			pieces = append(pieces, &f.frame.Fields[len(f.frame.Fields)-1])
			at += n
		}
		if len(pieces) > 1 {
			for i, p := range pieces {
				p.Piece, p.Pieces = i+1, len(pieces)
			}
		}
	}
}
