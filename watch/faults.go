package watch

import (
	"bytes"
	"slices"
	"time"

	"seewire/playground/wire"
)

// Settings are the faults that stay until they are taken back.
type Settings struct {
	Hold   bool `json:"hold"`   // what comes is held back until there is much of it
	Delay  bool `json:"delay"`  // it comes half a second later
	Quiet  bool `json:"quiet"`  // without heartbeats
	Answer int  `json:"answer"` // to requests, in place of the target: 503 or 204; 0 for none
}

func (s Settings) with(other Settings) Settings {
	s.Hold = s.Hold || other.Hold
	s.Delay = s.Delay || other.Delay
	s.Quiet = s.Quiet || other.Quiet
	if other.Answer != 0 {
		s.Answer = other.Answer
	}
	return s
}

// settingsOf are those of a row. Under mu.
func (w *Watch) settingsOf(r *row) *Settings {
	s := w.all.with(w.by[r.Method+" "+r.path])
	return &s
}

// Set sets the faults for what has the method and the path of a row, or with "" for
// all. It returns false where there is no such row.
func (w *Watch) Set(id string, to Settings) bool {
	if to.Answer != 503 && to.Answer != 204 {
		to.Answer = 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if id == "" {
		w.all = to
	} else {
		r := w.byID[id]
		if r == nil {
			return false
		}
		key := r.Method + " " + r.path
		if w.by[key] = to; to == (Settings{}) {
			delete(w.by, key)
		}
		w.touch(r)
	}
	w.revision++
	w.settingsAt = w.revision
	for _, r := range w.rows {
		for e := range r.open {
			now := w.settingsOf(r)
			before := e.settings.Swap(now)
			e.meddle(r, *now)
			if before != nil && *before != *now {
				w.touch(r)
			}
			e.carrier.wake()
		}
	}
	return true
}

// meddle notes what is done to an exchange. Under the watch's mu.
func (e *exchange) meddle(r *row, s Settings) {
	for _, f := range []struct {
		on   bool
		what string
	}{{s.Hold, "hold"}, {s.Delay, "delay"}, {s.Quiet, "quiet"}} {
		if f.on {
			e.meddled.Store(true)
			r.fault(f.what)
		}
	}
}

// Cut cuts what is open of a row, or with "" of all: "reset", "end" or "silence".
func (w *Watch) Cut(id, how string) bool {
	if !slices.Contains([]string{"reset", "end", "silence"}, how) {
		return false
	}
	w.mu.Lock()
	var open []*exchange
	for _, r := range w.rows {
		if id != "" && r.ID != id {
			continue
		}
		for e := range r.open {
			open = append(open, e)
			e.meddled.Store(true)
			r.fault(how)
			w.touch(r)
		}
	}
	w.mu.Unlock()
	for _, e := range open {
		e.carrier.cut(e, how)
	}
	return len(open) > 0
}

func (s *session) wake() { s.queue.wake() }

func (s *session) cut(e *exchange, how string) {
	switch how {
	case "silence":
		s.silent.Store(true)
		s.queue.wake()
	case "end":
		s.ending.Store(true)
		s.queue.wake()
	case "reset":
		at := time.Now()
		recordEnd(e.front, wire.Server, at, "reset")
		s.endAll("watch", at)
		s.abortTarget(at)
		reset(s.client)
		s.close()
	}
}

// endWell ends a response as its server would: with a last chunk or a close frame.
func (s *session) endWell() {
	at := time.Now()
	s.mu.Lock()
	e := s.current
	if len(s.pending) > 0 {
		e = s.pending[0]
	}
	s.mu.Unlock()
	if p := e.out.ending(); len(p) > 0 && !s.write(e, p) {
		return
	}
	closeWrite(s.client)
	recordEnd(e.front, wire.Server, at, "fin")
	s.linger()
	s.endAll("watch", at)
	s.abortTarget(at)
	s.queue.close()
}

// An outlet is how far content has been passed on to the client.
type outlet struct {
	kind   Kind
	body   body
	chunk  []byte // that is looked at before it is passed on
	quiet  bool   // it is
	frame  []byte // the head of a WebSocket's frame, as far as it is there
	left   int64  // of its payload
	hidden bool   // it is not passed on
	some   bool   // something was
}

// passing is what of some content is passed on: without heartbeats, if so set.
func (e *exchange) passing(p []byte) []byte {
	o := &e.out
	if !o.some {
		e.mu.Lock()
		o.kind = e.kind
		e.mu.Unlock()
		o.body, o.some = e.kept, true
	}
	quiet := e.settings.Load().Quiet
	switch {
	case o.kind == WebSocket:
		return o.frames(p, quiet)
	case o.kind == EventStream && o.body.kind == chunked:
		return o.chunks(p, quiet)
	case o.kind == EventStream && o.body.kind == untilEnd && quiet && isHeartbeat(p):
		return nil
	}
	o.body.take(p, func([]byte) {})
	return p
}

// chunks leaves out the chunks that have nothing but comments.
func (o *outlet) chunks(p []byte, quiet bool) (out []byte) {
	for len(p) > 0 {
		if o.body.between() {
			o.quiet = quiet
		}
		n := 1
		if o.body.state == chunkData {
			n = int(min(o.body.left, int64(len(p))))
		}
		_, done, err := o.body.take(p[:n], func([]byte) {})
		if !o.quiet {
			out = append(out, p[:n]...)
			p = p[n:]
			continue
		}
		o.chunk = append(o.chunk, p[:n]...)
		p = p[n:]
		switch {
		case len(o.chunk) > heldBytes || done || err != nil:
			o.quiet = false // no heartbeat is so long
			fallthrough
		case o.body.between():
			if _, content, _ := bytes.Cut(o.chunk, []byte("\n")); !o.body.between() || !isHeartbeat(content) {
				out = append(out, o.chunk...)
			}
			o.chunk = o.chunk[:0]
		}
	}
	return out
}

// isHeartbeat says whether lines of an event stream are comments and empty lines.
func isHeartbeat(p []byte) bool {
	comment := false
	for line := range bytes.Lines(p) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > 0 && line[0] != ':' {
			return false
		}
		comment = comment || len(line) > 0
	}
	return comment
}

// frames leaves out pings and pongs.
func (o *outlet) frames(p []byte, quiet bool) (out []byte) {
	for len(p) > 0 {
		if o.left > 0 {
			n := int(min(o.left, int64(len(p))))
			if !o.hidden {
				out = append(out, p[:n]...)
			}
			o.left -= int64(n)
			p = p[n:]
			continue
		}
		if len(o.frame) == 0 {
			opcode := p[0] & 15
			o.hidden = quiet && (opcode == opPing || opcode == opPong)
		}
		o.frame = append(o.frame, p[0])
		if !o.hidden {
			out = append(out, p[0])
		}
		p = p[1:]
		if len(o.frame) == frameHead(o.frame) {
			o.left = payloadLength(o.frame)
			o.frame = o.frame[:0]
		}
	}
	return out
}

// ending is what ends the content in good order, as far as it can be ended here.
func (o *outlet) ending() []byte {
	switch {
	case o.kind == WebSocket && o.left == 0 && len(o.frame) == 0:
		return []byte{0x88, 2, 0x03, 0xe9} // 1001: going away (RFC 6455 §7.4.1)
	case o.body.between():
		return []byte("0\r\n\r\n")
	}
	return nil
}
