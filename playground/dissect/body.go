package dissect

import (
	"strconv"
	"strings"
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
	violations violationList
}

// body applies RFC 9112 §6.3. The method is that of the request which a
// response answers.
func (m *message) body(method string) body {
	var b body
	codings, length := m.get("transfer-encoding"), m.get("content-length")
	switch {
	case m.from == Server && (method == "HEAD" || m.code == "204" || m.code == "304"):
		// Whatever the head says (item 1).
	case codings != "":
		if length != "" {
			b.violations.add(lengthAndCoding)
		}
		last := codings[strings.LastIndexByte(codings, ',')+1:]
		if strings.EqualFold(strings.Trim(last, " \t"), "chunked") {
			b.kind = chunkedBody
		} else {
			b.kind = closeBody
			if m.from == Client {
				b.violations.add(transferCoding)
			}
		}
	case length != "":
		n, ok := contentLength(length)
		switch {
		case !ok:
			b.violations.add(contentLengthInvalid)
			b.kind = closeBody // nobody can tell where it ends
		case n > 0:
			b.kind, b.length = sizedBody, n
		}
	case m.from == Server:
		b.kind = closeBody
	}
	return b
}

// contentLength reads a Content-Length. Equal values in a list count as one
// (RFC 9110 §8.6).
func contentLength(list string) (n uint64, ok bool) {
	for element := range strings.SplitSeq(list, ",") {
		element = strings.Trim(element, " \t")
		if element == "" || strings.Trim(element, "0123456789") != "" {
			return 0, false
		}
		m, err := strconv.ParseUint(element, 10, 63)
		if err != nil || ok && m != n {
			return 0, false
		}
		n, ok = m, true
	}
	return n, ok
}

// parser reads the body, and calls done after its last byte. A body of events
// is given to them, any other is shown as file data, inflated if it is under
// gzip.
func (b body) parser(h *direction, events *eventStream, gzip *gzipBody, done func()) parser {
	switch b.kind {
	case chunkedBody:
		return &chunked{h: h, events: events, gzip: gzip, done: done}
	case sizedBody:
		return &plainBody{h: h, events: events, gzip: gzip, done: done, left: b.length, sized: true}
	case closeBody:
		return &plainBody{h: h, events: events, gzip: gzip, done: done}
	}
	done()
	return h.parser
}

// A plainBody is one that is sent as it is: so many bytes, or all until the
// connection's end.
type plainBody struct {
	h      *direction
	events *eventStream
	gzip   *gzipBody
	done   func()
	sized  bool
	left   uint64 // of a sized body
	data   excerpt
}

func (b *plainBody) parse(p []byte) int {
	if b.sized {
		p = p[:min(uint64(len(p)), b.left)]
	}
	n := len(p)
	if b.events != nil {
		n = b.events.write(p)
	} else {
		b.data.write(p)
		b.gzip.write(p)
	}
	if b.sized {
		if b.left -= uint64(n); b.left == 0 {
			b.finish(b.h.offset+int64(n), false)
			b.done()
		}
	}
	return n
}

func (b *plainBody) end() { b.finish(b.h.offset, b.sized) }

// finish shows the body, which ends at the offset.
func (b *plainBody) finish(end int64, incomplete bool) {
	if b.events != nil {
		b.events.end()
		return
	}
	if b.data.n == 0 {
		return
	}
	f := Frame{
		Offset: end - int64(b.data.n), Length: b.data.n,
		Protocol: "http1", Kind: "body", Say: []Phrase{number(say.HTTPBody, b.data.n)},
		Incomplete: incomplete,
	}
	var l fieldList
	var violations violationList
	inflated := b.gzip.piece(end-1, &violations)
	f.sayInflated(inflated.n)
	l.addBody(httpFields.FileData, &b.data, &inflated)
	f.Fields, f.Violations = l.fields, violations
	b.h.emit(f)
	b.gzip.end()
}
