package coding

import (
	"errors"
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
	any    bool   // something was decoded
	ended  bool   // the coding has said that it ends
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
	if !b.failed {
		b.decoder.close()
	}
	if b.content != nil {
		b.content.End()
	}
}

// ErrTooLarge says that inflating would take too much.
var ErrTooLarge = errors.New("too large to inflate here")

// Content returns the dissector of a response's content, which is nil where it
// has none. What comes under a coding is given to it decoded, and the result is nil.
func Content(h *dissect.Direction, response *dissect.Head, coded *Body, carrier dissect.Carrier) dissect.Content {
	t := h.Protocols.ContentType(response)
	if t == nil || coded == nil && response.Coded() {
		return nil
	}
	carrier.Inflated = coded != nil
	content := t.New(h, response, carrier)
	if coded != nil {
		coded.content = content
		return nil
	}
	return content
}
