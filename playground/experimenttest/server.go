// Package experimenttest serves an experiment to its tests, over connections in
// memory. Inside a testing/synctest bubble time is virtual, so that a minute of
// a stream takes no time, and a test can say what happens at each moment of it.
package experimenttest

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// A Server is an experiment that can be asked.
type Server struct {
	Runner *playground.Runner

	listener *listener
	backends map[string]*listener // by the names that the experiment dials
	close    func()
	Client   *http.Client
}

// IdleTimeout is the server's: how long it waits for the next request on a connection.
const IdleTimeout = 2 * time.Minute

// Start serves e until the test ends.
func Start(t testing.TB, e playground.Experiment, limits playground.Limits) *Server {
	t.Helper()
	return StartWithBackends(t, func(playground.Dial) playground.Experiment { return e }, limits)
}

// StartWithBackends serves the experiment that create returns, and the servers
// behind it, until the test ends.
func StartWithBackends(t testing.TB, create func(playground.Dial) playground.Experiment, limits playground.Limits) *Server {
	t.Helper()
	ctx, closing := context.WithCancelCause(context.Background())
	s := &Server{
		Runner:   playground.NewRunner(limits),
		listener: newListener(),
		backends: map[string]*listener{},
		close:    func() { closing(playground.ErrServerClosing) },
	}
	e := create(s.dialBackend)
	s.Client = &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return s.Dial(), nil },
	}}

	mux := http.NewServeMux()
	mux.Handle("/sse", s.Runner.SSE(e))
	mux.Handle("/ws", s.Runner.WS(e))
	if e.Send != nil {
		mux.Handle("/send", s.Runner.Send(e))
	}
	if e.API != nil {
		for _, path := range e.API.Paths {
			mux.Handle(path, s.Runner.API(e))
		}
	}
	if e.Poll != nil {
		mux.Handle("/poll", s.Runner.Poll(e))
	}
	servers := []*http.Server{{Handler: mux}}
	listeners := []*listener{s.listener}
	for _, b := range e.Backends {
		mux := http.NewServeMux()
		mux.Handle("/sse", s.Runner.Behind(e, b.SSE))
		mux.Handle("/ws", s.Runner.Behind(e, b.WS))
		servers = append(servers, &http.Server{Handler: mux, WriteTimeout: b.WriteTimeout})
		s.backends[b.Host] = newListener()
		listeners = append(listeners, s.backends[b.Host])
	}
	served := make(chan error)
	for i, server := range servers {
		server.BaseContext = func(net.Listener) context.Context { return ctx }
		server.ConnContext = playground.ConnContext
		server.IdleTimeout = IdleTimeout
		go func() { served <- server.Serve(listeners[i]) }()
	}

	t.Cleanup(func() {
		s.Close()
		s.Client.CloseIdleConnections()
		if err := s.Runner.Wait(context.Background()); err != nil {
			t.Error(err)
		}
		soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		for _, server := range servers {
			if err := server.Shutdown(soon); err != nil {
				t.Errorf("a connection is still open: %v", err)
			}
			<-served
		}
	})
	return s
}

// Close tells every run that the server is closing, as a signal would.
func (s *Server) Close() { s.close() }

// Dial returns a connection to the server.
func (s *Server) Dial() net.Conn {
	return s.listener.dial()
}

// dialBackend is a playground.Dial.
func (s *Server) dialBackend(_ context.Context, _, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return s.backends[host].dial(), nil
}

// Do sends a request to a path such as "/sse?rate=50". The response's body is
// closed when the test ends, if it was not before.
func (s *Server) Do(t testing.TB, r *http.Request) *http.Response {
	t.Helper()
	response, err := s.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// Get asks for a path such as "/sse?rate=50".
func (s *Server) Get(t testing.TB, path string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://experiment.test"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Do(t, r)
}

// WebSocket connects to a path such as "/ws?rate=50".
func (s *Server) WebSocket(t testing.TB, path string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(context.Background(), "ws://experiment.test"+path, &websocket.DialOptions{HTTPClient: s.Client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// NeverReads asks for paths such as "/sse?rate=50" or "/ws", reads no more than the
// heads of the responses, which so many runs give, and holds the experiment to
// letting these clients go within a minute. It is called in a bubble of
// testing/synctest.
func (s *Server) NeverReads(t testing.TB, runs int, paths ...string) {
	t.Helper()
	for _, path := range paths {
		s.readHead(t, path)
	}
	synctest.Wait()
	if n := s.Runner.Open(); n != runs {
		t.Errorf("at the beginning %d runs are open", n)
	}
	time.Sleep(time.Minute)
	if n := s.Runner.Open(); n != 0 {
		t.Errorf("after a minute %d runs are open", n)
	}
}

// readHead asks for a path, and reads no more than the head of the response. The
// connection stays open until the test ends.
func (s *Server) readHead(t testing.TB, path string) {
	t.Helper()
	conn := s.Dial()
	t.Cleanup(func() { conn.Close() })
	head := "GET " + path + " HTTP/1.1\r\nHost: experiment.test\r\n"
	if strings.HasPrefix(path, "/ws") {
		head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
	}
	if _, err := io.WriteString(conn, head+"\r\n"); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReaderSize(conn, 16) // little more than the head
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
}

// A listener accepts connections that are two ends of a net.Pipe.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newListener() *listener {
	return &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *listener) dial() net.Conn {
	client, server := net.Pipe()
	l.conns <- &pipe{Conn: server}
	return client
}

// A pipe is an end of a net.Pipe that an event stream may take over, as it does a
// tapped connection.
type pipe struct {
	net.Conn
	ahead []byte
}

func (p *pipe) Lend()               {}
func (p *pipe) Unread(ahead []byte) { p.ahead = ahead }

func (p *pipe) Read(b []byte) (int, error) {
	if n := copy(b, p.ahead); n > 0 {
		p.ahead = p.ahead[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "pipe"} }
