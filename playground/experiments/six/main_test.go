package six

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

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

// events reads a stream to its end: each event as "type data".
func (s server) events(t *testing.T, query string) []string {
	t.Helper()
	return read(s.Get(t, "/sse?"+query))
}

func read(resp *http.Response) (events []string) {
	typ := ""
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "event":
			typ = value
		case "data":
			events = append(events, typ+" "+value)
		}
	}
	return events
}
