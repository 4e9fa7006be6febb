package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"seewire/playground/wire"
)

// Hop is how captures name the way between this program and the target.
const Hop = "server"

// A session is a connection of a client, and the one to the target that belongs to it.
//
// Three goroutines move its bytes: receive those of the client, answer those of the
// target, deliver what waits for the client.
type session struct {
	watch  *Watch
	scheme string // that the client speaks
	client net.Conn
	queue  *queue
	done   chan struct{} // closed with it

	silent atomic.Bool // nothing passes any more, and neither end is told
	ending atomic.Bool // deliver is to end it in good order
	left   atomic.Bool // the client has stopped first

	requests requests

	mu      sync.Mutex
	dialed  *dialed     // for this client, before it has asked
	target  net.Conn    // nil as long as there is none
	pending []*exchange // whose responses are not complete, in order
	current *exchange   // the newest
	closed  bool
	answers sync.WaitGroup
}

// requests is how far a client's side has been read.
type requests struct {
	head     []byte    // as far as it is there
	arrived  []arrival // of its bytes
	body     body
	exchange *exchange // whose body it is, or whose other protocol
	raw      bool      // it is no HTTP any more
	discard  bool      // nothing of it is passed on: the exchange was answered here
}

// An arrival is bytes that came together.
type arrival struct {
	at     time.Time
	length int
}

func newSession(w *Watch, client net.Conn, scheme string) *session {
	return &session{watch: w, scheme: scheme, client: client, queue: newQueue(), done: make(chan struct{})}
}

// run passes on what comes until both ends have stopped. Start is what the client has
// sent already, and err how that ended.
func (s *session) run(ctx context.Context, start []arrived, err error) {
	var delivered sync.WaitGroup
	delivered.Go(s.deliver)
	s.receive(ctx, start, err)
	s.answers.Wait()
	delivered.Wait()
	s.close()
	s.endAll("client", time.Now())
}

// close closes both connections, once.
func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.done)
	s.client.Close()
	if d := s.dialed; d != nil && d.conn != nil {
		d.conn.Close()
	}
	if s.target != nil {
		s.target.Close()
	}
	s.queue.close()
}

// endAll ends what is open.
func (s *session) endAll(how string, at time.Time) {
	s.mu.Lock()
	pending := s.pending
	s.pending = nil
	s.mu.Unlock()
	for _, e := range pending {
		e.end(how, at)
	}
}

func (s *session) newest() *exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// receive reads from the client until it has stopped.
func (s *session) receive(ctx context.Context, start []arrived, err error) {
	for _, a := range start {
		s.take(ctx, a.at, a.bytes)
	}
	if err != nil {
		s.clientEnds(err, time.Now())
		return
	}
	buffer := make([]byte, 32<<10)
	for {
		n, err := s.client.Read(buffer)
		at := time.Now()
		if n > 0 {
			s.take(ctx, at, buffer[:n])
		}
		if err != nil {
			s.clientEnds(err, at)
			return
		}
	}
}

// clientEnds passes on that the client has stopped.
func (s *session) clientEnds(err error, at time.Time) {
	how := howEnded(err)
	if e := s.newest(); e != nil && how != "" {
		recordEnd(e.front, wire.Client, at, how)
	}
	s.left.Store(true)
	s.mu.Lock()
	target := s.target
	s.mu.Unlock()
	switch {
	case s.silent.Load(), how == "" && !errors.Is(err, net.ErrClosed):
		s.abortTarget(at)
		s.close()
	case target == nil:
		s.queue.put(item{end: "fin", at: at})
	case how == "fin":
		closeWrite(target)
		if e := s.newest(); e != nil {
			recordEnd(e.back, wire.Client, at, "fin")
		}
	default:
		s.abortTarget(at)
		s.queue.close()
	}
}

// take takes what the client has sent.
func (s *session) take(ctx context.Context, at time.Time, p []byte) {
	r := &s.requests
	for len(p) > 0 {
		e := r.exchange
		if e != nil && s.silent.Load() {
			record(e.front, wire.Client, at, p)
			return
		}
		switch {
		case r.discard:
			if e != nil {
				record(e.front, wire.Client, at, p)
			}
			return
		case r.raw:
			record(e.front, wire.Client, at, p)
			e.takeSent(p, at)
			s.send(e, at, p)
			return
		case !r.body.complete():
			n, done, err := r.body.take(p, func([]byte) {})
			if err != nil {
				n, r.raw = len(p), true // the target says what it thinks of it
			}
			record(e.front, wire.Client, at, p[:n])
			s.send(e, at, p[:n])
			if p = p[n:]; done {
				r.body = body{}
			}
			continue
		}
		if e != nil && e.upgrade && len(r.head) == 0 {
			// What comes now is a request only if the target has not changed the protocol.
			select {
			case <-e.decided:
			case <-s.done:
				return
			}
			if e.upgraded {
				r.raw = true
				continue
			}
		}
		p = s.takeHead(ctx, at, p)
	}
}

// takeHead takes bytes of a request's head, and returns what comes after it.
func (s *session) takeHead(ctx context.Context, at time.Time, p []byte) (rest []byte) {
	r := &s.requests
	before := len(r.head)
	r.head = append(r.head, p...)
	n := headLength(r.head)
	switch {
	case n == 0 && (!likeRequest(r.head) || len(r.head) > maxHead):
		s.refuse(at, p)
		return nil
	case n == 0:
		r.arrived = append(r.arrived, arrival{at, len(p)})
		return nil
	}
	r.arrived = append(r.arrived, arrival{at, n - before})
	rest = p[n-before:]
	h := parseHead(bytes.Clone(r.head[:n]))
	if _, _, err := h.request(); err != nil {
		r.arrived = r.arrived[:len(r.arrived)-1]
		s.refuse(at, p)
		return nil
	}
	e := s.watch.begin(s, s.client.RemoteAddr(), h, r.arrived[0].at)
	s.recordHead(e)
	r.head, r.arrived, r.exchange = nil, nil, e
	r.body = requestBody(h)
	s.ask(ctx, e, h, at)
	return rest
}

func (s *session) record(e *exchange, c *wire.Capture) {
	// A capture that is full has no connection left for another exchange.
	e.front, _ = c.Record(s.client.RemoteAddr(), s.client.LocalAddr(), "", s.watch.options.Secrets)
}

// recordHead records what has come of a head.
func (s *session) recordHead(e *exchange) {
	p := s.requests.head
	for _, a := range s.requests.arrived {
		record(e.front, wire.Client, a.at, p[:a.length])
		p = p[a.length:]
	}
}

// likeRequest says whether bytes can be the start of a request: a method is a token,
// and no long one (RFC 9110 §9.1).
func likeRequest(p []byte) bool {
	p = bytes.TrimLeft(p, "\r\n")
	for i, c := range p[:min(len(p), 40)] {
		switch {
		case c == ' ':
			return i > 0
		case c <= ' ', c >= 127, bytes.IndexByte([]byte(`"(),/:;<=>?@[\]{}`), c) >= 0:
			return false
		}
	}
	return len(p) < 40
}

// refuse answers what is no request.
func (s *session) refuse(at time.Time, p []byte) {
	r := &s.requests
	r.arrived = append(r.arrived, arrival{at, len(p)})
	e := s.watch.beginOther(s, r.arrived[0].at)
	s.recordHead(e)
	r.exchange, r.discard = e, true
	key, status := "noclient", "400 Bad Request"
	text := "This is no request of HTTP/1.1."
	switch {
	case len(r.head) > maxHead:
		status, text = "431 Request Header Fields Too Large", "The head of the request is longer than 256 KiB."
	case r.head[0] == 0x16:
		key, text = "clienttls", "Clients speak plain HTTP to watch: write http, not https."
	}
	r.head = nil
	e.change(func(r *row) { r.say(key, at) })
	s.answer(e, status, text, key)
}

// ask passes a request on to the target, or answers it.
func (s *session) ask(ctx context.Context, e *exchange, h head, at time.Time) {
	code := e.settings.Load().Answer
	s.mu.Lock()
	target := s.target
	s.mu.Unlock()
	if target != nil && code == 0 {
		e.behind(target) // before what the target sends is taken for its answer
	}
	s.mu.Lock()
	s.pending, s.current = append(s.pending, e), e
	s.mu.Unlock()
	if code != 0 {
		e.meddled.Store(true)
		e.change(func(r *row) { r.fault(fmt.Sprint(code)) })
		status, text := "503 Service Unavailable", toldText
		if code == 204 {
			status, text = "204 No Content", ""
		}
		s.answer(e, status, text, "told")
		return
	}
	if target == nil {
		conn, err := s.dial(ctx)
		if err != nil {
			key, text := explain(err)
			e.change(func(r *row) {
				r.Error = text
				r.say(key, time.Now(), "error", text)
			})
			s.answer(e, "502 Bad Gateway", fmt.Sprintf("watch can't reach %s: %s.", s.watch.options.Target, text), key)
			return
		}
		e.behind(conn)
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			conn.Close()
			return
		}
		s.target = conn
		s.mu.Unlock()
		s.answers.Go(func() { s.readTarget(conn) })
	}
	s.send(e, at, h.rewritten(s.watch.options.Target, s.scheme))
}

// dial connects to the target, if that was not done before.
func (s *session) dial(ctx context.Context) (net.Conn, error) {
	if d := s.dialed; d != nil {
		s.dialed = nil
		return d.conn, d.err
	}
	return s.watch.dial(ctx, []string{http1})
}

// behind has the exchange's way to the target recorded.
func (e *exchange) behind(target net.Conn) {
	if e.row != nil {
		e.back, _ = e.row.capture.Record(target.LocalAddr(), target.RemoteAddr(), Hop, e.watch.options.Secrets)
	}
}

// send passes bytes of the client on to the target.
func (s *session) send(e *exchange, at time.Time, p []byte) {
	s.mu.Lock()
	target := s.target
	s.mu.Unlock()
	if target == nil || len(p) == 0 {
		return
	}
	record(e.back, wire.Client, at, p)
	// An error is met by readTarget, too: what the target has said before still goes
	// to the client.
	target.Write(p)
}

// answer answers an exchange in place of the target, and closes the connection.
func (s *session) answer(e *exchange, status, text, why string) {
	s.requests.discard = true
	e.meddled.Store(true)
	e.change(func(r *row) {
		r.Answered = why
		fmt.Sscan(status, &r.Status)
	})
	// What was asked before is answered before.
	s.mu.Lock()
	pending := s.pending
	s.mu.Unlock()
	for _, other := range pending {
		if other == e {
			break
		}
		select {
		case <-other.answered:
		case <-s.done:
			return
		}
	}
	response := "HTTP/1.1 " + status + "\r\nConnection: close\r\n"
	if text != "" {
		response += fmt.Sprintf("Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n", len(text)+1)
		text += "\n"
	}
	if e.method == "HEAD" {
		text = ""
	}
	at := time.Now()
	s.queue.put(item{exchange: e, at: at, bytes: []byte(response + "\r\n" + text), last: true})
	s.queue.put(item{exchange: e, at: at, end: "fin"})
	s.linger()
	e.decide()
	s.finish(e, "watch", at)
}

// lingers is how long a client may take to see an end.
const lingers = 5 * time.Second

// linger bounds what comes of the client after the end: closing at once would throw
// away what it has not read yet (RFC 9112 §9.6).
func (s *session) linger() { s.client.SetReadDeadline(time.Now().Add(lingers)) }

// finish ends an exchange whose response is complete.
func (s *session) finish(e *exchange, how string, at time.Time) {
	s.mu.Lock()
	for i, other := range s.pending {
		if other == e {
			s.pending = append(s.pending[:i:i], s.pending[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	e.end(how, at)
}

// closeWrite tells one end that nothing more comes.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		return
	}
	conn.Close()
}

// reset closes a connection so that the other end sees a reset.
func reset(conn net.Conn) {
	inner := conn
	if through, ok := conn.(interface{ NetConn() net.Conn }); ok {
		inner = through.NetConn()
	}
	if again, ok := inner.(*rewound); ok {
		inner = again.Conn
	}
	if tcp, ok := inner.(interface{ SetLinger(int) error }); ok {
		tcp.SetLinger(0)
	}
	inner.Close()
}

// abortTarget resets the connection to the target.
func (s *session) abortTarget(at time.Time) {
	s.mu.Lock()
	target, e := s.target, s.current
	s.mu.Unlock()
	if target == nil {
		return
	}
	if e != nil {
		recordEnd(e.back, wire.Client, at, "reset")
	}
	reset(target)
}

// howEnded says what an error of Read or Write tells about the other end; "" where it
// tells nothing.
func howEnded(err error) string {
	const wsaeconnreset, wsaetimedout = syscall.Errno(10054), syscall.Errno(10060) // Windows keeps its own numbers
	switch {
	case errors.Is(err, io.EOF):
		return "fin"
	case errors.Is(err, io.ErrUnexpectedEOF): // TLS has not said goodbye: what came may not be all
		return "reset"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, wsaeconnreset), errors.Is(err, io.ErrClosedPipe):
		return "reset"
	case errors.Is(err, syscall.ETIMEDOUT), errors.Is(err, wsaetimedout):
		return "timeout"
	}
	return ""
}
