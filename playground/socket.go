package playground

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Frame is a message of a WebSocket as it goes over the connection. One that goes to
// many is made once, and written with [Socket.Send].
type Frame []byte

// TextFrame makes the frame of a server's text message (RFC 6455 §5.2).
func TextFrame(text []byte) Frame {
	const finText = 0x81
	f := make(Frame, 0, len(text)+10)
	switch n := len(text); {
	case n <= 125:
		f = append(f, finText, byte(n))
	case n < 1<<16:
		f = binary.BigEndian.AppendUint16(append(f, finText, 126), uint16(n))
	default:
		f = binary.BigEndian.AppendUint64(append(f, finText, 127), uint64(n))
	}
	return append(f, text...)
}

// A Socket is the connection under a WebSocket that a library serves, for frames that
// are made already. All messages go through Send: what the library itself writes are
// then control frames, which it writes whole, and no frame gets into another.
//
// A handler uses the Socket in place of its http.ResponseWriter.
type Socket struct {
	http.ResponseWriter
	conn net.Conn // nil before it is taken over

	mu       sync.Mutex // keeps frames apart
	deadline time.Time  // of the connection's writes; zero for none
	closing  bool       // a close frame was sent: no other comes after it (§5.5.1)
}

// NewSocket returns the connection under w, which a library is going to take over.
func NewSocket(w http.ResponseWriter) *Socket { return &Socket{ResponseWriter: w} }

// Unwrap lets http.ResponseController see through.
func (s *Socket) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Hijack gives the connection to the library.
func (s *Socket) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(s.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	s.conn = conn
	library := &libraryConn{conn, s}
	buffered.Writer.Reset(library)
	return library, buffered, nil
}

// Send writes a frame, for which the client may take so long to make room, or up to a
// second more. After an error the connection is closed.
func (s *Socket) Send(f Frame, within time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return net.ErrClosed
	}
	if now := time.Now(); s.deadline.Sub(now) < within {
		s.deadline = now.Add(within + deadlineStep) // late enough for what follows soon
		s.conn.SetWriteDeadline(s.deadline)
	}
	if _, err := s.conn.Write(f); err != nil {
		s.conn.Close() // some of the frame may be sent
		return err
	}
	return nil
}

// A libraryConn is what the library has of a Socket.
type libraryConn struct {
	net.Conn
	socket *Socket
}

func (c *libraryConn) Write(p []byte) (int, error) {
	const finClose = 0x88
	s := c.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.deadline.IsZero() { // the library has its own
		s.deadline = time.Time{}
		c.Conn.SetWriteDeadline(s.deadline)
	}
	s.closing = s.closing || len(p) > 0 && p[0] == finClose
	return c.Conn.Write(p)
}
