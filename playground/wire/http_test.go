package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"seewire/playground/wire"
)

var limits = wire.Limits{
	CaptureBytes: 8 << 20,
	Captures:     1000,
	TotalBytes:   512 << 20,
	Connections:  64,
	Age:          30 * time.Minute,
}

// A site is a server whose connections are tapped, as the real one is.
type site struct {
	store  *wire.Store
	server *http.Server
	addr   string
	errs   chan error // of Record
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
	s := &site{store: wire.NewStore(limits), errs: make(chan error, 100)}
	tap := wire.Listen(l)
	s.server = &http.Server{
		ConnContext: wire.ConnContext,
		ConnState:   wire.ConnState,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn := wire.FromContext(r.Context())
			if id := r.URL.Query().Get("capture"); id == "" {
				conn.Ignore()
			} else if capture, err := s.store.Claim(id); err != nil {
				conn.Ignore()
				s.errs <- err
			} else if err := conn.Record(capture); err != nil {
				s.errs <- err
			}
			handler(w, r)
		}),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		s.server.Serve(tap)
	}()
	t.Cleanup(func() {
		s.server.Close()
		tap.CloseConns()
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
	timeout := time.After(5 * time.Second)
	for {
		c, ok := s.store.Get(id)
		if !ok {
			t.Fatalf("no capture %s", id)
		}
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
		for _, end := range connections[len(connections)-1].Ends {
			if end.From == from && end.How == how {
				return true
			}
		}
		return false
	}
}

func TestEventStream(t *testing.T) {
	s := newSite(t, limits, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			fmt.Fprintf(w, "id: %d\ndata: hello\n\n", i)
			w.(http.Flusher).Flush()
		}
	})
	c := s.dial(t)
	const request = "GET /?capture=stream-1 HTTP/1.1\r\nHost: seewire\r\nConnection: close\r\n\r\n"
	io.WriteString(c, request)
	response, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	connections := s.await(t, "stream-1", ended(wire.Server, "fin"))
	if len(connections) != 1 {
		t.Fatalf("%d connections", len(connections))
	}
	got := connections[0]
	if string(got.Client) != request {
		t.Errorf("client: %q", got.Client)
	}
	if string(got.Server) != string(response) {
		t.Errorf("server: %q\nwant %q", got.Server, response)
	}
	if n := strings.Count(string(got.Server), "13\r\nid: "); n != 3 {
		t.Errorf("%d chunk sizes in %q", n, got.Server)
	}
	check(t, got)
}

// check fails unless the segments tile the bytes of both directions.
func check(t *testing.T, c wire.Connection) {
	t.Helper()
	next := map[wire.Side]int64{}
	for _, s := range c.Segments {
		if s.Offset != next[s.From] || s.Length < 1 {
			t.Errorf("segment %+v, want offset %d", s, next[s.From])
		}
		next[s.From] += int64(s.Length)
	}
	if next[wire.Client] != int64(len(c.Client)) || next[wire.Server] != int64(len(c.Server)) {
		t.Errorf("segments cover %v, there are %d and %d bytes", next, len(c.Client), len(c.Server))
	}
}

var _ = bufio.NewReader
