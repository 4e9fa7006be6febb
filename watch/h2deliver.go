package watch

import (
	"net"
	"time"

	"seewire/playground/http2frame"
	"seewire/playground/wire"
)

// mostWritten is how much is written at once.
const mostWritten = 32 << 10

// deliver writes what waits for one side, until the end. From is the other side.
func (m *multiplex) deliver(w *way, conn net.Conn, hop *wire.Streams, from wire.Side) {
	var out []byte
	var sent []*send
	for {
		out, sent = out[:0], sent[:0]
		var due time.Time
		var end string
		for len(out) < mostWritten && end == "" {
			var s *send
			if s, due = w.next(time.Now()); s == nil {
				break
			}
			if end = s.close; end == "" {
				out = append(out, m.passing(w, s)...)
				sent = append(sent, s)
			}
		}
		if len(out) > 0 {
			at := time.Now()
			n, err := conn.Write(out)
			hop.Add(from, at, out[:n])
			if err != nil && w == m.down {
				m.clientGone(err)
				return
			}
			// The target's own end is met by readTarget, too: what it has said before
			// still goes to the client.
		}
		for _, s := range sent {
			if s.stream != nil {
				s.stream.waiting.Add(-1)
				m.forget(s.stream)
			}
		}
		if end != "" {
			m.stop(w, conn, hop, from, end)
			return
		}
		if len(sent) == 0 && !m.await(w, due) {
			return
		}
	}
}

// await waits until something may be sent. It returns false where all is over.
func (m *multiplex) await(w *way, due time.Time) bool {
	var timer <-chan time.Time
	if !due.IsZero() {
		t := time.NewTimer(time.Until(due))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-w.news:
	case <-timer:
	case <-m.done:
		return false
	}
	return true
}

// stop tells one side how the other one has stopped.
func (m *multiplex) stop(w *way, conn net.Conn, hop *wire.Streams, from wire.Side, how string) {
	hop.End(from, time.Now(), how)
	if how == "fin" {
		closeWrite(conn)
	} else {
		reset(conn)
	}
	w.shut() // nothing comes after it
}

// clientGone is called where the client can't be written to.
func (m *multiplex) clientGone(err error) {
	now := time.Now()
	if how := howEnded(err); how != "" {
		m.front.End(wire.Client, now, how)
	}
	m.endAll("client", now)
	m.abort(now)
}

// passing are the bytes of a send as they go on the wire: without what faults leave
// out.
func (m *multiplex) passing(w *way, s *send) []byte {
	st, h := s.stream, s.head
	if !w.faults || st == nil {
		w.onWire(s)
		m.counts(w, s)
		return s.bytes
	}
	if s.free {
		w.onWire(s)
		if s.ends {
			return st.ending(s.bytes)
		}
		return s.bytes
	}
	if s.start && (st.cutOff.Load() || st.silent.Load()) {
		st.dropping = true
	}
	if st.dropping {
		st.dropping = !s.end
		stream := st.id
		if st.cutOff.Load() {
			stream = 0
		}
		m.hide(s.unit, m.up, stream)
		return nil
	}
	st.headSent = st.headSent || s.answers
	if h.Type == http2frame.Data {
		s.bytes = m.content(st, s)
	}
	w.onWire(s)
	m.counts(w, s)
	return s.bytes
}

// counts takes a frame of DATA from what the client lets be sent.
func (m *multiplex) counts(w *way, s *send) {
	if w == m.down && s.start && s.head.Type == http2frame.Data {
		m.mu.Lock()
		m.window -= int64(s.head.Length)
		m.mu.Unlock()
	}
}

// content are the bytes of a DATA frame, without heartbeats if so set. What is left out
// is credited to the target.
func (m *multiplex) content(st *stream, s *send) []byte {
	e := st.exchange
	e.mu.Lock()
	kind := e.kind
	e.mu.Unlock()
	e.out.kind = kind
	isWhole := s.start && s.end
	quiet := isWhole && e.settings.Load().Quiet
	left := s.content
	switch {
	case kind == WebSocket:
		left = e.out.frames(s.content, quiet)
	case kind == EventStream && quiet && isHeartbeat(s.content):
		left = nil
	}
	if len(left) == len(s.content) || !isWhole {
		return s.bytes
	}
	for _, id := range []uint32{0, st.id} {
		m.up.putNow(&send{unit: whole(credit(id, s.head.Length-len(left)))})
	}
	s.head.Length = len(left)
	ends := s.head.Flags & http2frame.EndStream
	if len(left) == 0 && ends == 0 {
		return nil
	}
	return makeFrame(http2frame.Data, ends, st.id, left)
}

// wantsWhole says whether a DATA frame of the target is looked at before it is passed
// on.
func (m *multiplex) wantsWhole(h http2frame.Head) bool {
	m.mu.Lock()
	s := m.streams[h.Stream]
	m.mu.Unlock()
	return s != nil && h.Length <= maxHead && s.exchange.settings.Load().Quiet
}
