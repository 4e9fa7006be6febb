package http2

import (
	"strings"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
)

// A blockUse is what a header block is in its stream.
type blockUse int

const (
	useRequest blockUse = iota
	useResponse
	useTrailer
)

// kind is the kind of a frame with such a block, as in HTTP/1.
func (u blockUse) kind() string { return [...]string{"request", "response", "trailer"}[u] }

// A message is what a header block says. Its pseudo-headers, whose names
// start with a colon, stand for the start line of HTTP/1 (RFC 9113 §8.3).
type message struct {
	dissect.Head
	fields []dissect.Header
}

func newMessage(from dissect.Side, headers []dissect.Header) *message {
	m := &message{Head: dissect.Head{From: from, Version: "HTTP/2"}, fields: headers}
	for _, h := range headers {
		switch h.Name {
		case ":method":
			m.Method = h.Value
		case ":status":
			m.Code = h.Value
		}
		m.Headers = append(m.Headers, dissect.HeaderLine{Name: h.Name, Value: h.Value})
	}
	return m
}

// says is what HTTP/1 would have in its first line.
func (m *message) says() []dissect.Phrase {
	switch {
	case m.Method != "":
		return m.RequestLine(say.Head, m.Get(":path"))
	case m.Code != "":
		return []dissect.Phrase{m.StatusLine(say.Head, "")}
	}
	return nil
}

// open notes what a block means for its stream, and tells what it is there.
func (d *reader) open(b *headerBlock, m *message) blockUse {
	if b.promised != 0 {
		// The promised request is one that the client would have sent.
		s := d.conn.stream(b.promised)
		d.number(s)
		s.method, s.client.begun, s.client.ended = m.Method, true, true
		d.conn.highest[dissect.Server] = max(d.conn.highest[dissect.Server], b.promised)
		return useRequest
	}
	s := d.conn.stream(b.stream)
	d.number(s)
	sending := s.sending(d.h.From)
	if sending.begun {
		return useTrailer
	}
	if d.h.From == dissect.Client {
		sending.begun = true
		sending.length = m.Get("content-length")
		s.method, s.lastEventID = m.Method, m.Get("last-event-id")
		s.accept = m.Get("accept")
		if m.Get(":protocol") != "" {
			s.request = &m.Head
		}
		return useRequest
	}
	if strings.HasPrefix(m.Code, "1") {
		return useResponse // the final response is still to come
	}
	sending.begun = true
	if s.method != "HEAD" && m.Code != "204" && m.Code != "304" {
		sending.length = m.Get("content-length")
	}
	sending.coded = coding.NewBody(d.h, &m.Head)
	if d.tunnel(b, s, m) {
		return useResponse
	}
	if !b.endStream {
		sending.content = coding.Content(d.h, &m.Head, sending.coded, dissect.Carrier{
			LastEventID: s.lastEventID, Stream: b.stream, Exchange: s.exchange,
		})
		sending.unchecked = coding.Checkable(d.h, &m.Head, sending.coded)
	}
	return useResponse
}

// tunnel has the content of both sides read as what an extended CONNECT has asked
// for (RFC 8441 §5), where the response agrees to it and that is known.
func (d *reader) tunnel(b *headerBlock, s *stream, m *message) bool {
	if s.request == nil || b.endStream || !strings.HasPrefix(m.Code, "2") {
		return false
	}
	upgrade := d.h.Protocols.Upgrade(s.request)
	if upgrade == nil {
		return false
	}
	next := upgrade.New(s.request, &m.Head, s.exchange)
	s.server.content = dissect.NewNested(d.h, b.stream, s.exchange, next)
	if client := d.conn.client.h; client != nil && !s.client.ended {
		s.client.content = dissect.NewNested(client, b.stream, s.exchange, next)
	}
	return true
}

// checkExchange holds a response against its request, and the two messages of an
// extended CONNECT against RFC 8441.
func (d *reader) checkExchange(violations *dissect.Violations, s *stream, m *message, use blockUse) {
	if s != nil && use == useResponse && m.Code != "" && !strings.HasPrefix(m.Code, "1") {
		request := &dissect.Head{Headers: []dissect.HeaderLine{{Name: "accept", Value: s.accept}}}
		*violations = append(*violations, d.h.Protocols.CheckContent(request, &m.Head)...)
	}
	if s == nil || s.request == nil {
		return
	}
	upgrade := d.h.Protocols.Upgrade(s.request)
	var found dissect.Violations
	switch {
	case use == useRequest:
		if server := d.conn.server; server.seen && !server.most.extendedConnect {
			violations.Add(rules[connectProtocol])
		}
		if upgrade != nil {
			found = upgrade.CheckRequest(&m.Head)
		}
	case use == useResponse && upgrade != nil && m.Code != "":
		found = upgrade.CheckResponse(s.request, &m.Head)
	}
	for _, v := range found {
		violations.Add(v)
	}
}

// number gives a stream the number of its exchange.
func (d *reader) number(s *stream) {
	if s.exchange == 0 {
		s.exchange = d.h.NextExchange()
	}
}

// check holds a header block against RFC 9113 §8.2 and §8.3.
func (m *message) check(violations *dissect.Violations, use blockUse) {
	seen := map[string]int{}
	regular := false
	for _, h := range m.fields {
		name, pseudo := strings.CutPrefix(h.Name, ":")
		if pseudo {
			seen[h.Name]++
			if regular || seen[h.Name] > 1 || !isPseudo(h.Name, use) {
				violations.Add(rules[pseudoHeader])
			}
		} else {
			regular = true
		}
		if !dissect.IsToken(name) || strings.ToLower(h.Name) != h.Name {
			violations.Add(rules[headerName])
		}
		if strings.ContainsAny(h.Value, "\r\n\x00") || strings.Trim(h.Value, " \t") != h.Value {
			violations.Add(rules[headerValue])
		}
		switch h.Name {
		case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade":
			violations.Add(rules[connectionHeader])
		case "te":
			if !strings.EqualFold(h.Value, "trailers") {
				violations.Add(rules[connectionHeader])
			}
		}
	}
	if seen[":protocol"] > 0 && m.Method != "CONNECT" {
		violations.Add(rules[pseudoHeader])
	}
	for _, name := range required(use, m.Method, seen[":protocol"] > 0) {
		if seen[name] == 0 {
			violations.Add(rules[pseudoHeader])
		}
	}
}

// isPseudo tells whether a pseudo-header is known in such a block. RFC 8441
// adds :protocol.
func isPseudo(name string, use blockUse) bool {
	switch name {
	case ":method", ":scheme", ":authority", ":path", ":protocol":
		return use == useRequest
	case ":status":
		return use == useResponse
	}
	return false
}

// required are the pseudo-headers that must be in a block.
func required(use blockUse, method string, extended bool) []string {
	switch {
	case use == useRequest && extended: // RFC 8441 §4
		return []string{":method", ":scheme", ":path", ":authority"}
	case use == useResponse:
		return []string{":status"}
	case use == useRequest && method == "CONNECT":
		return []string{":method", ":authority"}
	case use == useRequest:
		return []string{":method", ":scheme", ":path"}
	}
	return nil
}
