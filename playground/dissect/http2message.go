package dissect

import "strings"

// A blockUse is what a header block is in its stream.
type blockUse int

const (
	useRequest blockUse = iota
	useResponse
	useTrailer
)

// kind is the kind of a frame with such a block, as in HTTP/1.
func (u blockUse) kind() string { return [...]string{"request", "response", "trailer"}[u] }

// A h2Message is what a header block says. Its pseudo-headers, whose names
// start with a colon, stand for the start line of HTTP/1 (RFC 9113 §8.3).
type h2Message struct {
	message
	fields []Header
}

func newH2Message(from Side, headers []Header) *h2Message {
	m := &h2Message{message: message{from: from, version: "HTTP/2"}, fields: headers}
	for _, h := range headers {
		switch h.Name {
		case ":method":
			m.method = h.Value
		case ":status":
			m.code = h.Value
		}
		m.headers = append(m.headers, header{h.Name, h.Value, false})
	}
	return m
}

// says is what HTTP/1 would have in its first line.
func (m *h2Message) says() []Phrase {
	switch {
	case m.method != "":
		return m.requestLine(say.HTTP2Head, m.get(":path"))
	case m.code != "":
		return []Phrase{m.statusLine(say.HTTP2Head, "")}
	}
	return nil
}

// open notes what a block means for its stream, and tells what it is there.
func (d *http2) open(b *http2Block, m *h2Message) blockUse {
	if b.promised != 0 {
		// The promised request is one that the client would have sent.
		s := d.conn.stream(b.promised)
		d.number(s)
		s.method, s.client.begun, s.client.ended = m.method, true, true
		d.conn.highest[Server] = max(d.conn.highest[Server], b.promised)
		return useRequest
	}
	s := d.conn.stream(b.stream)
	d.number(s)
	sending := s.sending(d.h.from)
	if sending.begun {
		return useTrailer
	}
	if d.h.from == Client {
		sending.begun = true
		sending.length = m.get("content-length")
		s.method, s.lastEventID = m.method, m.get("last-event-id")
		return useRequest
	}
	if strings.HasPrefix(m.code, "1") {
		return useResponse // the final response is still to come
	}
	sending.begun = true
	if s.method != "HEAD" && m.code != "204" && m.code != "304" {
		sending.length = m.get("content-length")
	}
	sending.gzip = newGzipBody(d.h, &m.message)
	if m.isEvents() && !b.endStream {
		read := newEventStream(d.h, s.lastEventID)
		read.stream, read.exchange = b.stream, s.exchange
		switch {
		case m.isEventStream():
			sending.events, d.h.c.events = read, read
		case sending.gzip != nil:
			read.inflated = true
			sending.gzip.events, d.h.c.events = read, read
		}
	}
	return useResponse
}

// number gives a stream the number of its exchange.
func (d *http2) number(s *http2Stream) {
	if s.exchange == 0 {
		d.h.c.exchanges++
		s.exchange = d.h.c.exchanges
	}
}

// check holds a header block against RFC 9113 §8.2 and §8.3.
func (m *h2Message) check(violations *violationList, use blockUse) {
	seen := map[string]int{}
	regular := false
	for _, h := range m.fields {
		name, pseudo := strings.CutPrefix(h.Name, ":")
		if pseudo {
			seen[h.Name]++
			if regular || seen[h.Name] > 1 || !isPseudo(h.Name, use) {
				violations.add(http2PseudoHeader)
			}
		} else {
			regular = true
		}
		if !isToken(name) || strings.ToLower(h.Name) != h.Name {
			violations.add(http2HeaderName)
		}
		if strings.ContainsAny(h.Value, "\r\n\x00") || strings.Trim(h.Value, " \t") != h.Value {
			violations.add(http2HeaderValue)
		}
		switch h.Name {
		case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade":
			violations.add(http2ConnectionHeader)
		case "te":
			if !strings.EqualFold(h.Value, "trailers") {
				violations.add(http2ConnectionHeader)
			}
		}
	}
	for _, name := range required(use, m.method) {
		if seen[name] == 0 {
			violations.add(http2PseudoHeader)
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
