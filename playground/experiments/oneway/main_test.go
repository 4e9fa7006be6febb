package reconnect

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A server runs the experiment, and knows the client that reaches it.
type server struct {
	*http.Client
	base string
	run  *playground.Runner
	stop context.CancelFunc // begins the server's end
}

// serve runs the experiment behind a listener until the test is over.
func serve(t *testing.T, l net.Listener, client *http.Client) *server {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	runner, e := playground.NewRunner(ctx, playground.Limits{}), New()
	mux := http.NewServeMux()
	mux.Handle("/play/reconnect/sse", runner.SSE(e))
	mux.Handle("/play/reconnect/ws", runner.WS(e))
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: mux}}
	s.Start()
	t.Cleanup(func() {
		stop()
		client.CloseIdleConnections()
		s.Close()
		if err := runner.Wait(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &server{client, "http://" + l.Addr().String() + "/play/reconnect", runner, stop}
}

// onLoopback serves where TCP is real, and so are its resets.
func onLoopback(t *testing.T) *server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}, CheckRedirect: stay}
	return serve(t, l, client)
}

// inBubble serves over pipes, for time that passes at once (testing/synctest).
func inBubble(t *testing.T) *server {
	closed := make(chan struct{})
	l := &pipes{make(chan net.Conn), closed, sync.OnceFunc(func() { close(closed) })}
	client := &http.Client{Transport: &http.Transport{DialContext: l.dial}, CheckRedirect: stay}
	return serve(t, l, client)
}

// stay leaves redirects to the test.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// pipes is a listener whose connections are pipes.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// An answer is what came of a request for the event stream.
type answer struct {
	status   int
	typ      string
	location string
	body     string
	err      error // how the body ended, nil for its last chunk
}

// get reads the stream to its end. Last-Event-ID is sent unless it is empty.
func (s *server) get(t *testing.T, query, lastEventID string) answer {
	t.Helper()
	r, err := http.NewRequest("GET", s.base+"/sse?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	resp, err := s.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Location"), string(body), err}
}

// A talk is what came of a WebSocket.
type talk struct {
	status   int // of the handshake
	location string
	messages []string
	close    websocket.StatusCode // -1 where no close frame came
	err      error
}

// dial reads the socket to its end.
func (s *server) dial(t *testing.T, query string) talk {
	t.Helper()
	ctx := context.Background()
	conn, resp, err := websocket.Dial(ctx, s.base+"/ws?"+query, &websocket.DialOptions{HTTPClient: s.Client})
	if resp == nil {
		t.Fatal(err)
	}
	result := talk{status: resp.StatusCode, location: resp.Header.Get("Location"), close: -1}
	if err != nil {
		return result
	}
	defer conn.CloseNow()
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			result.err = err
			if closed, ok := errors.AsType[websocket.CloseError](err); ok {
				result.close = closed.Code
			}
			return result
		}
		result.messages = append(result.messages, string(message))
	}
}
