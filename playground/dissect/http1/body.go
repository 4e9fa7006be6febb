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
	checked    bool // it is to be looked at whether its type is right

	plain func() dissect.Content // reads the content if a tool has undone its coding
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
// is given to them, any other is shown as file data, decoded if it is under
// a coding.
func (b body) parser(c *connection, h *dissect.Direction, content dissect.Content, coded *coding.Body, done func()) dissect.Parser {
	switch b.kind {
	case chunkedBody:
		return &chunked{c: c, h: h, plain: b.plain, unchecked: b.checked, content: content, coded: coded, done: done}
	case sizedBody:
		return &plainBody{c: c, h: h, plain: b.plain, unchecked: b.checked, content: content, coded: coded, done: done, left: b.length, sized: true}
	case closeBody:
		return &plainBody{c: c, h: h, plain: b.plain, unchecked: b.checked, content: content, coded: coded, done: done}
	}
	h.Complete()
	done()
	return h.Parser
}

// A plainBody is one that is sent as it is: so many bytes, or all until the
// connection's end.
type plainBody struct {
	c       *connection
	h       *dissect.Direction
	content dissect.Content
	coded   *coding.Body
	done    func()
	sized   bool
	left    uint64 // of a sized body
	data    dissect.Excerpt

	unchecked bool // its start is still to be looked at
	plain     func() dissect.Content
	start     []byte // by which it is known whether a tool has undone the coding
	decided   bool   // it is
}

func (b *plainBody) Parse(p []byte) int {
	if enough := b.coded.UndoneBy(); enough > 0 && !b.decided {
		return b.decide(p, enough)
	}
	if b.sized {
		p = p[:min(uint64(len(p)), b.left)]
	}
	n := len(p)
	if b.content != nil {
		n = b.content.Write(p)
	} else {
		b.data.Write(p)
		b.coded.Write(p)
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

// decide collects the first bytes, which tell whether a tool has undone the coding.
func (b *plainBody) decide(p []byte, enough int) int {
	n := min(len(p), enough-len(b.start))
	b.start = append(b.start, p[:n]...)
	if len(b.start) == enough || b.sized && uint64(len(b.start)) == b.left {
		b.begin(n, len(b.start) == enough && b.coded.Undone(b.start))
	}
	return n
}

// begin goes on with the first bytes, of which n are not yet counted in the offset.
func (b *plainBody) begin(n int, undone bool) {
	start := b.start
	b.start, b.decided = nil, true
	if undone {
		b.decoded(b.h.Offset + int64(n-len(start)))
	}
	b.h.Replay(start, n, b)
}

// decoded goes on with a body whose coding a tool has undone. Its length is no more
// that of the head.
func (b *plainBody) decoded(offset int64) {
	b.h.Emit(dissect.Frame{
		Offset: offset, Protocol: "http1", Kind: "decoded", Say: []dissect.Phrase{{Key: say.Decoded}}, Fields: []dissect.Field{},
	})
	b.coded.End()
	b.coded, b.sized = nil, false
	if b.plain != nil {
		b.content = b.plain()
	}
}

func (b *plainBody) End() {
	if len(b.start) > 0 {
		b.begin(0, false)
		b.h.Parser = dissect.NewUnknown(b.h)
	}
	b.finish(b.h.Offset, b.sized)
	if b.sized {
		emitIncomplete(b.h, b.coded)
	}
}

// Resume goes on behind a gap of n bytes.
func (b *plainBody) Resume(n int64) (next dissect.Parser, sure bool) {
	if b.sized && b.left <= uint64(n) {
		return b.c.newHead(b.h), false
	}
	if b.sized {
		b.left -= uint64(n)
	}
	b.data.Reset()
	b.coded.Lose()
	return b, true
}

// emitIncomplete says at the end of a direction that a body has not ended (RFC
// 9112 §8). No byte says it.
//
// Of bytes that were saved that is not known: only that a coding has not ended.
func emitIncomplete(h *dissect.Direction, coded *coding.Body) {
	f := dissect.Frame{Offset: h.Offset, Protocol: "http1", Kind: "end", Fields: []dissect.Field{}}
	if h.Closed() {
		f.Say, f.Violations = []dissect.Phrase{{Key: say.End}}, []dissect.Violation{rules[bodyIncomplete]}
	}
	if coded.Unfinished() && (h.Closed() || h.Protocols.Saved) {
		f.AddSay(dissect.Phrase{Key: say.CodingUnfinished})
	}
	if len(f.Say) > 0 {
		h.Emit(f)
	}
}

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
	inflated := b.coded.Piece(end-1, &violations)
	f.SayInflated(inflated.N)
	f.AddSay(b.coded.Says()...)
	if b.unchecked {
		violations = append(violations, b.h.Protocols.Mistyped(b.coded.Shown(b.data, inflated).Start)...)
	}
	if !incomplete && (b.sized || b.h.Closed()) {
		b.coded.CheckEnd(&violations)
	}
	l.AddBody(field.FileData, &b.data, &inflated)
	f.Fields, f.Violations = l.Fields, violations
	b.h.Emit(f)
	b.coded.End()
}

// NewBody returns a parser for a body that is sent as it is, to the connection's
// end, and whose content is read as what it is.
func NewBody(h *dissect.Direction, content dissect.Content) dissect.Parser {
	return &plainBody{h: h, content: content}
}

// StartChunks has the server's side begin inside a body in chunks, whose content
// is read as what it is, and the client's with a head.
func StartChunks(client, server *dissect.Direction, content dissect.Content) {
	c := &connection{client: client, server: server}
	client.Parser = c.newHead(client)
	server.Parser = &chunked{c: c, h: server, content: content, done: func() { server.Parser = c.newHead(server) }}
}
