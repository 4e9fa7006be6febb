// Package experimenttest serves an experiment to its tests, over connections in
// memory. Inside a testing/synctest bubble time is virtual, so that a minute of
// a stream takes no time, and a test can say what happens at each moment of it.
package experimenttest

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// A Server is an experiment that can be asked.
type Server struct {
	Runner *playground.Runner

	listener *listener
	close    func()
	Client   *http.Client
}

// Start serves e until the test ends.
func Start(t testing.TB, e playground.Experiment, limits playground.Limits) *Server {
	t.Helper()
	ctx, closing := context.WithCancelCause(context.Background())
	s := &Server{
		Runner:   playground.NewRunner(limits),
		listener: &listener{conns: make(chan net.Conn), closed: make(chan struct{})},
		close:    func() { closing(playground.ErrServerClosing) },
	}
	s.Client = &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return s.Dial(), nil },
	}}

	mux := http.NewServeMux()
	mux.Handle("/sse", s.Runner.SSE(e))
	mux.Handle("/ws", s.Runner.WS(e))
	if e.Send != nil {
		mux.Handle("/send", s.Runner.Send(e))
	}
	server := &http.Server{Handler: mux, BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error)
	go func() { served <- server.Serve(s.listener) }()

	t.Cleanup(func() {
		s.Close()
		s.Client.CloseIdleConnections()
		if err := s.Runner.Wait(context.Background()); err != nil {
			t.Error(err)
		}
		soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(soon); err != nil {
			t.Errorf("a connection is still open: %v", err)
		}
		<-served
	})
	return s
}

// Close tells every run that the server is closing, as a signal would.
func (s *Server) Close() { s.close() }

// Dial returns a connection to the server.
func (s *Server) Dial() net.Conn {
	client, server := net.Pipe()
	s.listener.conns <- server
	return client
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

// A listener accepts connections that are two ends of a net.Pipe.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
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
