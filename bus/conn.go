package bus

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A byte stream between two servers goes in messages, each to the one subject that its
// receiver has for all of its streams. A message has
//
//	its kind                                1 byte
//	its number among those of its sender    4 bytes
//	the end of the stream that it is for    8 bytes, all 0 in a dial
//	the end of the stream that it is from   8 bytes
//	the ID of the server that it is from    1 byte with its length, and the ID
//
// and what follows belongs to the kind. The bus loses messages where NATS is away or
// too slow: by the numbers a stream notices, and breaks.
const (
	kindDial   = 'd' // asks for a stream
	kindAccept = 'a'
	kindBytes  = 'b' // some of the stream
	kindRoom   = 'r' // 4 bytes: so many more may be sent
	kindEnd    = 'e' // nothing more will be sent
	kindClose  = 'c' // nor is anything more read
	kindReset  = 'x' // the stream is broken, or there is none
	kindThere  = 't' // the sender still has the stream
)

const (
	window   = 64 << 10 // bytes of one direction that are on the way or wait to be read
	piece    = 16 << 10 // bytes of a message at most
	maxConns = 20_000   // ends of streams that a server has at once
	backlog  = 256      // streams that wait to be accepted

	dialTime  = 2 * time.Second  // for the other server to accept
	quietTime = 2 * time.Second  // after which a stream says that it is still there
	goneTime  = 10 * time.Second // without a word, after which the other end counts as gone
)

var (
	errGone   = errors.New("the other server is gone")
	errTooFar = errors.New("as many streams are open as a server may have")
)

// streams are the ends of byte streams that a server has.
type streams struct {
	bus *Bus

	mu          sync.Mutex
	unsubscribe func() // nil before the first use
	open        map[token]*Conn
	listener    *listener     // nil for none
	attended    chan struct{} // is closed when nobody looks after the streams; nil while there are none
	closing     chan struct{}
	closed      bool
}

// A token names an end of a stream on its server.
type token [8]byte

func streamSubject(server string) string { return "stream." + server }

// Dial opens a byte stream to another server that listens, or to this one. It breaks
// when that server goes. Nobody but the site's own servers is at its other end.
func (b *Bus) Dial(ctx context.Context, server string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(server), Err: err}
	}
	if !slices.Contains(*b.servers.Load(), server) {
		return fail(errGone)
	}
	c, err := b.streams.add(server, token{})
	if err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, dialTime, os.ErrDeadlineExceeded)
	defer cancel()
	defer context.AfterFunc(ctx, func() { c.fail(context.Cause(ctx)) })()
	c.send(kindDial, nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.there == (token{}) && c.broken == nil {
		c.changed.Wait()
	}
	if c.broken != nil {
		return fail(c.broken)
	}
	return c, nil
}

// Listen returns a listener for the byte streams that other servers open to this one.
// There is one at a time.
func (b *Bus) Listen() (net.Listener, error) {
	s := &b.streams
	if err := s.start(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: Addr(b.id), Err: syscall.EADDRINUSE}
	}
	s.listener = &listener{streams: s, dialed: make(chan *Conn, backlog), closed: make(chan struct{})}
	return s.listener, nil
}

// start subscribes to what other servers send.
func (s *streams) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.unsubscribe != nil:
		return nil
	}
	var err error
	s.unsubscribe, err = s.bus.Subscribe(streamSubject(s.bus.id), s.receive)
	s.open, s.closing = map[token]*Conn{}, make(chan struct{})
	return err
}

// add makes an end of a stream.
func (s *streams) add(server string, there token) (*Conn, error) {
	if err := s.start(); err != nil {
		return nil, err
	}
	c := &Conn{streams: s, server: server, there: there, room: window, heard: time.Now(), said: time.Now()}
	c.changed.L = &c.mu
	rand.Read(c.here[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, ErrClosed
	case len(s.open) >= maxConns:
		return nil, errTooFar
	}
	s.open[c.here] = c
	if s.attended == nil {
		s.attended = make(chan struct{})
		go s.attend(s.attended)
	}
	return c, nil
}

func (s *streams) remove(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c.here)
}

// close breaks all streams.
func (s *streams) close() {
	s.mu.Lock()
	if s.closed || s.unsubscribe == nil {
		s.closed = true
		s.mu.Unlock()
		return
	}
	s.closed = true
	close(s.closing)
	open, listener, attended := slices.Collect(maps.Values(s.open)), s.listener, s.attended
	s.mu.Unlock()
	if listener != nil {
		listener.Close()
	}
	for _, c := range open {
		c.fail(ErrClosed) // the other ends notice that the server is gone
	}
	if attended != nil {
		<-attended
	}
}

// attend looks after the streams until there are none.
func (s *streams) attend(done chan<- struct{}) {
	defer close(done)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := time.Now()
	for {
		changed := s.bus.Changed()
		s.mu.Lock()
		open := slices.Collect(maps.Values(s.open))
		if len(open) == 0 {
			s.attended = nil
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		now := time.Now()
		still := max(0, now.Sub(last)-2*time.Second) // that this process stood still: what was said meanwhile waits to be read
		last = now
		servers := *s.bus.servers.Load()
		for _, c := range open {
			c.attend(now, still, slices.Contains(servers, c.server))
		}
		select {
		case <-ticker.C:
		case <-changed:
		case <-s.closing:
			return
		}
	}
}

// receive is called with each message of other servers.
func (s *streams) receive(data []byte) {
	m, ok := parse(data)
	if !ok {
		return
	}
	s.mu.Lock()
	c := s.open[m.to]
	s.mu.Unlock()
	switch {
	case c != nil:
		c.receive(m)
	case m.kind == kindDial:
		s.accept(m)
	case m.kind != kindReset && m.kind != kindClose: // to a stream that is no more
		s.refuse(m)
	}
}

// accept answers who asks for a stream.
func (s *streams) accept(m message) {
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l == nil {
		s.refuse(m)
		return
	}
	c, err := s.add(m.server, m.from)
	if err != nil {
		s.refuse(m)
		return
	}
	c.received = m.number + 1
	c.send(kindAccept, nil)
	if !l.offer(c) {
		c.reset(errGone)
	}
}

func (s *streams) refuse(m message) {
	s.bus.Publish(streamSubject(m.server), encode(message{kind: kindReset, to: m.from, from: m.to, server: s.bus.id}))
}

// A message, as above.
type message struct {
	kind     byte
	number   uint32
	to, from token
	server   string
	rest     []byte
}

const headBytes = 1 + 4 + 8 + 8 + 1

func encode(m message) []byte {
	b := make([]byte, 0, headBytes+len(m.server)+len(m.rest))
	b = binary.BigEndian.AppendUint32(append(b, m.kind), m.number)
	b = append(append(b, m.to[:]...), m.from[:]...)
	b = append(append(b, byte(len(m.server))), m.server...)
	return append(b, m.rest...)
}

func parse(b []byte) (m message, ok bool) {
	if len(b) < headBytes {
		return m, false
	}
	m.kind, m.number = b[0], binary.BigEndian.Uint32(b[1:])
	m.to, m.from = token(b[5:]), token(b[13:])
	length, rest := int(b[21]), b[headBytes:]
	if len(rest) < length {
		return m, false
	}
	m.server, m.rest = string(rest[:length]), rest[length:]
	return m, true
}

// A listener accepts streams.
type listener struct {
	streams *streams
	dialed  chan *Conn

	mu     sync.Mutex
	closed chan struct{}
}

// offer has a stream accepted, if there is room.
func (l *listener) offer(c *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
		return false
	default:
	}
	select {
	case l.dialed <- c:
		return true
	default:
		return false
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialed:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: network, Addr: l.Addr(), Err: net.ErrClosed}
	}
}

func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
		return net.ErrClosed
	default:
	}
	close(l.closed)
	l.streams.mu.Lock()
	l.streams.listener = nil
	l.streams.mu.Unlock()
	for {
		select {
		case c := <-l.dialed:
			c.reset(net.ErrClosed)
		default:
			return nil
		}
	}
}

func (l *listener) Addr() net.Addr { return Addr(l.streams.bus.id) }

const network = "bus"

// An Addr is the ID of a server.
type Addr string

func (Addr) Network() string  { return network }
func (a Addr) String() string { return string(a) }

// A Conn is one end of a byte stream.
type Conn struct {
	streams *streams
	server  string // at the other end
	here    token

	writing sync.Mutex // one Write after another

	sending sync.Mutex // keeps messages in the order of their numbers; nothing is waited for under it
	sent    uint32

	mu       sync.Mutex
	changed  sync.Cond
	there    token // of the other end; 0 before it has accepted
	received uint32
	heard    time.Time // the other end, last
	said     time.Time // something to it, last
	got      [][]byte  // not yet read
	waiting  int       // bytes of it
	taken    int       // bytes that were read, and the other end does not know
	room     int       // bytes that may be sent
	ended    bool      // by the other end: nothing more comes
	left     bool      // by the other end: it reads no more
	shut     bool      // by this end: nothing more is sent
	closed   bool      // by this end
	abort    bool
	broken   error
	readBy   deadline
	writeBy  deadline
}

// A deadline wakes who waits when it has come.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) set(t time.Time, wake func()) {
	d.at = t
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if !t.IsZero() {
		d.timer = time.AfterFunc(time.Until(t), wake)
	}
}

func (d *deadline) over() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// send sends a message to the other end.
func (c *Conn) send(kind byte, rest []byte) {
	c.mu.Lock()
	to := c.there
	c.said = time.Now()
	c.mu.Unlock()
	c.sending.Lock()
	defer c.sending.Unlock()
	m := message{kind: kind, number: c.sent, to: to, from: c.here, server: c.streams.bus.id, rest: rest}
	c.sent++
	c.streams.bus.Publish(streamSubject(c.server), encode(m)) // an error is that the bus is closed: that breaks the stream
}

// receive takes a message of the other end. It waits for nothing.
func (c *Conn) receive(m message) {
	c.mu.Lock()
	why, ok := c.take(m)
	c.changed.Broadcast()
	c.mu.Unlock()
	switch {
	case why == nil:
	case ok:
		c.fail(why)
	default:
		c.reset(why)
	}
}

// take is receive under the lock. The error breaks the stream; ok says that the other
// end knows.
func (c *Conn) take(m message) (why error, ok bool) {
	if m.kind == kindReset {
		return syscall.ECONNRESET, true
	}
	if m.number != c.received || m.server != c.server || c.there != m.from && m.kind != kindAccept {
		return errors.New("messages of the stream were lost"), false
	}
	c.received++
	c.heard = time.Now()
	switch m.kind {
	case kindAccept:
		if c.there != (token{}) {
			return errors.ErrUnsupported, false
		}
		c.there = m.from
	case kindBytes:
		if len(m.rest) == 0 || c.waiting+c.taken+len(m.rest) > window || c.ended {
			return errors.New("more bytes than there is room for"), false
		}
		c.got = append(c.got, m.rest)
		c.waiting += len(m.rest)
	case kindRoom:
		if len(m.rest) != 4 || c.room+int(binary.BigEndian.Uint32(m.rest)) > window {
			return errors.New("more room than there is"), false
		}
		c.room += int(binary.BigEndian.Uint32(m.rest))
	case kindEnd:
		c.ended = true
	case kindClose:
		c.ended, c.left = true, true
	case kindThere:
	default:
		return fmt.Errorf("a message of kind %q", m.kind), false
	}
	return nil, false
}

// attend says that this end is there, and notices where the other one is not.
func (c *Conn) attend(now time.Time, still time.Duration, known bool) {
	c.mu.Lock()
	c.heard = c.heard.Add(still)
	quiet := now.Sub(c.said) >= quietTime && c.there != (token{})
	gone := !known || now.Sub(c.heard) >= goneTime
	c.mu.Unlock()
	switch {
	case gone:
		c.reset(errGone)
	case quiet:
		c.send(kindThere, nil)
	}
}

// fail breaks the stream, where it is not broken.
func (c *Conn) fail(why error) {
	c.streams.remove(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = why
	}
	c.changed.Broadcast()
}

// reset breaks the stream, and tells the other end.
func (c *Conn) reset(why error) {
	c.fail(why)
	c.send(kindReset, nil)
}

// Read reads some of what the other end has sent.
func (c *Conn) Read(p []byte) (int, error) {
	n, room, err := c.read(p)
	if room > 0 {
		c.send(kindRoom, binary.BigEndian.AppendUint32(nil, uint32(room)))
	}
	if err != nil && err != io.EOF {
		err = c.wrap("read", err)
	}
	return n, err
}

// read also returns how much room the other end is to be told of.
func (c *Conn) read(p []byte) (n, room int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, 0, net.ErrClosed
		case c.readBy.over():
			return 0, 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, 0, nil
		case c.waiting > 0:
			for n < len(p) && len(c.got) > 0 {
				k := copy(p[n:], c.got[0])
				if n += k; k == len(c.got[0]) {
					c.got[0] = nil
					c.got = c.got[1:]
				} else {
					c.got[0] = c.got[0][k:]
				}
			}
			c.waiting -= n
			if c.taken += n; c.taken >= window/2 && !c.ended && c.broken == nil {
				room, c.taken = c.taken, 0
			}
			return n, room, nil
		case c.ended:
			return 0, 0, io.EOF
		case c.broken != nil:
			return 0, 0, c.broken
		}
		c.changed.Wait()
	}
}

// Write sends p. It waits while the other end does not read what it has got.
func (c *Conn) Write(p []byte) (n int, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	for {
		part, err := c.allowed(len(p) - n)
		if err != nil {
			return n, c.wrap("write", err)
		}
		if part > 0 {
			c.send(kindBytes, p[n:n+part])
		}
		if n += part; n == len(p) { // whoever has read that may have closed the stream since
			return n, nil
		}
	}
}

// allowed waits until some of so many bytes may be sent, and returns how many.
func (c *Conn) allowed(want int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case c.broken != nil:
			return 0, c.broken
		case c.shut, c.left:
			return 0, syscall.EPIPE
		case c.writeBy.over():
			return 0, os.ErrDeadlineExceeded
		case want == 0 || c.room > 0:
			part := min(want, c.room, piece)
			c.room -= part
			return part, nil
		}
		c.changed.Wait()
	}
}

// CloseWrite says that nothing more will be sent. What the other end sends can still be
// read.
func (c *Conn) CloseWrite() error {
	c.writing.Lock() // what is being written comes first
	defer c.writing.Unlock()
	c.mu.Lock()
	err := c.broken
	switch {
	case c.closed:
		err = net.ErrClosed
	case err == nil && c.shut:
		err = syscall.EPIPE
	}
	c.shut = true
	c.mu.Unlock()
	if err != nil {
		return c.wrap("close", err)
	}
	c.send(kindEnd, nil)
	return nil
}

// SetLinger has Close reset the stream where seconds are 0, as it does for TCP.
func (c *Conn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abort = seconds == 0
	return nil
}

// Close closes the stream. What was written before is read at the other end, but for a
// reset.
func (c *Conn) Close() error {
	c.mu.Lock()
	closed, broken, abort := c.closed, c.broken, c.abort
	c.closed = true
	c.readBy.set(time.Time{}, nil)
	c.writeBy.set(time.Time{}, nil)
	c.got, c.waiting = nil, 0
	c.changed.Broadcast()
	c.mu.Unlock()
	switch {
	case closed:
		return c.wrap("close", net.ErrClosed)
	case broken != nil:
		return nil
	}
	c.streams.remove(c)
	if abort {
		c.send(kindReset, nil)
	} else {
		c.send(kindClose, nil)
	}
	return nil
}

func (c *Conn) wrap(op string, err error) error {
	return &net.OpError{Op: op, Net: network, Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// LocalAddr is the ID of this server.
func (c *Conn) LocalAddr() net.Addr { return Addr(c.streams.bus.id) }

// RemoteAddr is the ID of the other server.
func (c *Conn) RemoteAddr() net.Addr { return Addr(c.server) }

func (c *Conn) SetDeadline(t time.Time) error {
	c.SetWriteDeadline(t)
	return c.SetReadDeadline(t)
}

func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.readBy, t) }

func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.writeBy, t) }

func (c *Conn) setDeadline(d *deadline, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.wrap("set", net.ErrClosed)
	}
	d.set(t, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changed.Broadcast()
	})
	c.changed.Broadcast()
	return nil
}
