package wire_test

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"seewire/playground/wire"
)

var limits = wire.Limits{
	CaptureBytes: 8 << 20,
	Captures:     1000,
	TotalBytes:   512 << 20,
	Connections:  512,
	Age:          30 * time.Minute,
}

// unclaimed is the query of a request that is neither recorded nor ignored.
const unclaimed = "unclaimed"

// A site is a server whose connections are tapped, as the real one is.
type site struct {
	store  *wire.Store
	tap    *wire.Listener
	server *http.Server
	addr   string
	errs   chan error // of Claim and Record
}

func newSite(t *testing.T, limits wire.Limits, handler http.HandlerFunc) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, l, limits, handler)
	s.addr = l.Addr().String()
	return s
}

func serve(t *testing.T, l net.Listener, limits wire.Limits, handler http.HandlerFunc) *site {
	t.Helper()
	s := &site{store: wire.NewStore(limits), tap: wire.Listen(l), errs: make(chan error, 1000)}
	s.server = &http.Server{
		ConnContext: wire.ConnContext,
		ConnState:   wire.ConnState,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn := wire.FromContext(r.Context())
			if r.URL.RawQuery == unclaimed {
				handler(w, r)
				return
			}
			if id := r.URL.Query().Get("capture"); id == "" {
				conn.Ignore()
			} else if capture, err := s.store.Claim(id, netip.Prefix{}); err != nil {
				s.errs <- err
			} else if err := conn.Record(capture); err != nil {
				s.errs <- err
			}
			conn.Ignore() // the first word counts
			handler(w, r)
		}),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		s.server.Serve(s.tap)
	}()
	t.Cleanup(func() {
		s.server.Close()
		s.tap.CloseConns()
		<-served
		s.store.Close()
	})
	return s
}

func (s *site) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// await waits until the capture is as it should be.
func (s *site) await(t *testing.T, id string, ready func([]wire.Connection) bool) []wire.Connection {
	t.Helper()
	c, err := s.store.Claim(id, netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	timeout := time.After(5 * time.Second)
	for {
		changed := c.Changed()
		snapshot := c.Snapshot()
		if ready(snapshot) {
			return snapshot
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("capture %s never became what it should be: %+v", id, snapshot)
		}
	}
}

func ended(from wire.Side, how string) func([]wire.Connection) bool {
	return func(connections []wire.Connection) bool {
		if len(connections) == 0 {
			return false
		}
		for _, end := range connections[len(connections)-1].Ends {
			if end.From == from && end.How == how {
				return true
			}
		}
		return false
	}
}

func exists(connections []wire.Connection) bool { return len(connections) > 0 }

func anything([]wire.Connection) bool { return true }

// check fails unless the connection holds exactly these bytes, and its segments
// tile them.
func check(t *testing.T, c wire.Connection, client, server string) {
	t.Helper()
	if string(c.Client) != client {
		t.Errorf("client: %q\n  want: %q", c.Client, client)
	}
	if string(c.Server) != server {
		t.Errorf("server: %q\n  want: %q", c.Server, server)
	}
	next := map[wire.Side]int64{}
	for _, s := range c.Segments {
		if s.Offset != next[s.From] || s.Length < 1 || s.At.IsZero() {
			t.Errorf("segment %+v, want offset %d", s, next[s.From])
		}
		next[s.From] += int64(s.Length)
	}
	if next[wire.Client] != int64(len(c.Client)) || next[wire.Server] != int64(len(c.Server)) {
		t.Errorf("segments cover %v, there are %d and %d bytes", next, len(c.Client), len(c.Server))
	}
}

// Pipes is a listener without a network: its connections are net.Pipes, which
// testing/synctest can see through.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipes() *pipes {
	p := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.accept <- server
	return client
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.close(); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
