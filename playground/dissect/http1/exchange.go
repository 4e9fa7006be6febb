package http1

import (
	"cmp"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
)

// A connection is what the two directions have to know of each other.
type connection struct {
	client, server *dissect.Direction
	requests       []*request // those without a final response, oldest first
}

// A request is what the two directions have to know of one exchange.
type request struct {
	number   int // of the exchange
	head     *dissect.Head
	upgrade  bool             // it asks for another protocol
	answered bool             // by a final response or a 101
	waiting  *dissect.Waiting // for that, where what follows depends on it
	next     func(*dissect.Direction) dissect.Parser
}

// Start has both sides of a connection read HTTP/1.1.
func Start(client, server *dissect.Direction) {
	c := &connection{client: client, server: server}
	client.Parser, server.Parser = c.newHead(client), c.newHead(server)
}

// waits tells whether the client's next bytes depend on the answer.
func (r *request) waits() bool { return !r.answered && (r.upgrade || r.head.Method == "CONNECT") }

// after is the parser for what follows the exchange.
func (c *connection) after(r *request, h *dissect.Direction) dissect.Parser {
	if r.next != nil {
		return r.next(h)
	}
	return c.newHead(h)
}

// request goes on after a request's head.
func (c *connection) request(f dissect.Frame, m *dissect.Head) {
	h := c.client
	h.Exchange = h.NextExchange()
	r := &request{
		number:  h.Exchange,
		head:    m,
		upgrade: m.Has("connection", "upgrade") && m.Get("upgrade") != "",
	}
	body := bodyOf(m, "")
	f.Violations = slices.Concat(f.Violations, checkHost(m), body.violations)
	if upgrade := h.Protocols.Upgrade(m); upgrade != nil {
		f.Violations = append(f.Violations, upgrade.CheckRequest(m)...)
	}
	h.Emit(f)
	c.requests = append(c.requests, r)
	h.Parser = body.parser(c, h, nil, coding.NewBody(h, m), func() {
		if r.waits() {
			r.waiting = dissect.NewWaiting(h)
			h.Parser = r.waiting
		} else {
			h.Parser = c.after(r, h)
		}
	})
}

// response goes on after a response's head.
func (c *connection) response(f dissect.Frame, m *dissect.Head) {
	h := c.server
	r := c.answered(m.Code)
	h.Exchange = r.number
	switch {
	case m.Code == "101":
		r.next = dissect.NewUnknown
		if upgrade := cmp.Or(h.Protocols.Upgrade(m), h.Protocols.Upgrade(r.head)); upgrade != nil {
			f.Violations = append(f.Violations, upgrade.CheckResponse(r.head, m)...)
			r.next = upgrade.New(r.head, m, r.number)
		}
		h.Emit(f)
		c.answer(r)
		h.Parser = r.next(h)
		return
	case m.Code[0] == '1':
		h.Emit(f)
		h.Parser = c.newHead(h) // the final response is still to come
		return
	case r.head.Method == "CONNECT" && m.Code[0] == '2':
		h.Emit(f)
		// A tunnel: what is in it begins as a connection does (RFC 9110 §9.3.6).
		inside := &connection{client: c.client, server: c.server}
		r.next = func(h *dissect.Direction) dissect.Parser { return inside.newHead(h) }
		c.answer(r)
		h.Parser = r.next(h)
		return
	}

	body := bodyOf(m, r.head.Method)
	f.Violations = append(f.Violations, body.violations...)
	f.Violations = append(f.Violations, h.Protocols.CheckContent(r.head, m)...)
	if upgrade := h.Protocols.Upgrade(r.head); upgrade != nil {
		f.Violations = append(f.Violations, upgrade.CheckResponse(r.head, m)...)
	}
	h.Emit(f)
	c.answer(r)
	var content dissect.Content
	coded := coding.NewBody(h, m)
	carrier := dissect.Carrier{LastEventID: dissect.ToText(r.head.Get("last-event-id"))}
	if body.kind != noBody {
		content = coding.Content(h, m, coded, carrier)
	}
	body.plain = func() dissect.Content { return coding.Plain(h, m, carrier) }
	body.checked = coding.Checkable(h, m, coded)
	h.Parser = body.parser(c, h, content, coded, func() {
		next := c.newHead(h)
		next.after = body.kind != noBody
		h.Parser = next
	})
}

// answered is the request that a response of this status code belongs to. A
// response that answers none that was seen is taken as one to a GET.
func (c *connection) answered(code string) *request {
	if len(c.requests) == 0 {
		return &request{number: c.server.NextExchange(), head: &dissect.Head{Method: "GET"}, upgrade: true}
	}
	r := c.requests[0]
	if code[0] != '1' || code == "101" {
		c.requests = c.requests[1:]
	}
	return r
}

// answer lets the client's direction go on if it waited for this.
func (c *connection) answer(r *request) {
	r.answered = true
	switch p := c.client.Parser.(type) {
	case *dissect.Waiting:
		if p == r.waiting {
			next := c.after(r, c.client)
			if early, ok := next.(dissect.Early); ok && p.Held() > 0 {
				early.Early(c.client.Offset)
			}
			p.Release(next)
		}
	case *head:
		if r.next != nil && c.client.Offset == 0 && len(p.bytes) == 0 {
			c.client.Parser, c.client.Exchange = r.next(c.client), r.number // its request was not seen
		}
	}
}
