package many

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A visitor follows one side of a run, as the programs of the lesson do: it
// comes back a second after each end, and says what it had last.
type visitor struct {
	server      *experimenttest.Server // nil on the loopback
	client      *http.Client
	address     string
	side, query string

	samples  []sample
	messages atomic.Int64
	ends     []string // how its connections ended
}

func newVisitor(t *testing.T, side, query string) *visitor {
	return visit(t, New(t.Context()), side, query)
}

// visit serves an experiment to a visitor.
func visit(t *testing.T, e playground.Experiment, side, query string) *visitor {
	s := experimenttest.Start(t, e, playground.Limits{})
	return &visitor{server: s, client: s.Client, address: "http://experiment.test/", side: side, query: query}
}

// onLoopback serves a server's handlers where TCP is real, and so are its resets.
func onLoopback(t *testing.T, s *server, side string) *visitor {
	e := playground.Experiment{SSE: s.serveSSE, WS: s.serveWS}
	runner := playground.NewRunner(playground.Limits{})
	mux := http.NewServeMux()
	mux.Handle("/sse", runner.SSE(e))
	mux.Handle("/ws", runner.WS(e))
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{client: &http.Client{Transport: transport}, address: site.URL + "/", side: side}
}

// another is one more visitor of the same server.
func (v *visitor) another(query string) *visitor {
	return &visitor{server: v.server, client: v.client, address: v.address, side: v.side, query: query}
}

// follow follows a run to its end.
func (v *visitor) follow(t *testing.T) *visitor {
	t.Helper()
	for range 100 {
		end := v.connect(t)
		v.ends = append(v.ends, end)
		if end == "204" || end == "1000" {
			return v
		}
		time.Sleep(time.Second)
	}
	t.Fatalf("the run does not end: %q", v.ends)
	return nil
}

// had returns the number of the last message.
func (v *visitor) had() int { return v.last().Number }

func (v *visitor) last() sample {
	if len(v.samples) == 0 {
		return sample{}
	}
	return v.samples[len(v.samples)-1]
}

// connect reads to the end of a connection, and returns how it ended: a status,
// a close code, "end" for the last chunk, "reset", or "cut" for any other end.
func (v *visitor) connect(t *testing.T) string {
	return v.connectUntil(context.Background(), t)
}

func (v *visitor) connectUntil(ctx context.Context, t *testing.T) string {
	t.Helper()
	read := v.readStream
	if v.side == "ws" {
		read = v.readSocket
	}
	end, err := read(ctx, t)
	if errors.Is(err, syscall.ECONNRESET) {
		return "reset"
	}
	return end
}

func (v *visitor) readStream(ctx context.Context, t *testing.T) (string, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", v.address+"sse?"+v.query, nil)
	if err != nil {
		t.Error(err)
		return "", err
	}
	if v.had() > 0 {
		r.Header.Set("Last-Event-ID", strconv.Itoa(v.had()))
	}
	resp, err := v.client.Do(r)
	if err != nil {
		return "cut", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return strconv.Itoa(resp.StatusCode), nil
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			v.got(t, data)
		}
	}
	if lines.Err() != nil {
		return "cut", lines.Err()
	}
	return "end", nil
}

func (v *visitor) readSocket(ctx context.Context, t *testing.T) (string, error) {
	address := v.address + "ws?" + v.query
	if v.had() > 0 {
		address += "&from=" + strconv.Itoa(v.had())
	}
	conn, resp, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: v.client})
	if resp == nil {
		return "cut", err
	}
	if err != nil {
		return strconv.Itoa(resp.StatusCode), err
	}
	defer conn.CloseNow()
	for {
		_, data, err := conn.Read(ctx)
		if code := websocket.CloseStatus(err); code > 0 {
			return strconv.Itoa(int(code)), nil
		}
		if err != nil {
			return "cut", err
		}
		v.got(t, string(data))
	}
}

func (v *visitor) got(t *testing.T, data string) {
	var s sample
	if err := json.Unmarshal([]byte(data), &s); err != nil {
		t.Errorf("%q: %v", data, err)
	}
	v.samples = append(v.samples, s)
	v.messages.Add(1)
}

// now returns how many clients are simulated, and how many runs go on.
func (rs *runs) now() (clients, open int) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.clients.Taken(), len(rs.open)
}

// A wave is what came of a restart.
type wave struct {
	attempts, peak int64         // peak: in one sample
	back           time.Duration // from the restart until all were back, 0 if they never were
	out            int           // clients that were not back at the end
}

// wave adds up the samples after the restart.
func (v *visitor) wave() wave {
	var w wave
	most, down := 0, int64(0)
	for _, s := range v.samples {
		if s.Server == "up" && down == 0 {
			most = max(most, s.Connected)
			continue
		}
		if down == 0 {
			down = s.At
		}
		w.attempts += s.Attempts
		w.peak = max(w.peak, s.Attempts)
		if w.back == 0 && s.Server == "up" && s.Connected >= most-1 { // the visitor may be late
			w.back = time.Duration(s.At-down) * time.Millisecond
		}
	}
	w.out = most - v.last().Connected
	return w
}
