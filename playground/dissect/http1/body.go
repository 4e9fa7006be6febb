package http1

import (
	"strings"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
)

type bodyKind int

const (
	noBody bodyKind = iota
	sizedBody
	chunkedBody
	closeBody // it ends with the connection
)

// A body is how the bytes after a head are delimited.
type body struct {
	kind       bodyKind
	length     uint64 // of a sizedBody
	violations dissect.Violations
}

// bodyOf applies RFC 9112 §6.3. The method is that of the request which a
// response answers.
func bodyOf(m *dissect.Head, method string) body {
	var b body
	codings, length := m.Get("transfer-encoding"), m.Get("content-length")
	switch {
	case m.From == dissect.Server && (method == "HEAD" || m.Code == "204" || m.Code == "304"):
		// Whatever the head says (item 1).
	case codings != "":
		if length != "" {
			b.violations.Add(rules[lengthAndCoding])
		}
		last := codings[strings.LastIndexByte(codings, ',')+1:]
		if strings.EqualFold(strings.Trim(last, " \t"), "chunked") {
			b.kind = chunkedBody
		} else {
			b.kind = closeBody
			if m.From == dissect.Client {
				b.violations.Add(rules[transferCoding])
			}
		}
	case length != "":
		n, ok := dissect.ContentLength(length)
		switch {
		case !ok:
			b.violations.Add(rules[contentLengthInvalid])
			b.kind = closeBody // nobody can tell where it ends
		case n > 0:
			b.kind, b.length = sizedBody, n
		}
	case m.From == dissect.Server:
		b.kind = closeBody
	}
	return b
}

// parser reads the body, and calls done after its last byte. A body of events
// is given to them, any other is shown as file data, inflated if it is under
// gzip.
func (b body) parser(h *dissect.Direction, content dissect.Content, gzip *coding.Gzip, done func()) dissect.Parser {
	switch b.kind {
	case chunkedBody:
		return &chunked{h: h, content: content, gzip: gzip, done: done}
	case sizedBody:
		return &plainBody{h: h, content: content, gzip: gzip, done: done, left: b.length, sized: true}
	case closeBody:
		return &plainBody{h: h, content: content, gzip: gzip, done: done}
	}
	h.Complete()
	done()
	return h.Parser
}

// A plainBody is one that is sent as it is: so many bytes, or all until the
// connection's end.
type plainBody struct {
	h       *dissect.Direction
	content dissect.Content
	gzip    *coding.Gzip
	done    func()
	sized   bool
	left    uint64 // of a sized body
	data    dissect.Excerpt
}

func (b *plainBody) Parse(p []byte) int {
	if b.sized {
		p = p[:min(uint64(len(p)), b.left)]
	}
	n := len(p)
	if b.content != nil {
		n = b.content.Write(p)
	} else {
		b.data.Write(p)
		b.gzip.Write(p)
	}
	if b.sized {
		if b.left -= uint64(n); b.left == 0 {
			b.finish(b.h.Offset+int64(n), false)
			b.h.Complete()
			b.done()
		}
	}
	return n
}

func (b *plainBody) End() { b.finish(b.h.Offset, b.sized) }

// finish shows the body, which ends at the offset.
func (b *plainBody) finish(end int64, incomplete bool) {
	if b.content != nil {
		b.content.End()
		return
	}
	if b.data.N == 0 {
		return
	}
	f := dissect.Frame{
		Offset: end - int64(b.data.N), Length: b.data.N,
		Protocol: "http1", Kind: "body", Say: []dissect.Phrase{dissect.Number(say.Body, b.data.N)},
		Incomplete: incomplete,
	}
	var l dissect.FieldList
	var violations dissect.Violations
	inflated := b.gzip.Piece(end-1, &violations)
	f.SayInflated(inflated.N)
	l.AddBody(field.FileData, &b.data, &inflated)
	f.Fields, f.Violations = l.Fields, violations
	b.h.Emit(f)
	b.gzip.End()
}

// NewBody returns a parser for a body that is sent as it is, to the connection's
// end, and whose content is read as what it is.
func NewBody(h *dissect.Direction, content dissect.Content) dissect.Parser {
	return &plainBody{h: h, content: content}
}
