package watch

import (
	"bytes"
	"net"
	"time"

	"seewire/playground/wire"
)

// responses is how far the target's side has been read.
type responses struct {
	head []byte // as far as it is there
}

// readTarget reads what the target sends until it has stopped.
func (s *session) readTarget(target net.Conn) {
	buffer := make([]byte, 32<<10)
	var r responses
	for {
		n, err := target.Read(buffer)
		at := time.Now()
		for p := buffer[:n]; len(p) > 0; {
			p = s.takeResponse(&r, at, p)
		}
		if err != nil {
			s.targetEnds(err, at)
			return
		}
	}
}

// takeResponse takes bytes of a response, and returns what comes after it.
func (s *session) takeResponse(r *responses, at time.Time, p []byte) (rest []byte) {
	s.mu.Lock()
	e := s.current
	asked := len(s.pending) > 0
	if asked {
		e = s.pending[0]
	}
	s.mu.Unlock()
	if !asked { // such as 408, for a request that did not come
		s.pass(e, at, p, false, false)
		return nil
	}
	if e.began {
		n, done, err := e.response.take(p, func(content []byte) { e.takeContent(content, at) })
		if err != nil {
			n, e.response = len(p), body{kind: untilEnd}
		}
		s.pass(e, at, p[:n], true, done)
		if done {
			s.finish(e, "complete", at)
		}
		return p[n:]
	}

	before := len(r.head)
	r.head = append(r.head, p...)
	n := headLength(r.head)
	switch {
	case n == 0 && (!likeResponse(r.head) || len(r.head) > maxHead):
		s.takeGarbage(e, at, r.head, p)
		r.head = nil
		return nil
	case n == 0: // each byte is passed on as it comes
		s.pass(e, at, p, false, false)
		return nil
	}
	used := n - before
	h := parseHead(bytes.Clone(r.head[:n]))
	r.head = nil
	status, err := h.status()
	switch {
	case err != nil:
		s.takeGarbage(e, at, h.raw, p)
		return nil
	case status < 200 && status != 101: // another head comes (RFC 9110 §15.2)
		s.pass(e, at, p[:used], false, false)
		return p[used:]
	}
	record(e.back, wire.Server, at, p[:used])
	e.takeResponse(h, status, at)
	e.decide()
	done := e.response.complete()
	s.queue.put(item{exchange: e, at: at, bytes: bytes.Clone(p[:used]), last: done})
	if done {
		s.finish(e, "complete", at)
	}
	return p[used:]
}

func likeResponse(p []byte) bool {
	const start = "HTTP/1."
	n := min(len(p), len(start))
	return string(p[:n]) == start[:n]
}

// takeGarbage takes what is no response: it is passed on up to the end.
func (s *session) takeGarbage(e *exchange, at time.Time, all, p []byte) {
	key := "garbage"
	switch {
	case isAlert(all):
		key = "tls"
	case isSettings(all):
		key = "onlyh2"
	}
	e.began, e.response = true, body{kind: untilEnd}
	e.change(func(r *row) {
		r.Kind = Other
		r.say(key, at)
	})
	e.decide()
	s.pass(e, at, p, false, false)
}

// pass passes on bytes of the target.
func (s *session) pass(e *exchange, at time.Time, p []byte, content, last bool) {
	if len(p) == 0 && !last {
		return
	}
	record(e.back, wire.Server, at, p)
	s.queue.put(item{exchange: e, at: at, bytes: bytes.Clone(p), content: content, last: last})
}

// targetEnds passes on that the target has stopped.
func (s *session) targetEnds(err error, at time.Time) {
	how := howEnded(err)
	s.mu.Lock()
	e := s.current
	if len(s.pending) > 0 {
		e = s.pending[0]
	}
	pending := s.pending
	s.pending = nil
	s.mu.Unlock()
	if how != "" {
		recordEnd(e.back, wire.Server, at, how)
	} else {
		how = "reset"
	}
	for _, e := range pending {
		ended := how
		if s.left.Load() {
			ended = "client"
		} else if how == "fin" && !(e.began && e.response.kind == untilEnd) {
			ended = "cut" // it was not complete
		}
		e.decide()
		e.end(ended, at)
	}
	s.queue.put(item{exchange: e, at: at, end: how})
}
