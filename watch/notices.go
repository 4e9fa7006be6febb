package watch

import (
	"bytes"
	"maps"
	"math"
	"time"
)

// lessonOf says which lesson explains a notice, by its slug.
var lessonOf = map[string]string{
	"burst":        "in-between",
	"silence":      "silence",
	"timeout":      "in-between",
	"type":         "event-stream",
	"status":       "reconnect",
	"lost":         "reconnect",
	"again":        "reconnect",
	"close.server": "frames",
	"close.client": "frames",
	"cut":          "event-stream",
	"garbage":      "event-stream",
	"away":         "measure",
	"certificate":  "six",
	"plain":        "in-between",
	"tls":          "in-between",
	"clienttls":    "in-between",
	"noh2":         "six",
	"onlyh2":       "six",
	"badh2":        "six",
	"noclient":     "event-stream",
	"loop":         "in-between",
}

// Lessons says which lesson explains each notice there can be, by its slug.
func Lessons() map[string]string { return maps.Clone(lessonOf) }

const (
	// quiet is how long nothing may come: nginx and others give up after that.
	quiet = time.Minute

	// A burst is at least so many events within burstLength, after heldBack of nothing.
	burstEvents = 3
	burstLength = 50 * time.Millisecond
	heldBack    = 2 * time.Second

	// lookEvery is how often the clock is looked at, and sayAgain how much later the
	// same silence is said anew.
	lookEvery = time.Second
	sayAgain  = 10 * time.Second
)

// timeouts are the times after which proxies end a connection that is quiet, in
// seconds, where nobody has set another one: 30 and 55 of Heroku's router, 60 of
// nginx, Apache's mod_proxy and AWS's load balancers, 100 of Cloudflare.
var timeouts = []float64{30, 55, 60, 100}

// noticeHead looks at the head of a response. Under the watch's mu.
func (e *exchange) noticeHead(r *row, h head, status int, contentType string, at time.Time) {
	if e.accept != "text/event-stream" || e.meddled.Load() { // it is no EventSource
		return
	}
	switch {
	case status == 200 && contentType != "text/event-stream":
		r.say("type", at, "type", contentType)
	case status >= 400:
		r.say("status", at, "status", status)
	}
}

// saysTLS tells from the content of a 400 that a server wants TLS, as Go's and nginx
// say it.
func saysTLS(content []byte) bool {
	return bytes.Contains(content, []byte("HTTPS server")) || bytes.Contains(content, []byte("HTTPS port"))
}

// eventCame is called for each event that a browser would dispatch.
func (e *exchange) eventCame(id string) {
	e.mu.Lock()
	at := e.last
	first := !e.first
	burst, waited := e.bursts.add(at, e.at, e.head)
	e.first = true
	e.mu.Unlock()
	e.change(func(r *row) {
		r.Events++
		if first {
			r.First = ms(at.Sub(e.at))
		}
		if e.meddled.Load() {
			return
		}
		if burst {
			r.say("burst", at, "count", burstEvents, "seconds", seconds(waited))
		}
		if first && e.resumes != "" && id != "" {
			switch gap := follows(e.resumes, id); {
			case r.ids.known[id]:
				r.say("again", at, "id", e.resumes, "got", id)
			case gap > 1 && r.ids.step:
				r.say("lost", at, "id", e.resumes, "got", id, "count", gap-1)
			}
		}
		r.ids.add(id)
	})
}

// bursts finds events that something has held back: several at once, after a time in
// which nothing came. One such burst can be the server's own; where the head came
// no earlier, or where there is another one at once, it is not.
type bursts struct {
	from, last time.Time // the first and the last event of the group
	waited     time.Duration
	count      int // events of the group
	bursts     int // groups in a row
}

func (b *bursts) add(at, asked, head time.Time) (burst bool, waited time.Duration) {
	if b.from.IsZero() || at.Sub(b.from) > burstLength {
		if b.count < burstEvents || b.waited < heldBack {
			b.bursts = 0
		}
		before := b.last
		if before.IsZero() {
			before = asked
		}
		b.from, b.count, b.waited = at, 0, at.Sub(before)
	}
	b.last = at
	b.count++
	if b.count != burstEvents || b.waited < heldBack {
		return false, 0
	}
	b.bursts++
	return b.bursts > 1 || head.Sub(asked) >= heldBack && at.Sub(head) <= burstLength, b.waited
}

// frameCame is called for each frame of a WebSocket.
func (e *exchange) frameCame(f frame) {
	if f.opcode == opClose {
		e.mu.Lock()
		e.closed = true
		e.mu.Unlock()
	}
	e.change(func(r *row) {
		r.Events++
		if f.opcode == opClose && r.Code == 0 {
			r.Code = f.code
		}
	})
}

// noticeEnd looks at how an exchange has ended. Under the watch's mu.
func (e *exchange) noticeEnd(r *row, how string, at time.Time) {
	e.mu.Lock()
	kind, closed, waited := e.kind, e.closed, at.Sub(e.last)
	e.mu.Unlock()
	if e.meddled.Load() || kind != EventStream && kind != WebSocket {
		return
	}
	if kind == WebSocket && !closed {
		by := "server"
		if how == "client" {
			by = "client"
		}
		r.say("close."+by, at)
	}
	if how == "client" {
		return
	}
	if kind == EventStream && (how == "reset" || how == "cut") {
		r.say("cut", at)
	}
	for _, t := range timeouts {
		if s := waited.Seconds(); math.Abs(s-t) < 1 && !closed {
			r.say("timeout", at, "seconds", seconds(waited))
		}
	}
}

// look is called again and again: silence is what no byte tells.
func (w *Watch) look(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.rows {
		for e := range r.open {
			if waited, say := e.isSilent(at); say {
				r.say("silence", at, "seconds", seconds(waited))
				w.touch(r)
			}
		}
	}
}

// isSilent says for how long nothing has come, and whether that is to be said, again
// after sayAgain.
func (e *exchange) isSilent(at time.Time) (waited time.Duration, say bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	waited = at.Sub(e.last)
	if e.kind != EventStream && e.kind != WebSocket || e.meddled.Load() || waited < quiet || waited < e.silent+sayAgain {
		return waited, false
	}
	e.silent = waited
	return waited, true
}

// came notes that a byte has come, and says how long none had.
func (e *exchange) came(at time.Time) (waited time.Duration, say bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	waited, e.last = at.Sub(e.last), at
	say = waited >= quiet && !e.meddled.Load() && (e.kind == EventStream || e.kind == WebSocket)
	e.silent = 0
	return waited, say
}

// seconds are rounded to what somebody reads.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*10) / 10 }
