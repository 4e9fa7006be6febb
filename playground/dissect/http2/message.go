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
		return useRequest
	}
	if strings.HasPrefix(m.Code, "1") {
		return useResponse // the final response is still to come
	}
	sending.begun = true
	if s.method != "HEAD" && m.Code != "204" && m.Code != "304" {
		sending.length = m.Get("content-length")
	}
	sending.gzip = coding.NewGzip(d.h, &m.Head)
	if !b.endStream {
		sending.content = coding.Content(d.h, &m.Head, sending.gzip, dissect.Carrier{
			LastEventID: s.lastEventID, Stream: b.stream, Exchange: s.exchange,
		})
	}
	return useResponse
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
	for _, name := range required(use, m.Method) {
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
func required(use blockUse, method string) []string {
	switch {
	case use == useResponse:
		return []string{":status"}
	case use == useRequest && method == "CONNECT":
		return []string{":method", ":authority"}
	case use == useRequest:
		return []string{":method", ":scheme", ":path"}
	}
	return nil
}
