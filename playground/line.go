package playground

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// lineBuffer is how much a line that is held keeps in each direction, in bytes.
// What is more waits, or fails, as it does when the buffers of TCP are full.
const lineBuffer = 64 << 10

var errLineFull = errors.New("playground: the line is held, and its buffer is full")

// A Line is the connection under a response, with a switch in the middle of it.
//
// While it is held, nothing passes in either direction and neither end is told,
// as when a cable is pulled or a router forgets the connection: a write still
// succeeds, for TCP only takes the bytes in, and a read waits. What the client
// sends is read from the socket, so that a recording has it, and dropped.
//
// A handler uses the Line in place of its http.ResponseWriter.
type Line struct {
	http.ResponseWriter
	r    *http.Request
	stop func() bool // watching the request's context

	writing sync.Mutex // keeps what is written in order; a write may take its time

	mu      sync.Mutex // is never held for long; guards what follows
	changed *sync.Cond
	holds   int       // without a Release yet
	left    bool      // the client has left, or the run is over
	over    bool      // the handler has ended
	kept    []byte    // from the server, while the line is held
	conn    *lineConn // nil before it is taken over
}

func (l *Line) held() bool { return l.holds > 0 }

// NewLine returns the line under w. The handler closes it when it returns.
func NewLine(w http.ResponseWriter, r *http.Request) *Line {
	l := &Line{ResponseWriter: w, r: r}
	l.changed = sync.NewCond(&l.mu)
	l.stop = context.AfterFunc(r.Context(), func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.left = true
		l.changed.Broadcast()
	})
	return l
}

// Hold lets nothing more pass, until there has been a Release for each Hold.
func (l *Line) Hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holds++
}

// Release takes one Hold back. After the last, what has been held passes, and all
// that follows.
func (l *Line) Release() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	l.holds--
	if l.holds > 0 || l.over {
		l.mu.Unlock()
		return
	}
	kept, conn := l.kept, l.conn
	l.kept = nil
	l.changed.Broadcast()
	l.mu.Unlock()

	// Ignore errors here: the next write or read meets them as well.
	deadline := time.Now().Add(10 * time.Second)
	if conn != nil {
		conn.SetWriteDeadline(deadline)
		conn.Conn.Write(kept)
		conn.SetWriteDeadline(time.Time{})
	} else {
		rc := http.NewResponseController(l.ResponseWriter)
		rc.SetWriteDeadline(deadline)
		l.ResponseWriter.Write(kept)
		rc.Flush()
		rc.SetWriteDeadline(time.Time{})
	}
}

// Close is the end of the handler. Over a line that is held no end is heard:
// Close waits until it is released, the client has left or the run is over.
func (l *Line) Close() {
	defer l.stop()
	l.mu.Lock()
	for l.held() && !l.left {
		l.changed.Wait()
	}
	l.over = true
	l.changed.Broadcast()
	held, conn := l.held(), l.conn
	l.mu.Unlock()
	l.writing.Lock() // Release may still be writing
	defer l.writing.Unlock()

	why := context.Cause(l.r.Context())
	switch {
	case held && why != nil && !errors.Is(why, context.Canceled): // the client has not left
		Cut(l.ResponseWriter) // the client still waits: it is not to take this for an end
	case conn != nil:
		conn.Conn.Close()
	case held:
		hangUp(l.ResponseWriter) // or net/http would say that the body is complete
	}
	if conn != nil {
		<-conn.done
	}
}

// hangUp closes the connection of a response that is not complete.
func hangUp(w http.ResponseWriter) {
	conn := taken(w)
	if conn == nil {
		panic(http.ErrAbortHandler) // an HTTP/2 stream has no connection of its own
	}
	conn.Close()
}

// Unwrap lets http.ResponseController see through.
func (l *Line) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func (l *Line) Write(p []byte) (int, error) {
	return l.write(l.ResponseWriter, p)
}

// FlushError is what http.ResponseController calls.
func (l *Line) FlushError() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if kept, err := l.keep(nil); kept {
		return err
	}
	return http.NewResponseController(l.ResponseWriter).Flush()
}

func (l *Line) write(to io.Writer, p []byte) (int, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	switch kept, err := l.keep(p); {
	case err != nil:
		return 0, err
	case kept:
		return len(p), nil
	}
	return to.Write(p)
}

// keep keeps p if the line is held, and reports whether it did.
func (l *Line) keep(p []byte) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held() {
		return false, nil
	}
	if len(l.kept)+len(p) > lineBuffer {
		return true, errLineFull
	}
	l.kept = append(l.kept, p...)
	return true, nil
}

func (l *Line) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	raw, buffered, err := http.NewResponseController(l.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn := &lineConn{Conn: raw, line: l, done: make(chan struct{})}
	buffered.Writer.Reset(conn)
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	go conn.pump()
	return conn, buffered, nil
}

// A lineConn is a connection that was taken over from a Line.
type lineConn struct {
	net.Conn
	line *Line
	done chan struct{} // closed when nothing more is read

	// Under the line's mu.
	got    []byte // from the client, and not yet read by the handler
	err    error  // why nothing more comes
	closed bool   // by the handler
}

// pump reads what the client sends, whether a Read waits for it or not.
func (c *lineConn) pump() {
	defer close(c.done)
	l, buffer := c.line, make([]byte, 4096)
	for {
		n, err := c.Conn.Read(buffer)
		l.mu.Lock()
		c.got, c.err = append(c.got, buffer[:n]...), err
		l.left = l.left || err != nil
		l.changed.Broadcast()
		for len(c.got) >= lineBuffer && !c.closed && !l.over {
			l.changed.Wait()
		}
		if c.closed || l.over {
			c.got = nil
		}
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Read waits while the line is held. That the client has left or the run is over
// it tells all the same, so that a handler ends.
func (c *lineConn) Read(p []byte) (int, error) {
	l := c.line
	l.mu.Lock()
	defer l.mu.Unlock()
	for (l.held() && !l.left || !l.held() && len(c.got) == 0 && c.err == nil) && !c.closed {
		l.changed.Wait()
	}
	switch {
	case c.closed || l.held() && c.err == nil:
		return 0, net.ErrClosed
	case l.held() || len(c.got) == 0:
		return 0, c.err
	}
	n := copy(p, c.got)
	c.got = c.got[n:]
	l.changed.Broadcast()
	return n, nil
}

func (c *lineConn) Write(p []byte) (int, error) {
	return c.line.write(c.Conn, p)
}

// Close is the handler's; while the line is held, the client does not see it.
func (c *lineConn) Close() error {
	l := c.line
	l.mu.Lock()
	c.closed = true
	l.changed.Broadcast()
	held := l.held()
	l.mu.Unlock()
	if held {
		return nil
	}
	return c.Conn.Close()
}
