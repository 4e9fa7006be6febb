package playground

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A lent connection is one that an event stream takes over from its server and gives
// back at its end.
type lent interface {
	net.Conn

	// Lend is called before the connection is taken over: what is written to it goes
	// on with the response, and what is read belongs to the next request.
	Lend()

	// Unread takes back what was read ahead, to be read again.
	Unread(p []byte)
}

// newEventStream returns what may take over the connection of a request; nil where
// nothing can. HTTP/2 has no connection for a request, HTTP/1.0 no chunks, and a body
// is in net/http's buffer.
func newEventStream(r *http.Request) *eventStream {
	conn := connectionOf(r.Context())
	if conn == nil || r.Method != http.MethodGet || r.ProtoMajor != 1 || r.ProtoMinor != 1 || r.ContentLength != 0 {
		return nil
	}
	lent, ok := conn.Conn.(lent)
	if !ok {
		return nil
	}
	server := r.Context().Value(http.ServerContextKey).(*http.Server)
	return &eventStream{conn: lent, life: conn.life, server: server, closes: r.Close}
}

// takes reports whether the response, whose head has been written, is an event stream
// in chunks on a connection that can be taken over.
func (w *response) takes() bool {
	h := w.Header()
	return w.may != nil && w.conn == nil && w.status == http.StatusOK && h.Get("Content-Type") == "text/event-stream" &&
		h["Content-Length"] == nil && h["Transfer-Encoding"] == nil && h["Trailer"] == nil
}

// An eventStream is the rest of a response of net/http's, whose head and first chunk
// have been written. The connection has been taken over for it, so that an open stream
// keeps none of net/http's buffers and not its goroutine's stack. What goes over the
// connection is what net/http would write, in the same writes; at the end the server
// gets it back, where net/http would keep it alive.
type eventStream struct {
	// What each write needs stands in one line of the processor's cache: where thousands
	// of streams take turns, a line that has to come from memory costs as much as all
	// that is done with it.
	conn lent
	out  *chunks // has what was written and not flushed; nil for nothing
	err  error   // of a write

	server *http.Server
	life   context.Context    // the server's
	end    context.CancelFunc // the run's
	closes bool               // the connection ends with the response
	reuse  bool               // another request may come: known when it is over
	one    [1]byte
	ahead  []byte         // of the next request
	over   sync.WaitGroup // is waited for until the response is complete
	stop   func() bool    // closing the idle connection with the server
}

// takeOver takes the connection over.
func (w *response) takeOver() error {
	s := w.may
	s.conn.Lend()
	_, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return err
	}
	if n := buffered.Reader.Buffered(); n > 0 {
		s.ahead = make([]byte, n, n+1)
		io.ReadFull(buffered.Reader, s.ahead) // it is there
	}
	s.closes = s.closes || w.Header().Get("Connection") == "close"

	d := &w.deadline
	d.mu.Lock()
	if d.set.IsZero() && s.server.WriteTimeout > 0 {
		d.set = time.Now().Add(s.server.WriteTimeout)
	}
	s.conn.SetWriteDeadline(d.set) // net/http has lifted it
	w.conn, w.stream = s.conn, s
	w.ResponseWriter = over{http.Header{}}
	d.mu.Unlock()

	w.part(nil)
	s.over.Add(1)
	go s.watch()
	return nil
}

// write is http.ResponseWriter.Write.
func (s *eventStream) write(p []byte) (int, error) {
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	if s.out == nil {
		s.out = chunkPool.Get().(*chunks)
		s.out.reset(s.conn)
	}
	if err := s.failed(s.out.write(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush is http.ResponseController.Flush.
func (s *eventStream) flush() error {
	if s.err != nil || s.out == nil {
		return s.err
	}
	return s.leave(s.out.flush())
}

// leave lets go of the buffers when they are empty.
func (s *eventStream) leave(err error) error {
	if s.failed(err) == nil {
		s.out.reset(nil)
		chunkPool.Put(s.out)
	}
	s.out = nil
	return err
}

// failed ends the run when the connection takes no more.
func (s *eventStream) failed(err error) error {
	if err != nil {
		s.err = err
		s.end()
	}
	return err
}

// lastWrite is how long a client may take to make room for the end of a response.
const lastWrite = 10 * time.Second

// finish ends the response. If it is not complete, that is to be seen.
func (s *eventStream) finish(complete bool) {
	defer s.over.Done()
	if complete && s.err == nil {
		s.conn.SetWriteDeadline(time.Now().Add(lastWrite))
		if s.out == nil {
			s.out = chunkPool.Get().(*chunks)
			s.out.reset(s.conn)
		}
		s.leave(s.out.end())
	}
	if !complete || s.err != nil || s.closes || s.life.Err() != nil {
		s.conn.Close()
		return
	}
	s.conn.SetWriteDeadline(time.Time{})
	if s.server.ConnState != nil {
		s.server.ConnState(s.conn, http.StateIdle)
	}
	idle := s.server.IdleTimeout
	if idle == 0 {
		idle = s.server.ReadTimeout
	}
	switch {
	case len(s.ahead) > 0:
		s.conn.SetReadDeadline(time.Unix(1, 0)) // there is a request to go on with
	case idle > 0:
		s.conn.SetReadDeadline(time.Now().Add(idle))
	}
	s.stop = context.AfterFunc(s.life, func() { s.conn.Close() })
	s.reuse = true
}

// watch reads, as net/http does while a handler runs: the end of what the client
// sends, which ends the run, or one byte of the next request. After the response it
// waits for that, and gives the connection back to the server.
func (s *eventStream) watch() {
	n, err := s.conn.Read(s.one[:])
	if err != nil {
		s.end()
	}
	s.over.Wait()
	if !s.reuse {
		return // it is closed
	}
	if !s.stop() || err != nil && len(s.ahead) == 0 {
		s.conn.Close()
		return
	}
	s.conn.SetReadDeadline(time.Time{})
	s.conn.Unread(append(s.ahead, s.one[:n]...))
	back := &returned{s.conn}
	s.server.Serve(back) // until it has the connection
	if back.conn != nil {
		s.conn.Close() // the server closes
	}
}

// returned is a listener that accepts one connection.
type returned struct{ conn net.Conn }

func (l *returned) Accept() (net.Conn, error) {
	conn := l.conn
	if conn == nil {
		return nil, io.EOF
	}
	l.conn = nil
	return conn, nil
}

func (l *returned) Close() error   { return nil }
func (l *returned) Addr() net.Addr { return &net.TCPAddr{} }

// chunks are the two buffers that net/http has between a handler and its connection,
// of the same sizes, so that the same chunks leave in the same writes.
type chunks struct {
	to   io.Writer
	buf  [sizeLine + chunkSize + len("\r\n")]byte // a chunk, whose data begin at sizeLine
	n    int                                      // bytes of data; they are a chunk when they are flushed or full
	wire *bufio.Writer                            // nil until chunks wait for others
}

const (
	chunkSize = 2 << 10
	sizeLine  = len("800\r\n")
)

var chunkPool = sync.Pool{New: func() any { return new(chunks) }}

func (c *chunks) reset(to io.Writer) {
	c.to, c.n = to, 0
	if c.wire != nil {
		c.wire.Reset(to)
	}
}

// write adds data. What is too large for the first buffer goes by it.
func (c *chunks) write(p []byte) error {
	for len(p) > chunkSize-c.n {
		if c.n == 0 {
			return c.wait(p)
		}
		n := copy(c.buf[sizeLine+c.n:][:chunkSize-c.n], p)
		c.n, p = c.n+n, p[n:]
		if err := c.full(); err != nil {
			return err
		}
	}
	c.n += copy(c.buf[sizeLine+c.n:], p)
	return nil
}

// full has the data wait, as a chunk.
func (c *chunks) full() error {
	n := c.n
	c.n = 0
	return c.wait(c.buf[sizeLine:][:n])
}

// wait writes a chunk (RFC 9112 §7.1) to the second buffer.
func (c *chunks) wait(p []byte) error {
	if c.wire == nil {
		c.wire = bufio.NewWriterSize(c.to, 4<<10)
	}
	var size [sizeLine + 16]byte
	c.wire.Write(append(strconv.AppendInt(size[:0], int64(len(p)), 16), "\r\n"...))
	c.wire.Write(p)
	_, err := c.wire.WriteString("\r\n") // an error of one before stays
	return err
}

func (c *chunks) flush() error {
	waiting := c.wire != nil && c.wire.Buffered() > 0
	switch {
	case c.n > 0 && !waiting: // most often: a chunk by itself, written from where it is
		var size [sizeLine]byte
		line := append(strconv.AppendInt(size[:0], int64(c.n), 16), "\r\n"...)
		start, end := sizeLine-len(line), sizeLine+c.n
		copy(c.buf[start:], line)
		copy(c.buf[end:], "\r\n")
		c.n = 0
		_, err := c.to.Write(c.buf[start : end+2])
		return err
	case c.n > 0:
		if err := c.full(); err != nil {
			return err
		}
	case !waiting:
		return nil
	}
	return c.wire.Flush()
}

// end writes the last chunk.
func (c *chunks) end() error {
	if c.n > 0 {
		if err := c.full(); err != nil {
			return err
		}
	}
	if c.wire == nil {
		c.wire = bufio.NewWriterSize(c.to, 4<<10)
	}
	c.wire.WriteString("0\r\n\r\n")
	return c.wire.Flush()
}
