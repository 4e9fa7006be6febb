package choose

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Both sides send the same lines, beat in between, and say that it is over.
func TestLinesAndBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const query = "?lines=3&every=2500&beat=1000&reset=0&silence=0"
		s := experimenttest.Start(t, New(), playground.Limits{})
		begin := time.Now()
		body, err := io.ReadAll(s.Get(t, "/sse"+query).Body)
		const beat = "event: beat\ndata: \n\n"
		line := func(n int) string {
			return fmt.Sprintf("id: %d\ndata: {\"line\":%[1]d,\"of\":3,\"text\":\"package %[1]d: ok\"}\n\n", n)
		}
		want := beat + beat + line(1) + beat + beat + line(2) + beat + beat + line(3) + "event: end\ndata: \n\n"
		if wait, rest := cutRetry(string(body)); err != nil || rest != want || wait < 500 || wait >= 1000 {
			t.Errorf("%v, got %s\nwant retry: of 500 to 1000 and %s", err, body, want)
		}
		if took := time.Since(begin); took != 7500*time.Millisecond {
			t.Errorf("the lines took %v", took)
		}

		conn := dial(t, s, "/ws"+query)
		var got []string
		for {
			_, message, err := conn.Read(context.Background())
			if err != nil {
				if code := websocket.CloseStatus(err); code != websocket.StatusNormalClosure {
					t.Errorf("closed with %v", err)
				}
				break
			}
			got = append(got, string(message))
		}
		if text := strings.Join(got, "\n"); len(got) != 9 || strings.Count(text, `{"beat":true}`) != 6 || got[8] != `{"line":3,"of":3,"text":"package 3: ok"}` {
			t.Errorf("got %s", text)
		}
	})
}

// cutRetry cuts the retry field off the beginning of a stream, which is each
// client's own.
func cutRetry(body string) (wait int, rest string) {
	first, rest, _ := strings.Cut(body, "\n\n")
	fmt.Sscanf(first, "retry: %d", &wait)
	return wait, rest
}

// The lines that were published while a client was away come at once, and both
// sides of a run follow the same log.
func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const query = "?lines=10&every=1000&reset=0&silence=0&capture=one-of-both-sides"
		s := experimenttest.Start(t, New(), playground.Limits{})
		away := s.Get(t, "/sse"+query)
		time.Sleep(5500 * time.Millisecond)
		away.Body.Close()
		begin := time.Now()
		conn := dial(t, s, "/ws"+query+"&from=2")
		for n := 3; n <= 10; n++ {
			var message []byte
			for !strings.Contains(string(message), "line") {
				var err error
				if _, message, err = conn.Read(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			due := max(0, time.Duration(n)*time.Second-5500*time.Millisecond)
			if want := fmt.Sprintf(`"line":%d,`, n); !strings.Contains(string(message), want) || time.Since(begin) != due {
				t.Errorf("%s after %v, not %s after %v", message, time.Since(begin), want, due)
			}
		}
		// Nobody has to come for the log to go on.
		if body, _ := io.ReadAll(s.Get(t, "/sse"+query+"&from=9").Body); !strings.Contains(string(body), "id: 10\n") || strings.Contains(string(body), "id: 9\n") {
			t.Errorf("after line 9: %s", body)
		}
	})
}

// A client that never reads is let go by the deadline of a write.
func TestWriteDeadline(t *testing.T) {
	for _, path := range []string{"/sse", "/ws"} {
		synctest.Test(t, func(t *testing.T) {
			s := experimenttest.Start(t, New(), playground.Limits{Duration: time.Hour})
			conn := s.Dial()
			defer conn.Close()
			head := "GET " + path + "?lines=100&every=5000&beat=1000&reset=0&silence=0 HTTP/1.1\r\nHost: x\r\n"
			if path == "/ws" {
				head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			}
			io.WriteString(conn, head+"\r\n")
			if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
				t.Fatal(err)
			}
			// It reads no more, and in memory nothing is buffered.
			begin := time.Now()
			for s.Runner.Open() > 0 && time.Since(begin) < time.Hour {
				time.Sleep(time.Second)
			}
			if took := time.Since(begin); took > time.Minute {
				t.Errorf("%s: the server let go after %v", path, took)
			}
		})
	}
}

// A client that reads and does not answer is found by a ping: its process is
// stopped, or its machine is gone and a proxy takes the bytes.
func TestPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{Duration: time.Hour})
		conn := s.Dial()
		defer conn.Close()
		io.WriteString(conn, "GET /ws?lines=100&every=5000&beat=1000&reset=0&silence=0 HTTP/1.1\r\nHost: x\r\n"+
			"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		begin := time.Now()
		io.Copy(io.Discard, conn)
		if took := time.Since(begin); took < 30*time.Second || took > time.Minute {
			t.Errorf("the server let go after %v", took)
		}
	})
}

// A client goes on where it names, and is done after the last line.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		get := func(query, header string) (int, string) {
			r, err := http.NewRequest("GET", "http://experiment.test/sse?reset=0&silence=0&lines=5&"+query, nil)
			if err != nil {
				t.Fatal(err)
			}
			if header != "" {
				r.Header.Set("Last-Event-ID", header)
			}
			response := s.Do(t, r)
			body, _ := io.ReadAll(response.Body)
			return response.StatusCode, string(body)
		}
		for _, c := range []struct {
			query, header string
			status, first int
		}{
			{"", "", 200, 1},
			{"from=2", "", 200, 3},
			{"from=2", "4", 200, 5}, // what the browser says is newer than the address
			{"from=5", "", 204, 0},
			{"from=99", "", 200, 1}, // of a log that there was before this one
			{"from=99999999999999999999", "", 200, 1},
			{"from=-3", "", 200, 1},
			{"from=1.5", "", 200, 1},
			{"from=NaN", "", 200, 1},
			{"from=-1e308", "", 200, 1},
			{"", "x", 200, 1},
			{"", strings.Repeat("9", 5000), 200, 1},
		} {
			status, body := get(c.query, c.header)
			if status != c.status || c.first > 0 && !strings.Contains(body, fmt.Sprintf("\n\nid: %d\n", c.first)) || c.first > 1 && strings.Contains(body, fmt.Sprintf("\n\nid: %d\n", c.first-1)) {
				t.Errorf("%s, Last-Event-ID %q: %d %q", c.query, c.header, status, body)
			}
		}
		if _, _, err := dial(t, s, "/ws?reset=0&silence=0&lines=5&from=5").Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("after the last line: %v", err)
		}
	})
}

// Which break lies ahead follows from the line that a client goes on after.
func TestBreaksAhead(t *testing.T) {
	at := func(query string, last int) string {
		var said string
		h := playground.NewRunner(playground.Limits{}).Handler(New().Controls, func(w http.ResponseWriter, r *http.Request) {
			f := &fault{r: r}
			f.lies(last)
			said = fmt.Sprint(f.after, f.reset)
		}, "GET")
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/?"+query, nil))
		return said
	}
	for _, c := range []struct {
		query string
		last  int
		want  string
	}{
		{"reset=4&silence=8", 0, "4 true"},
		{"reset=4&silence=8", 3, "4 true"},
		{"reset=4&silence=8", 4, "8 false"},
		{"reset=4&silence=8", 8, "0 false"},
		{"reset=8&silence=4", 0, "4 false"},
		{"reset=8&silence=4", 4, "8 true"},
		{"reset=0&silence=0", 0, "0 false"},
		{"reset=3&silence=0", 0, "3 true"},
		{"reset=0&silence=3", 0, "3 false"},
	} {
		if got := at(c.query, c.last); got != c.want {
			t.Errorf("%s after %d: %s, want %s", c.query, c.last, got, c.want)
		}
	}

	// Surprises: one of each, never after the last line, and with the same name
	// at the same places.
	for i := range 200 {
		query := fmt.Sprintf("moments=surprise&lines=%d&capture=surprise-%d", 3+i%10, i)
		first, again := at(query, 0), at(query, 0)
		var n int
		fmt.Sscan(first, &n)
		if first != again || n < 1 || n >= 3+i%10 {
			t.Errorf("%s: %s, then %s", query, first, again)
		}
		if second := at(query, n); strings.HasSuffix(first, "true") == strings.HasSuffix(second, "true") {
			t.Errorf("%s: %s, then %s", query, first, second)
		}
	}
	at("moments=surprise&lines=1&capture=surprise-1", 0) // has no place for a break
}

// On TCP the one break is a reset; in the other nothing comes and nothing ends.
func TestBreaksOnTheWire(t *testing.T) {
	runner, e := playground.NewRunner(playground.Limits{}), New()
	mux := http.NewServeMux()
	mux.Handle("/sse", runner.SSE(e))
	mux.Handle("/ws", runner.WS(e))
	s := httptest.NewServer(mux)
	defer s.Close()
	const query = "?lines=5&every=50&beat=100&reset=1&silence=3"
	request := func(path string) string {
		head := "GET " + path + " HTTP/1.1\r\nHost: x\r\n"
		if strings.HasPrefix(path, "/ws") {
			head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		}
		return head + "\r\n"
	}
	for _, path := range []string{"/sse", "/ws"} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, request(path+query))
		got, err := io.ReadAll(conn)
		conn.Close()
		if err == nil || !strings.Contains(err.Error(), "reset") || !strings.Contains(string(got), "package 1: ok") || strings.Contains(string(got), "package 2: ok") {
			t.Errorf("%s: %v after %q", path, err, got)
		}

		conn, err = net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, request(path+query+"&from=1"))
		in := bufio.NewReader(conn)
		for seen := ""; !strings.Contains(seen, "package 3: ok"); {
			b, err := in.ReadByte()
			if err != nil {
				t.Fatalf("%s: %v after %q", path, err, seen)
			}
			seen += string(b)
		}
		io.CopyN(io.Discard, in, int64(in.Buffered()))
		conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond)) // three beats
		rest, err := io.ReadAll(in)
		conn.Close()
		if nerr, ok := err.(net.Error); !ok || !nerr.Timeout() || len(rest) > 8 {
			t.Errorf("%s: silence is %q, %v", path, rest, err)
		}
	}
}

func dial(t *testing.T, s *experimenttest.Server, path string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(context.Background(), "ws://experiment.test"+path, &websocket.DialOptions{HTTPClient: s.Client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}
