package watch

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"seewire/playground/http2frame"
	"seewire/playground/wire"
)

// A stream is one of HTTP/2, with its exchange.
type stream struct {
	of        *multiplex
	id        uint32
	authority string // as the client says it
	protocol  string // of an extended CONNECT (RFC 8441 §4)
	exchange  *exchange
	lane      lane

	silent  atomic.Bool  // nothing passes any more, and neither end is told
	cutOff  atomic.Bool  // it was ended here: what waits is not sent
	waiting atomic.Int32 // sends
	removed atomic.Bool
	closing sync.Once

	clientEnded, targetEnded bool // under the multiplex's mu

	// Of the goroutine that writes to the client.
	headSent bool
	dropping bool // the frame that is coming
}

// begin makes a stream of a request.
func (m *multiplex) begin(id uint32, at time.Time, b *block, authority string) *stream {
	s := &stream{of: m, id: id, authority: authority, protocol: b.value(":protocol")}
	path := b.value(":path")
	if path == "" { // CONNECT
		path = authority
	}
	h := asHead(b, b.value(":method")+" "+path+" HTTP/1.1")
	s.exchange = m.watch.begin(s, m.client.RemoteAddr(), h, at)
	s.exchange.change(func(r *row) { r.HTTP2 = true })
	m.mu.Lock()
	m.streams[id] = s
	m.mu.Unlock()
	return s
}

func (s *stream) record(e *exchange, c *wire.Capture) { s.of.front.Begin(s.id, c) }

func (s *stream) wake() { s.of.down.wake() }

// takeHead takes the header block of a response. It says whether that is the head: no
// interim one, and no trailers.
func (s *stream) takeHead(b *block, at time.Time) bool {
	status, err := strconv.Atoi(b.value(":status"))
	if s.exchange.began || err != nil || status < 200 {
		return false
	}
	kind := HTTP
	if s.protocol == "websocket" && status == 200 {
		kind = WebSocket
	}
	s.exchange.takeHead(asHead(b, fmt.Sprintf("HTTP/1.1 %d", status)), status, kind, at)
	return true
}

// ended notes that a side sends nothing more on a stream.
func (m *multiplex) ended(s *stream, side wire.Side) {
	m.mu.Lock()
	if side == wire.Client {
		s.clientEnded = true
	} else {
		s.targetEnded = true
	}
	both := s.clientEnded && s.targetEnded
	m.mu.Unlock()
	if both {
		m.remove(s)
	}
}

// remove forgets a stream that has ended, once what waits of it was sent.
func (m *multiplex) remove(s *stream) {
	m.mu.Lock()
	delete(m.streams, s.id)
	m.mu.Unlock()
	s.removed.Store(true)
	m.forget(s)
}

func (m *multiplex) forget(s *stream) {
	if !s.removed.Load() || s.waiting.Load() > 0 {
		return
	}
	s.closing.Do(func() {
		m.front.Close(s.id)
		if m.back != nil {
			m.back.Close(s.id)
		}
	})
}

// endHere remembers that a stream was ended here: what is on its way for it is to go
// nowhere.
func (m *multiplex) endHere(s *stream) {
	m.mu.Lock()
	m.isOver[s.id] = true
	if m.over = append(m.over, s.id); len(m.over) > mostOver {
		delete(m.isOver, m.over[0])
		m.over = m.over[1:]
	}
	m.mu.Unlock()
	m.remove(s)
}

// cut ends a stream: "reset", "end" or "silence".
func (s *stream) cut(e *exchange, how string) {
	m := s.of
	if how == "silence" {
		s.silent.Store(true)
		m.down.wake()
		return
	}
	s.cutOff.Store(true)
	e.end("watch", time.Now())
	m.down.putNow(&send{unit: whole(number(http2frame.RSTStream, s.id, internalError)), stream: s, free: true, ends: how == "end"})
	m.up.putNow(&send{unit: whole(number(http2frame.RSTStream, s.id, cancel)), stream: s})
	m.endHere(s)
}

// ending is what ends a stream at the client in good order, as far as it can be ended
// so; else reset.
func (s *stream) ending(reset []byte) []byte {
	if !s.headSent {
		return reset
	}
	m := s.of
	m.mu.Lock()
	clientEnded := s.clientEnded
	m.mu.Unlock()
	content := s.exchange.out.ending()
	if !m.spend(len(content)) {
		content = nil
	}
	out := makeFrame(http2frame.Data, http2frame.EndStream, s.id, content)
	if !clientEnded { // it may stop sending (RFC 9113 §8.1)
		out = append(out, number(http2frame.RSTStream, s.id, noError)...)
	}
	return out
}

// spend takes bytes of what the client lets be sent. The target does not know of them.
func (m *multiplex) spend(n int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if int64(n) > min(m.window, m.initial) {
		return false
	}
	m.window -= int64(n)
	m.debt += int64(n)
	return true
}

// toldText is what a client gets with a 503 that somebody has asked for.
const toldText = "watch answers 503, because it was told to."

// answer answers a stream in place of the target.
func (m *multiplex) answer(s *stream, status int, text, why string) {
	e, at := s.exchange, time.Now()
	e.meddled.Store(true)
	e.change(func(r *row) { r.Answered, r.Status = why, status })
	b := &block{padding: -1}
	b.fields = []field{{Name: ":status", Value: strconv.Itoa(status)}}
	var content []byte
	if text != "" {
		content = []byte(text + "\n")
		b.fields = append(b.fields, field{Name: "content-type", Value: "text/plain; charset=utf-8"}, field{Name: "content-length", Value: strconv.Itoa(len(content))})
	}
	if e.method == "HEAD" || !m.spend(len(content)) {
		content = nil
	}
	h := http2frame.Head{Type: http2frame.Headers, Stream: s.id}
	if len(content) == 0 {
		h.Flags = http2frame.EndStream
	}
	m.mu.Lock()
	out := m.replies.frames(h, b, b.fields)
	if len(content) > 0 {
		out = append(out, makeFrame(http2frame.Data, http2frame.EndStream, s.id, content)...)
	}
	if !s.clientEnded { // it may stop sending (RFC 9113 §8.1)
		out = append(out, number(http2frame.RSTStream, s.id, noError)...)
	}
	m.mu.Unlock()
	m.down.putNow(&send{unit: whole(out), stream: s, free: true})
	e.end("watch", at)
	m.endHere(s)
}

// notHTTP2 answers all streams of a connection whose target has sent something else.
func (m *multiplex) notHTTP2(got []byte) {
	key, text := "noh2", "it does not speak HTTP/2"
	if isAlert(got) || m.watch.options.Target.Scheme == "http" && len(got) == 0 && m.watch.speaksTLS() {
		key, text = "tls", "it speaks TLS"
	}
	m.refuse(key, text)
	reset(m.target)
}

// isAlert says whether bytes are an alert of TLS (RFC 8446 §6).
func isAlert(p []byte) bool { return len(p) > 1 && p[0] == 0x15 && p[1] == 3 }

// refuse has all streams answered here, as there is no target: this program is the
// server.
func (m *multiplex) refuse(key, text string) {
	why := &refusal{key, text, fmt.Sprintf("watch can't reach %s: %s.", m.watch.options.Target, text)}
	settings := makeFrame(http2frame.Settings, 0, 0, []byte{0, settingTableSize, 0, 0, 0, 0})
	m.mu.Lock()
	m.alone = why
	m.down.putNow(&send{unit: whole(settings)})
	for range m.unacknowledged {
		m.down.putNow(&send{unit: whole(makeFrame(http2frame.Settings, http2frame.Ack, 0))})
	}
	var open []*stream
	for _, s := range m.streams {
		open = append(open, s)
	}
	m.mu.Unlock()
	for _, s := range open {
		m.answerAlone(s, why)
	}
}

// answerAlone answers a stream where there is no target. The client is told to come
// back on another connection: the target may be there by then.
func (m *multiplex) answerAlone(s *stream, why *refusal) {
	s.exchange.change(func(r *row) {
		r.Error = why.error
		r.say(why.key, time.Now(), "error", why.error)
	})
	m.answer(s, 502, why.text, why.key)
	m.goAway(noError, "")
}

// goAway says that no streams are taken any more, once (RFC 9113 §6.8).
func (m *multiplex) goAway(code uint32, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone {
		return
	}
	m.gone = true
	payload := binary.BigEndian.AppendUint32(nil, m.newest)
	payload = append(binary.BigEndian.AppendUint32(payload, code), text...)
	m.down.putNow(&send{unit: whole(makeFrame(http2frame.GoAway, 0, 0, payload))})
	m.client.SetReadDeadline(time.Now().Add(lingers))
}

// serve answers what a server has to answer, where there is no target.
func (m *multiplex) serve(u unit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alone == nil || u.head.Type != http2frame.Ping || u.head.Has(http2frame.Ack) {
		return
	}
	m.down.putNow(&send{unit: whole(makeFrame(http2frame.Ping, http2frame.Ack, 0, u.bytes[http2frame.HeadLength:]))})
}
