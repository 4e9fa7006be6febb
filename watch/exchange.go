package watch

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"seewire/playground/dissect/coding"
	"seewire/playground/wire"
)

// An exchange is a request with its response, and what follows an upgrade.
type exchange struct {
	watch   *Watch
	carrier carrier
	row     *row // nil where there was no room for it
	at      time.Time
	method  string
	accept  string
	resumes string // Last-Event-ID
	upgrade bool   // the request asks for another protocol

	front, back *wire.Recorder // the hop to the client, and the one to the target; nil where they are not kept
	settings    atomic.Pointer[Settings]
	meddled     atomic.Bool   // something of it was changed here: what follows is not the target's
	answered    chan struct{} // closed at its end
	once        sync.Once
	decided     chan struct{} // closed when it is known whether the protocol changes
	decides     sync.Once

	// Of the goroutine that reads from the target.
	response body
	began    bool // the head of the response was there
	upgraded bool
	coded    *coding.Stream // takes a content coding off; nil for none
	events   *eventReader
	frames   *frameReader

	// Of the one that writes to the client.
	out  outlet
	kept body // the response as it begins

	// Of the one that reads from the client.
	sent *frameReader

	mu     sync.Mutex // guards what the clock looks at too
	kind   Kind
	last   time.Time     // the last byte of the target, or of a WebSocket of either side
	silent time.Duration // that was said
	head   time.Time     // when the head of the response was there
	bursts bursts
	over   bool // nothing is decoded any more
	closed bool // a close frame was there

	decoding int64 // bytes of the watch's mostDecoding
	first    bool  // an event was there
}

// A carrier has an exchange: a connection of HTTP/1.1, or a stream of HTTP/2.
type carrier interface {
	// record begins to record the hop to the client. Under the watch's mu.
	record(e *exchange, c *wire.Capture)

	// wake has what waits for the client looked at anew: settings have changed.
	wake()

	// cut ends the exchange: "reset", "end" or "silence".
	cut(e *exchange, how string)
}

func record(r *wire.Recorder, from wire.Side, at time.Time, p []byte) {
	if r != nil && len(p) > 0 {
		r.Add(from, at, p)
	}
}

func recordEnd(r *wire.Recorder, from wire.Side, at time.Time, how string) {
	if r != nil {
		r.End(from, at, how)
	}
}

// takeResponse takes the head of a response of HTTP/1.1 that is not an interim one.
func (e *exchange) takeResponse(h head, status int, at time.Time) {
	e.response = responseBody(h, e.method, status)
	kind := HTTP
	if status == 101 {
		e.upgraded = true
		e.response = body{kind: untilEnd}
		kind = Other
		if h.has("upgrade", "websocket") {
			kind = WebSocket
		}
		for _, r := range []*wire.Recorder{e.front, e.back} {
			if r != nil {
				r.Upgraded()
			}
		}
	}
	e.kept = e.response
	e.takeHead(h, status, kind, at)
}

// takeHead takes the head of a response. Kind is what it makes of the exchange, or
// HTTP where its type says that.
func (e *exchange) takeHead(h head, status int, kind Kind, at time.Time) {
	e.began = true
	contentType, _, _ := strings.Cut(strings.ToLower(h.value("content-type")), ";")
	contentType = strings.TrimSpace(contentType)
	switch {
	case kind == WebSocket:
		e.frames = &frameReader{frame: e.frameCame}
	case kind == HTTP && contentType == "text/event-stream" && status == 200:
		kind = EventStream
		if e.decodes(strings.ToLower(h.value("content-encoding"))) {
			e.events = &eventReader{event: e.eventCame}
		}
	}
	e.mu.Lock()
	e.kind, e.last, e.head = kind, at, at
	e.mu.Unlock()
	_, hidden := e.watch.covered(h.raw, wire.Server)
	e.change(func(r *row) {
		if r.Kind != EventStream || kind == EventStream { // a stream that is refused when it is resumed stays one
			r.Kind = kind
		}
		r.Status, r.Type, r.Head = status, contentType, ms(at.Sub(e.at))
		r.Protocol, r.Extensions = h.value("sec-websocket-protocol"), h.value("sec-websocket-extensions")
		r.Covered += hidden
		e.noticeHead(r, h, status, contentType, at)
	})
}

// mostDecoding is what taking content codings off may hold, for all streams together: a
// stream for which there is nothing left is passed on, and its events are not looked at.
const mostDecoding = 128 << 20

// decodes says whether the events of a stream can be read, under a content coding or
// none.
func (e *exchange) decodes(encoding string) bool {
	if encoding == "" || encoding == "identity" {
		return true
	}
	coded, memory := coding.NewStream(encoding)
	if coded == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over || e.watch.decoding.Add(memory) > mostDecoding {
		e.watch.decoding.Add(-memory)
		return false
	}
	e.coded, e.decoding = coded, memory
	return true
}

// release gives back what decoding holds.
func (e *exchange) release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
	e.watch.decoding.Add(-e.decoding)
	e.decoding = 0
}

// takeContent looks at content of the response.
func (e *exchange) takeContent(p []byte, at time.Time) {
	waited, silent := e.came(at)
	comments := 0
	switch {
	case e.events != nil:
		comments = e.events.comments
		if e.coded == nil {
			e.events.add(p)
		} else if err := e.coded.Write(p, e.events.add); err != nil {
			e.release() // what is not read is not told of
		}
		comments = e.events.comments - comments
	case e.frames != nil:
		e.frames.add(p)
	}
	e.change(func(r *row) {
		r.Bytes += int64(len(p))
		r.Comments += comments
		if silent {
			r.say("silence", at, "seconds", seconds(waited))
		}
		if r.Status == 400 && saysTLS(p) {
			r.say("tls", at)
		}
	})
}

// takeSent looks at what the client sends after an upgrade.
func (e *exchange) takeSent(p []byte, at time.Time) {
	e.mu.Lock()
	isSocket := e.kind == WebSocket
	e.mu.Unlock()
	if !isSocket {
		return
	}
	if waited, silent := e.came(at); silent {
		e.change(func(r *row) { r.say("silence", at, "seconds", seconds(waited)) })
	}
	if e.sent == nil {
		e.sent = &frameReader{frame: e.frameCame}
	}
	e.sent.add(p)
}

// decide says that it is known whether the protocol changes.
func (e *exchange) decide() { e.decides.Do(func() { close(e.decided) }) }

// end ends an exchange, once.
func (e *exchange) end(how string, at time.Time) {
	e.once.Do(func() {
		close(e.answered)
		e.release()
		e.change(func(r *row) {
			e.noticeEnd(r, how, at)
			r.End = how
			delete(r.open, e)
			if len(r.open) > 0 {
				return
			}
			r.Open, r.Ended = false, at
			if r.release != nil {
				r.release()
				r.release = nil
			}
		})
	})
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
