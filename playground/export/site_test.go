package export_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"seewire/playground/wire"
)

func TestMain(m *testing.M) {
	time.Local = time.FixedZone("elsewhere", 3600) // documents are in UTC
	goleak.VerifyTestMain(m)
}

var limits = wire.Limits{
	CaptureBytes: 8 << 20,
	Captures:     1000,
	TotalBytes:   512 << 20,
	Connections:  64,
	Age:          30 * time.Minute,
}

// serve starts a server all of whose requests are recorded in one capture, and
// returns that and a client of the server. The connections are net.Pipes, so
// that testing/synctest can see through them.
func serve(t *testing.T, limits wire.Limits, handler http.HandlerFunc) (*wire.Capture, *http.Client) {
	t.Helper()
	store := wire.NewStore(limits)
	capture, err := store.Claim("capture-a", netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	l := newPipes()
	tap := wire.Listen(l)
	server := &http.Server{
		ConnContext: wire.ConnContext,
		ConnState:   wire.ConnState,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wire.FromContext(r.Context()).Record(capture)
			handler(w, r)
		}),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(tap)
	}()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.dial(), nil }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		tap.CloseConns()
		<-served
		store.Close()
	})
	return capture, &http.Client{Transport: transport}
}

// Pipes is a listener of net.Pipes.
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
