package dissect

import (
	"slices"
	"strings"
)

// A request is what the two directions have to know of one exchange.
type request struct {
	number      int // of the exchange
	method      string
	upgrade     bool   // it asks for another protocol
	key         string // Sec-WebSocket-Key
	extensions  string // Sec-WebSocket-Extensions
	protocols   string // Sec-WebSocket-Protocol
	lastEventID string // Last-Event-ID
	answered    bool   // by a final response or a 101
	next        func(*direction) parser
}

// waits tells whether the client's next bytes depend on the answer.
func (r *request) waits() bool { return !r.answered && (r.upgrade || r.method == "CONNECT") }

// after is the parser for what follows the exchange.
func (r *request) after(h *direction) parser {
	if r.next != nil {
		return r.next(h)
	}
	return newHead(h)
}

// request goes on after a request's head.
func (h *direction) request(f Frame, m *message) {
	h.c.exchanges++
	h.exchange = h.c.exchanges
	r := &request{
		number:      h.exchange,
		method:      m.method,
		upgrade:     m.has("connection", "upgrade") && m.get("upgrade") != "",
		key:         m.get("sec-websocket-key"),
		extensions:  m.get("sec-websocket-extensions"),
		protocols:   m.get("sec-websocket-protocol"),
		lastEventID: toText(m.get("last-event-id")),
	}
	body := m.body("")
	f.Violations = slices.Concat(f.Violations, m.checkHost(), body.violations, checkOpening(m))
	h.emit(f)
	h.c.requests = append(h.c.requests, r)
	h.parser = body.parser(h, nil, newGzipBody(h, m), func() {
		if r.waits() {
			h.parser = &waiting{h: h, request: r}
		} else {
			h.parser = r.after(h)
		}
	})
}

// response goes on after a response's head.
func (h *direction) response(f Frame, m *message) {
	r := h.c.answered(m.code)
	h.exchange = r.number
	switch {
	case m.code == "101":
		f.Violations = append(f.Violations, checkUpgrade(r, m)...)
		h.emit(f)
		if m.has("upgrade", "websocket") {
			deflate := parseDeflate(m.get("sec-websocket-extensions"))
			r.next = func(h *direction) parser { return newWebSocket(h, deflate) }
		} else {
			r.next = func(h *direction) parser { return &unknown{h: h} }
		}
		h.c.answer(r)
		h.parser = r.next(h)
		return
	case m.code[0] == '1':
		h.emit(f)
		h.parser = newHead(h) // the final response is still to come
		return
	case r.method == "CONNECT" && m.code[0] == '2':
		h.emit(f)
		r.next = func(h *direction) parser { return &unknown{h: h} }
		h.c.answer(r)
		h.parser = r.next(h)
		return
	}

	body := m.body(r.method)
	f.Violations = append(f.Violations, body.violations...)
	h.emit(f)
	h.c.answer(r)
	var events *eventStream
	gzip := newGzipBody(h, m)
	if m.isEvents() && body.kind != noBody {
		read := newEventStream(h, r.lastEventID)
		switch {
		case m.isEventStream():
			events, h.c.events = read, read
		case gzip != nil:
			read.inflated = true
			gzip.events, h.c.events = read, read
		}
	}
	h.parser = body.parser(h, events, gzip, func() { h.parser = newHead(h) })
}

// answered is the request that a response of this status code belongs to. A
// response that answers none that was seen is taken as one to a GET.
func (c *Conversation) answered(code string) *request {
	if len(c.requests) == 0 {
		c.exchanges++
		return &request{number: c.exchanges, method: "GET", upgrade: true}
	}
	r := c.requests[0]
	if code[0] != '1' || code == "101" {
		c.requests = c.requests[1:]
	}
	return r
}

// answer lets the client's direction go on if it waited for this.
func (c *Conversation) answer(r *request) {
	r.answered = true
	switch p := c.client.parser.(type) {
	case *waiting:
		if p.request == r {
			p.release(r.after(c.client))
		}
	case *head:
		if r.next != nil && c.client.offset == 0 && len(p.bytes) == 0 {
			c.client.parser, c.client.exchange = r.next(c.client), r.number // its request was not seen
		}
	}
}

// isEventStream tells whether the body is lines of an event stream as it
// stands: what is compressed is not.
func (m *message) isEventStream() bool {
	coding := m.get("content-encoding")
	return m.isEvents() && (coding == "" || strings.EqualFold(coding, "identity"))
}

// isEvents tells whether an EventSource would read the body (WHATWG HTML
// §9.2.2).
func (m *message) isEvents() bool {
	mediaType, _, _ := strings.Cut(m.get("content-type"), ";")
	return m.code == "200" && strings.EqualFold(strings.Trim(mediaType, " \t"), "text/event-stream")
}
