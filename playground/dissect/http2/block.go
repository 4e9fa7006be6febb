package http2

import (
	"encoding/hex"
	"strings"

	"seewire/playground/dissect"
	"seewire/playground/http2frame"
)

// A headerBlock is a header block that is being sent: by a HEADERS or
// PUSH_PROMISE frame, and by the CONTINUATION frames right after it. The frames
// are held until the block is complete: a header may lie across two of them.
type headerBlock struct {
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
	frame    dissect.Frame     // with the fields before the fragment
	fragment []byte            // as much of it as is kept
	at       int               // where in the frame it starts
	length   int               // of the fragment
	after    dissect.FieldList // the padding
}

// maxFragments bounds the frames of a block: they are held, and may be empty.
const maxFragments = 1 << 10

// addToBlock holds a frame that is complete, and ends the block if this was
// its last.
func (d *reader) addToBlock() {
	if d.head.Type != http2frame.Continuation {
		d.block = &headerBlock{
			stream:    d.head.Stream,
			endStream: d.head.Type == http2frame.Headers && d.head.Has(http2frame.EndStream),
		}
	} else if d.block == nil {
		d.violations.Add(rules[continuationAlone])
		d.block = &headerBlock{stream: d.head.Stream, broken: true}
	}
	b := d.block
	d.cutFragment(b)
	if b.size > dissect.MaxHead || b.fragments > maxFragments {
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
func (d *reader) cutFragment(b *headerBlock) {
	l := frameHeader(d.header)
	p, left := d.payload.Start, d.head.Length
	padding := 0
	if d.head.Padded() && left > 0 {
		padding = int(p[0])
		p, left = l.Number(field.Padding, p, 1), left-1
	}
	if d.head.Type == http2frame.Headers && d.head.Has(http2frame.HasPriority) {
		before := l.Length
		p = priority(&l, p)
		left -= l.Length - before
		if l.Length-before < http2frame.PriorityLength {
			d.violations.Add(rules[frameLength])
			b.broken = true
		}
	}
	if d.head.Type == http2frame.PushPromise {
		if len(p) < 4 {
			d.violations.Add(rules[frameLength])
			b.broken = true
		} else {
			b.promised = http2frame.Number31(p)
		}
		before := l.Length
		p = reserved(&l, field.PushPromiseR, field.PromisedStreamID, p)
		left -= l.Length - before
	}
	if padding > left {
		d.violations.Add(rules[paddingTooLong])
		padding, b.broken = 0, true
	}
	left -= padding

	f := blockFrame{frame: d.frame(), at: l.Length, length: left}
	f.frame.Fields, f.frame.Violations = l.Fields, d.violations
	f.fragment = append(f.fragment, p[:min(len(p), left)]...)
	if len(f.fragment) < left {
		b.broken = true
	}
	if padding > 0 {
		name := field.HeadersPadding
		if d.head.Type == http2frame.PushPromise {
			name = field.PushPromisePadding
		}
		f.after.Length = l.Length + left
		start := p[min(len(p), left):]
		f.after.AddValue(name, padding, hex.EncodeToString(start), true, len(start) < padding)
	}
	b.size += left
	b.fragments++
	b.frames = append(b.frames, f)
}

// endBlock shows the block and does what it says. One that is cut is followed
// by something else than its rest.
func (d *reader) endBlock(whole bool) {
	b := d.block
	d.showBlock(whole)
	d.block = nil
	s := d.conn.streams[b.stream]
	if s != nil && b.stream != 0 && b.endStream {
		sending := s.sending(d.h.From)
		sending.ended = true
		sending.endContent()
	}
}

// showBlock decodes what is there of the block, and shows its frames.
func (d *reader) showBlock(whole bool) {
	b := d.block
	if len(b.frames) == 0 {
		return
	}
	if b.broken {
		d.hpack.tableUnknown = true
	}
	if b.broken || b.shown {
		for i := range b.frames {
			b.frames[i].showFragment()
		}
	} else {
		d.decodeBlock(b, whole)
	}
	for _, f := range b.frames {
		f.frame.Fields = append(f.frame.Fields, f.after.Fields...)
		d.emit(f.frame)
	}
	b.frames = nil
}

// showFragment shows a fragment that can't be decoded.
func (f *blockFrame) showFragment() {
	l := dissect.FieldList{Fields: f.frame.Fields, Length: f.at}
	l.AddValue(field.Headers, f.length, hex.EncodeToString(f.fragment), true, f.length > len(f.fragment))
	f.frame.Fields = l.Fields
}

func (d *reader) decodeBlock(b *headerBlock, whole bool) {
	var block []byte
	for _, f := range b.frames {
		block = append(block, f.fragment...)
	}
	allowed := int64(1<<32 - 1)
	if receiver := d.conn.side(other(d.h.From)); receiver.seen {
		allowed = receiver.most.tableSize
	}
	unknown := d.hpack.tableUnknown
	r := d.hpack.decode(block, whole, allowed)
	placeBlock(r.parts, b.frames)
	first := &b.frames[0].frame
	violations := append(dissect.Violations(nil), first.Violations...)
	violations = append(violations, r.violations...)
	first.Headers = r.headers
	if whole && !unknown && !d.hpack.tableUnknown && b.stream != 0 {
		m := newMessage(d.h.From, r.headers)
		use := d.open(b, m)
		m.check(&violations, use)
		d.checkExchange(&violations, d.conn.streams[b.stream], m, use)
		if first.Kind == "headers" {
			first.Kind = use.kind()
		}
		if use == useTrailer {
			first.Say[0].Key = say.Trailer
		}
		first.AddSay(m.says()...)
	} else {
		first.AddSay(dissect.SayBytes(b.size))
	}
	if b.endStream {
		first.Ends = dissect.Complete
		first.AddSay(dissect.Phrase{Key: say.EndStream})
	}
	first.Violations = violations
}

// placeBlock gives the parts of a block their places in its frames. A part
// that lies in several frames becomes a field in each.
func placeBlock(parts []blockPart, frames []blockFrame) {
	index, start := 0, 0 // of the fragment that the next byte lies in
	for _, part := range parts {
		var pieces []*dissect.Field
		for at := part.start; at < part.start+part.length; {
			for at >= start+frames[index].length {
				start += frames[index].length
				index++
			}
			f := &frames[index]
			n := min(part.start+part.length, start+f.length) - at
			field := dissect.Field{
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
