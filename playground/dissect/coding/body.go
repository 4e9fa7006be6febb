package coding

import (
	"errors"
	"regexp"
	"strings"

	"seewire/playground/dissect"
)

// A Body decodes a body under a content coding (RFC 9110 §8.4), so that each of its
// pieces can be shown as what it adds.
type Body struct {
	h       *dissect.Direction
	content dissect.Content // reads what is decoded, if it has a dissector
	decoder decoder
	broken  dissect.Violation // of the coding

	piece  []byte // that is arriving
	begun  bool   // bytes have come
	any    bool   // something was decoded
	ended  bool   // the coding has said that it ends
	cut    bool   // the body ends, and the coding has not
	failed bool   // the rest is shown as it came
}

// A decoder takes a coding off.
type decoder interface {
	// decode reads a piece and hands what it adds on to write, which may end the
	// work with an error. It tells whether the coding ends there.
	decode(p []byte, write func(p []byte) error) (ended bool, err error)

	// close gives back what was taken for memory.
	close()
}

// NewBody returns nil where the body of a message is under no coding, or under one
// that is not known here.
func NewBody(h *dissect.Direction, m *dissect.Head) *Body {
	b := &Body{h: h}
	switch strings.ToLower(m.Get("content-encoding")) {
	case "gzip", "x-gzip":
		b.decoder, b.broken = &gzipDecoder{}, rules[gzipBroken]
	case "deflate":
		b.decoder, b.broken = &zlibDecoder{}, rules[deflateBroken]
	case "br":
		b.decoder, b.broken = &brotliDecoder{memory: h.Inflation}, rules[brotliBroken]
	case "zstd":
		b.decoder, b.broken = &zstdDecoder{memory: h.Inflation}, rules[zstdBroken]
	default:
		return nil
	}
	return b
}

// Write takes bytes of the body.
func (b *Body) Write(p []byte) {
	if b == nil || b.failed || b.ended {
		return
	}
	b.begun = true
	b.piece = append(b.piece, p...)
}

// Piece is called where a piece of the body ends, with the offset of its last
// byte. It returns what the piece adds to what is decoded; nothing where that
// is not known yet, or where the body is under no coding.
func (b *Body) Piece(last int64, violations *dissect.Violations) (added dissect.Excerpt) {
	if b == nil || b.ended {
		return added
	}
	if b.failed {
		if b.h.Inflation.Over() {
			b.h.Inflation.LeaveOut(1)
		}
		return added
	}
	if b.content != nil {
		b.content.Inside(last)
	}
	p := b.piece
	b.piece = b.piece[:0]
	ended, err := false, error(ErrTooLarge)
	if b.h.Inflation.Take(len(p)) {
		ended, err = b.decoder.decode(p, func(p []byte) error { return b.add(p, &added) })
	}
	b.ended = ended
	switch {
	case err == ErrTooLarge:
		b.failed, b.piece = true, nil
		b.h.Inflation.LeaveOut(1)
	case err != nil:
		b.failed, b.piece = true, nil
		violations.Add(b.broken)
	}
	if b.ended || b.failed {
		b.decoder.close()
	}
	return added
}

// add takes what is decoded.
func (b *Body) add(p []byte, added *dissect.Excerpt) error {
	b.any = b.any || len(p) > 0
	added.Write(p)
	for rest := p; b.content != nil && len(rest) > 0; {
		if rest = rest[b.content.Write(rest):]; b.h.Description.Over() {
			return ErrTooLarge
		}
	}
	if !b.h.Inflation.Take(len(p)) {
		return ErrTooLarge
	}
	return nil
}

// Says is what there is to say of a body out of which nothing has come so far: what
// compresses it keeps to itself what was written, until it is flushed.
func (b *Body) Says() []dissect.Phrase {
	if b == nil || b.any || b.ended || b.failed {
		return nil
	}
	return []dissect.Phrase{dissect.SayHeld()}
}

// UndoneBy is how many bytes at the start of a body tell whether its coding has been
// taken off by the tool that has saved it; 0 where that is known.
func (b *Body) UndoneBy() int {
	if b == nil || b.begun || !b.h.Protocols.Saved {
		return 0
	}
	return 4
}

// Undone tells whether it has: then the start is text, and nothing that is compressed
// begins as one. DEFLATE without a head of its own may.
func (b *Body) Undone(start []byte) bool {
	if _, deflate := b.decoder.(*zlibDecoder); deflate {
		return textStart.Match(start)
	}
	_, isHex := dissect.Readable(start)
	return !isHex
}

var textStart = regexp.MustCompile(`\A(data|even|id:|retr|: |\{["\s]|\[[{"\s]|<[a-zA-Z!?])`)

// Shown is what there is to see of a piece: what it adds to what is decoded, or the
// piece itself where the body is under no coding.
func (b *Body) Shown(sent, added dissect.Excerpt) dissect.Excerpt {
	if b != nil {
		return added
	}
	return sent
}

// Unfinished tells whether the coding has not come to its end, as far as the body
// has come: some of it is missing, or a length in it is wrong.
func (b *Body) Unfinished() bool {
	if b == nil || !b.begun {
		return false
	}
	if !b.ended && !b.failed && !b.cut {
		whole, ok := b.decoder.(interface{ whole() bool })
		b.ended = ok && whole.whole()
		b.cut = !b.ended
	}
	return b.cut
}

// CheckEnd is called where the body has ended.
func (b *Body) CheckEnd(violations *dissect.Violations) {
	if b.Unfinished() {
		violations.Add(rules[unfinished])
	}
}

// Lose says that a part of the body was not recorded: what follows it can't be
// decoded.
func (b *Body) Lose() {
	if b != nil && !b.failed {
		b.failed, b.piece = true, nil
		b.decoder.close()
	}
}

// End is the end of the body.
func (b *Body) End() {
	if b == nil {
		return
	}
	b.Unfinished() // before what would tell is gone
	if !b.failed {
		b.decoder.close()
	}
	if b.content != nil {
		b.content.End()
	}
}

// Plain is Content for what is under no coding, or not any more.
func Plain(h *dissect.Direction, response *dissect.Head, carrier dissect.Carrier) dissect.Content {
	t := h.Protocols.ContentType(response)
	if t == nil {
		return nil
	}
	return t.New(h, response, carrier)
}

// Checkable tells whether it is to be looked at whether a response's content is of
// another type than it is sent as: it is one that has no dissector, and can be read.
func Checkable(h *dissect.Direction, response *dissect.Head, coded *Body) bool {
	return h.Protocols.ContentType(response) == nil && (coded != nil || !response.Coded())
}

// ErrTooLarge says that inflating would take too much.
var ErrTooLarge = errors.New("too large to inflate here")

// Content returns the dissector of a response's content, which is nil where it
// has none. What comes under a coding is given to it decoded, and the result is nil.
func Content(h *dissect.Direction, response *dissect.Head, coded *Body, carrier dissect.Carrier) dissect.Content {
	if coded == nil && response.Coded() {
		return nil
	}
	carrier.Inflated = coded != nil
	content := Plain(h, response, carrier)
	if coded != nil {
		coded.content = content
		return nil
	}
	return content
}
