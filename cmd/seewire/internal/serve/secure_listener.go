package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"seewire/playground/wire"
)

const (
	handshakeTime = 10 * time.Second // for a client to get through its handshake
	handshakes    = 4096             // that may be going on at once; one that goes nowhere takes 5 kB
)

// A secureListener finishes TLS handshakes and hands the connections on as
// plain ones, so that the tap sits above TLS and sees what is in it. Those that
// speak HTTP/2 go another way than the others, because the tap reads them in
// another way.
type secureListener struct {
	net.Listener
	config       *tls.Config
	http1, http2 *handedOn
	log          *slog.Logger

	life  context.Context // ends when the listener is closed
	close context.CancelFunc
	open  sync.WaitGroup // handshakes
}

// newSecureListener takes connections from l until either of its two listeners
// is closed.
func newSecureListener(l net.Listener, certificate tls.Certificate, log *slog.Logger) *secureListener {
	s := &secureListener{
		Listener: l,
		log:      log,
		config: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			MinVersion:   tls.VersionTLS12,
			NextProtos:   []string{"h2", "http/1.1"}, // RFC 7301
		},
	}
	s.life, s.close = context.WithCancel(context.Background())
	s.http1 = &handedOn{s, make(chan net.Conn)}
	s.http2 = &handedOn{s, make(chan net.Conn)}
	context.AfterFunc(s.life, func() { l.Close() })
	s.open.Go(s.accept)
	return s
}

// accept starts a handshake for each connection. None of them waits for
// another one.
func (s *secureListener) accept() {
	defer s.close()
	slots := make(chan struct{}, handshakes)
	for {
		conn, err := s.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			s.log.Error("a connection could not be accepted", "address", s.Addr(), "error", err)
			select { // too many open files, for example: it may pass
			case <-time.After(50 * time.Millisecond):
			case <-s.life.Done():
			}
			continue
		}
		slots <- struct{}{}
		s.open.Go(func() {
			defer func() { <-slots }()
			s.shake(conn)
		})
	}
}

// shake finishes the handshake of a connection and hands it on.
func (s *secureListener) shake(conn net.Conn) {
	ctx, cancel := context.WithTimeout(s.life, handshakeTime)
	defer cancel()
	secure := tls.Server(conn, s.config)
	if err := secure.HandshakeContext(ctx); err != nil {
		s.log.Debug("a TLS handshake failed", "peer", conn.RemoteAddr(), "error", err)
		if not, ok := errors.AsType[tls.RecordHeaderError](err); ok && not.Conn != nil && isHTTP(not.RecordHeader) {
			not.Conn.SetWriteDeadline(time.Now().Add(time.Second))
			io.WriteString(not.Conn, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"+
				"This port speaks TLS: the address starts with https, or wss.\n")
		}
		conn.Close()
		return
	}
	to := s.http1
	if secure.ConnectionState().NegotiatedProtocol == "h2" {
		to = s.http2
	}
	select {
	case to.conns <- &secureConn{Conn: secure}:
	case <-s.life.Done():
		conn.Close()
	}
}

// isHTTP tells whether a client has sent a request where a handshake should
// be: with the first five bytes of a TLS record come the method and a space.
func isHTTP(record [5]byte) bool {
	switch string(record[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO":
		return true
	}
	return false
}

// handedOn is a listener for some of another one's connections.
type handedOn struct {
	from  *secureListener
	conns chan net.Conn
}

func (h *handedOn) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		return conn, nil
	case <-h.from.life.Done():
		return nil, net.ErrClosed
	}
}

// Close closes the listener that the connections come from.
func (h *handedOn) Close() error {
	h.from.close()
	return nil
}

func (h *handedOn) Addr() net.Addr { return h.from.Addr() }

// A secureConn is a connection whose handshake is done. It is not a *tls.Conn,
// so that nobody looks for TLS under the tap.
type secureConn struct {
	*tls.Conn
	abort atomic.Bool // Close sends a reset
}

// SetLinger is that of the TCP connection underneath.
func (c *secureConn) SetLinger(seconds int) error {
	tcp, ok := c.NetConn().(interface{ SetLinger(int) error })
	if !ok {
		return errors.ErrUnsupported
	}
	c.abort.Store(seconds == 0)
	return tcp.SetLinger(seconds)
}

// Close says goodbye (RFC 8446 §6.1), but not before a reset: there the other
// side is to see a connection that breaks.
func (c *secureConn) Close() error {
	if c.abort.Load() {
		return c.NetConn().Close()
	}
	return c.Conn.Close()
}

// secured gives a request the TLS that its connection came through, which
// net/http does not see.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := wire.FromContext(r.Context())
		if secure, ok := conn.Conn.(*secureConn); ok {
			state := secure.ConnectionState()
			r.TLS = &state
		}
		if conn.Worn() {
			w.Header().Set("Connection", "close") // net/http makes a GOAWAY of it: the next request comes on a new connection
		}
		next.ServeHTTP(w, r)
	})
}
