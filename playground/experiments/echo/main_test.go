package echo

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A server runs the experiment, inside a testing/synctest bubble.
type server struct{ *experimenttest.Server }

func serve(t *testing.T) server {
	return server{experimenttest.Start(t, New(), playground.Limits{})}
}

// listen opens an event stream. It gets what is sent when listen returns. The
// body begins before anything was sent.
func (s server) listen(t *testing.T, query string) (*http.Response, *bufio.Reader) {
	t.Helper()
	resp := s.Get(t, "/sse?"+query)
	lines := bufio.NewReader(resp.Body)
	want := ": ping\n"
	if strings.Contains(query, "ping=off") {
		want = ": open\n"
	}
	if got := block(lines); got != want {
		t.Errorf("the stream begins with %q", got)
	}
	return resp, lines
}

// block returns the lines up to the next blank one.
func block(lines *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == "\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

// send posts a message, and returns the status.
func (s server) send(t *testing.T, query, body string) int {
	t.Helper()
	r, err := http.NewRequest("POST", "http://experiment.test/send?"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return s.Do(t, r).StatusCode
}

// onLoopback serves the sockets over TCP: in a pipe without buffers each end
// would wait for the other to read, ping against pong.
func onLoopback(t *testing.T) (url string, closing func()) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	closing = func() { cancel(playground.ErrServerClosing) }
	runner := playground.NewRunner(playground.Limits{})
	s := httptest.NewUnstartedServer(runner.WS(New()))
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	s.Start()
	t.Cleanup(func() {
		closing()
		s.Close()
		runner.Wait(context.Background())
	})
	return "ws" + strings.TrimPrefix(s.URL, "http"), closing
}

// dial opens a socket that takes compression if the server does.
func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(context.Background(), url, &websocket.DialOptions{
		CompressionMode: websocket.CompressionNoContextTakeover,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(-1)
	return conn
}
