// Package wire records what really goes over a connection.
//
// A [Conn] sits between net/http and the accepted connection and sees what is
// read and written: heads, chunk sizes, masked frames. Which run a connection
// belongs to is known only when a request has been read, from its address; so
// the bytes of a request are held until a middleware calls [Conn.Record] or
// [Conn.Ignore]. A connection that is not recorded costs an atomic load for
// each Read and Write.
//
// What lets people in is covered before anything is kept (package secret).
//
//	tap := wire.Listen(listener)
//	server := &http.Server{
//		Handler:     handler, // calls FromContext(r.Context()), then Record or Ignore
//		ConnContext: wire.ConnContext,
//		ConnState:   wire.ConnState,
//	}
//	server.Serve(tap)
package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"seewire/playground/secret"
)

// A Conn is a connection that can be recorded.
type Conn struct {
	net.Conn

	// A Write that is not recorded asks for what stands in the first 64 bytes, a line of
	// the processor's cache, and most that are recorded for passage beside it.
	mode       atomic.Uint32 // a mode; changes under mu
	writing    sync.Mutex    // keeps recorded writes in the order of the wire
	mu         sync.Mutex
	capture    *Capture
	connection *Connection // in capture
	cover      *secret.HTTP1

	passage   secret.Passage // of the server's side
	listener  *Listener
	multiplex *multiplex // of HTTP/2; what is for recording is then unused
	held      *held      // nil when there is nothing
	ahead     *[]byte    // is read again first; nil when there is nothing
	closed    atomic.Bool
	lent      bool // the hijack that follows leaves the protocol as it is
	abort     bool // Close sends a reset
}

// A mode says what becomes of the bytes.
//
// While a handler runs, net/http reads one byte in the background, to notice
// a client that leaves. A client that sends something gets that byte read: it
// belongs to the next request, or after a hijack to the new protocol, and is
// held until that is known.
type mode = uint32

const (
	waiting     mode = iota // for a request to be read and claimed: all that is read is held
	ignored                 // the request is not recorded
	recorded                // the request is recorded, but for the byte in the background
	silent                  // hijacked and not recorded
	tapped                  // hijacked and recorded
	multiplexed             // HTTP/2, whose streams are recorded or not
)

// Record has the request that was just read recorded, with its response and,
// if it is hijacked, all that follows. On a connection that is kept alive it
// holds until the next request. A connection that comes back to the capture
// that it was last recorded in goes on where it stopped.
//
// It must be called before the handler reads or writes. Of several calls of
// Record and Ignore for a request the first counts. The error is ErrFull or
// ErrExpired; the request is then ignored.
//
// On HTTP/2 the tap has decided already, and Record only gives the error.
func (c *Conn) Record(capture *Capture) error {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.multiplex != nil {
		return c.multiplex.recorded(capture)
	}
	if c.mode.Load() != waiting {
		return nil
	}
	c.flush(Client)
	c.flush(Server)
	if capture != c.capture {
		connection, err := capture.connect(c.RemoteAddr(), c.LocalAddr(), c.listener.Hop, "http/1.1")
		if err != nil {
			c.ignore()
			return err
		}
		c.capture, c.connection = capture, connection
	}
	c.cover, c.passage = secret.NewHTTP1(c.listener.Shown), secret.Passage{}
	c.mode.Store(recorded)
	if c.held != nil {
		request, rest := c.held.cut()
		c.held = request
		c.release()
		c.held = rest
	}
	return nil
}

// Ignore has the request that was just read, and its response, not recorded.
func (c *Conn) Ignore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ignore()
}

func (c *Conn) ignore() {
	if c.mode.Load() != waiting {
		return
	}
	c.mode.Store(ignored)
	if c.held != nil {
		_, c.held = c.held.cut()
	}
}

// Lend says that the hijack that follows leaves the protocol as it is: what is written
// goes on with the response, and of what comes next a byte may be read, as net/http
// does in the background. The connection comes back to the server with Unread.
func (c *Conn) Lend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lent = true
}

// Unread takes back what was read of the next request, all of it. The next Read has it,
// and the tap sees it then.
func (c *Conn) Unread(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lent, c.held = false, nil
	if len(p) > 0 {
		c.ahead = &p
	}
}

// read reads what was read ahead. A single byte is no request: what follows it is read
// along with it, as it would have been in the first place.
func (c *Conn) read(p []byte) (n int, err error) {
	if c.ahead == nil {
		return c.Conn.Read(p)
	}
	ahead := *c.ahead
	n = copy(p, ahead)
	alone := len(ahead) == 1 && len(p) > 1
	if *c.ahead = ahead[n:]; n == len(ahead) {
		c.ahead = nil
	}
	if alone {
		var more int
		more, err = c.Conn.Read(p[n:])
		n += more
	}
	return n, err
}

// Read reads from the client.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.read(p)
	if c.multiplex != nil {
		c.moved(Client, p[:n], time.Now(), err)
	} else if c.mode.Load() != silent {
		c.received(p[:n], len(p) == 1, err)
	}
	return n, err
}

// Write writes to the client.
func (c *Conn) Write(p []byte) (int, error) {
	mode := c.mode.Load()
	if mode != recorded && mode != tapped && mode != multiplexed {
		return c.Conn.Write(p)
	}
	c.writing.Lock()
	defer c.writing.Unlock()

	at := time.Now()
	n, err := c.Conn.Write(p)
	if mode == multiplexed {
		c.moved(Server, p[:n], at, err)
	} else {
		c.sent(p[:n], at, err)
	}
	return n, err
}

// Worn reports whether the connection has carried so much that a later capture
// might not be able to record it: it is time for a new connection. It is always
// false where the connection does not speak HTTP/2.
func (c *Conn) Worn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.multiplex != nil && (c.multiplex.lost || c.multiplex.outlineSize > maxOutline/2)
}

// CloseWrite tells the client that nothing more will come, and goes on reading.
func (c *Conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	at := time.Now()
	err := half.CloseWrite()
	c.finished(at, "fin")
	return err
}

// SetLinger sets what Close does with bytes that the client has not
// acknowledged. After SetLinger(0) it drops them and resets the connection.
func (c *Conn) SetLinger(seconds int) error {
	tcp, ok := c.Conn.(interface{ SetLinger(int) error })
	if !ok {
		return errors.ErrUnsupported
	}
	if err := tcp.SetLinger(seconds); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abort = seconds == 0
	return nil
}

// SetWriteBuffer sets the size of the operating system's buffer for what is
// written and not yet acknowledged by the client, in bytes. Linux doubles it, to
// have room for what it keeps about them.
func (c *Conn) SetWriteBuffer(bytes int) error {
	tcp, ok := c.Conn.(interface{ SetWriteBuffer(int) error })
	if !ok || c.multiplex != nil { // HTTP/2 carries others' streams too
		return errors.ErrUnsupported
	}
	return tcp.SetWriteBuffer(bytes)
}

// Close closes the connection.
func (c *Conn) Close() error {
	at := time.Now()
	err := c.Conn.Close()
	if c.closed.Swap(true) {
		return err
	}
	c.listener.forget(c)
	c.mu.Lock()
	abort := c.abort
	c.mu.Unlock()
	if abort {
		c.finished(at, "reset")
	} else {
		c.finished(at, "fin")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush(Client)
	return err
}

// ConnContext is for http.Server.ConnContext; it lets FromContext find the
// connection that a request came on.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, contextKey{}, conn)
}

type contextKey struct{}

// FromContext returns the connection of a request's context, or nil if the
// request did not come through a Listener.
func FromContext(ctx context.Context) *Conn {
	c, _ := ctx.Value(contextKey{}).(*Conn)
	return c
}

// ConnState is for http.Server.ConnState; it tells a connection when a request
// is over, and when a handler has taken the connection for another protocol.
func ConnState(conn net.Conn, state http.ConnState) {
	c, ok := conn.(*Conn)
	if !ok {
		return
	}
	switch state {
	case http.StateIdle:
		c.idle()
	case http.StateHijacked:
		c.hijacked()
	}
}

// idle waits for the next request. What was read of it already stays held.
func (c *Conn) idle() {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.multiplex != nil {
		return
	}
	c.ignore() // if nobody has claimed the last one
	c.mode.Store(waiting)
}

// hijacked passes on everything from now on, or nothing.
func (c *Conn) hijacked() {
	c.mu.Lock()
	defer c.mu.Unlock()

	switch {
	case c.lent, c.multiplex != nil:
	case c.mode.Load() == recorded:
		c.mode.Store(tapped)
		c.cover.Hijacked()
		c.release()
	default:
		c.mode.Store(silent)
		c.capture, c.connection, c.cover, c.held = nil, nil, nil, nil
	}
}

// moved takes what Read or Write has moved on HTTP/2.
func (c *Conn) moved(from Side, p []byte, at time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.multiplex.add(from, at, p)
	c.end(Client, time.Now(), howEnded(err))
}

// received takes what Read has read.
func (c *Conn) received(p []byte, background bool, err error) {
	at := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()

	switch mode := c.mode.Load(); {
	case len(p) == 0:
	case mode == waiting, mode != tapped && background:
		c.hold(at, p)
	case mode == ignored:
		c.held = nil // the byte was not one ahead: the body goes on
	default:
		c.release()
		c.write(Client, at, p)
	}
	c.end(Client, at, howEnded(err))
}

// sent takes what Write has written.
func (c *Conn) sent(p []byte, at time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	if len(p) > 0 {
		c.write(Server, at, p)
	}
	if err != nil {
		c.end(Client, time.Now(), howEnded(err))
	}
}

// finished notes how the server's side has ended. A Write that the end has
// interrupted comes first.
func (c *Conn) finished(at time.Time, how string) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(Server, at, how)
}

func (c *Conn) hold(at time.Time, p []byte) {
	if c.held == nil {
		c.held = new(held)
	}
	c.held.add(at, p)
}

// release records what is held.
func (c *Conn) release() {
	if c.held == nil {
		return
	}
	for _, s := range c.held.segments {
		c.write(Client, s.At, c.held.bytes[s.Offset:][:s.Length])
	}
	if c.capture != nil && c.held.dropped > 0 {
		c.flush(Client)
	}
	if c.capture != nil && c.held.dropped > 0 {
		c.capture.drop(c.connection, c.held.dropped)
	}
	c.held = nil
}

// write records a segment, without its secrets.
func (c *Conn) write(from Side, at time.Time, p []byte) {
	if c.capture == nil {
		return
	}
	if from == Server && c.passage.Take(p) { // for most writes cover stays where it is, in memory
		c.keep(from, at, p)
		return
	}
	covering := c.covering(from)
	c.keepAll(from, covering.Add(at, p))
	if from == Server {
		c.passage = covering.Lend()
	}
}

// flush records what was held back because it had not ended.
func (c *Conn) flush(from Side) {
	if c.multiplex != nil {
		c.multiplex.flush(from)
	} else if c.capture != nil {
		c.keepAll(from, c.covering(from).End())
	}
}

func (c *Conn) covering(from Side) *secret.Covering {
	if from == Client {
		return c.cover.Client
	}
	c.cover.Server.Return(&c.passage)
	return c.cover.Server
}

// keepAll records segments that are covered.
func (c *Conn) keepAll(from Side, segments []secret.Segment) {
	defer clear(segments) // they are in an array that lives on
	for _, s := range segments {
		if !c.keep(from, s.At, s.Bytes) {
			return
		}
	}
}

// keep records a segment that is covered. It returns false once the capture has expired:
// there is no more to do then.
func (c *Conn) keep(from Side, at time.Time, p []byte) bool {
	if c.capture.write(c.connection, from, at, p) {
		return true
	}
	switch c.mode.Load() {
	case recorded:
		c.mode.Store(ignored)
	case tapped:
		c.mode.Store(silent)
	}
	c.capture, c.connection, c.cover = nil, nil, nil
	return false
}

// end records that a side has stopped, unless how is empty.
func (c *Conn) end(from Side, at time.Time, how string) {
	if how == "" {
		return
	}
	c.flush(from)
	switch {
	case c.multiplex != nil:
		c.multiplex.end(from, at, how)
	case c.capture != nil:
		c.capture.end(c.connection, from, at, how)
	}
}

// howEnded says what an error of Read or Write tells about the client. A
// deadline tells nothing: net/http sets one in the past to interrupt its own
// Read, at each hijack and at the end of each response.
func howEnded(err error) string {
	const wsaeconnreset, wsaetimedout = syscall.Errno(10054), syscall.Errno(10060) // Windows keeps its own numbers
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // the latter where TLS has not said goodbye
		return "fin"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, wsaeconnreset):
		return "reset"
	case errors.Is(err, syscall.ETIMEDOUT), errors.Is(err, wsaetimedout):
		return "timeout"
	}
	return ""
}
