package reconnect

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A server runs the experiment, and knows the client that reaches it.
type server struct {
	*http.Client
	base string
}

// onLoopback serves where TCP is real, and so are its resets.
func onLoopback(t *testing.T) *server {
	runner, e := playground.NewRunner(playground.Limits{}), New()
	mux := http.NewServeMux()
	mux.Handle("/sse", runner.SSE(e))
	mux.Handle("/ws", runner.WS(e))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return &server{newClient(t, nil), s.URL}
}

// inMemory serves inside a testing/synctest bubble, where time passes at once.
func inMemory(t *testing.T) (*server, *experimenttest.Server) {
	s := experimenttest.Start(t, New(), playground.Limits{})
	dial := func(context.Context, string, string) (net.Conn, error) { return s.Dial(), nil }
	return &server{newClient(t, dial), "http://experiment.test"}, s
}

// newClient returns a client that leaves redirects to the test.
func newClient(t *testing.T, dial func(context.Context, string, string) (net.Conn, error)) *http.Client {
	client := &http.Client{
		Transport:     &http.Transport{DialContext: dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
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
