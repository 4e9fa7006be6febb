package oneway

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/bus"
	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A server runs the experiment, inside a testing/synctest bubble.
type server struct{ *experimenttest.Server }

func serve(t *testing.T) server {
	return server{experimenttest.Start(t, New(newBus(t)), playground.Limits{})}
}

func newBus(t *testing.T) playground.Bus {
	b, _ := bus.New(bus.Options{})
	t.Cleanup(b.Close)
	return b
}

// A listener is an open event stream.
type listener struct {
	*http.Response
	lines *bufio.Reader
}

// listen opens a stream. It is in the room when listen returns. The body begins
// before anybody has spoken.
func (s server) listen(t *testing.T, query string) *listener {
	t.Helper()
	resp := s.Get(t, "/sse?"+query)
	l := &listener{resp, bufio.NewReader(resp.Body)}
	if got := l.next(); resp.StatusCode == http.StatusOK && got != ": open" {
		t.Errorf("the stream begins with %q", got)
	}
	return l
}

// next returns the data of the next event, "" where the stream ends.
func (l *listener) next() string {
	var data []string
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return ""
		}
		if line == "\n" {
			return strings.Join(data, "\n")
		}
		data = append(data, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "data: "))
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

// dial opens a socket. It is in the room when dial returns.
func (s server) dial(t *testing.T, query string) *websocket.Conn {
	t.Helper()
	conn := s.WebSocket(t, "/ws?"+query)
	conn.SetReadLimit(-1)
	return conn
}
