package broken

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// An answer as a client gets it: its tokens, and how it ended.
type got struct {
	first, last int // numbers of tokens, 0 for none
	text        string
	others      []string // what was no token, in short
	end         string
}

func (g *got) read(data string) {
	var item struct {
		N      int
		Text   string
		Finish string
		Error  any
		Code   string
	}
	switch {
	case data == "[DONE]":
		g.others = append(g.others, "done")
	case json.Unmarshal([]byte(data), &item) != nil:
		g.others = append(g.others, data)
	case item.Error != nil:
		g.others = append(g.others, "error")
	case item.Finish+item.Code != "":
		g.others = append(g.others, item.Finish+item.Code)
	default:
		if g.first == 0 {
			g.first = item.N
		}
		g.last = item.N
		g.text += item.Text
	}
}

func (g got) String() string {
	return strings.TrimSpace(fmt.Sprintf("%d-%d %s", g.first, g.last, strings.Join(append(g.others, g.end), " ")))
}

// askStream asks over the event stream. It stops after a token, or never with 0.
func askStream(t *testing.T, s *experimenttest.Server, query, key string, after, stop int) got {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://experiment.test/sse?"+query, strings.NewReader(`{"prompt":"?"}`))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set("Last-Event-ID", strconv.Itoa(after))
	}
	response := s.Do(t, r)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return got{end: response.Status + " " + response.Header.Get("Retry-After")}
	}
	var g got
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "data":
			g.read(value)
		case "event":
			g.others = append(g.others, "event:"+value)
		case "id", "":
		default:
			g.others = append(g.others, name[:6])
		}
		if stop > 0 && g.last == stop {
			return g
		}
	}
	g.end = "complete"
	if err := lines.Err(); err != nil {
		g.end = "broken"
	}
	return g
}

// askSocket asks over the WebSocket.
func askSocket(t *testing.T, s *experimenttest.Server, query, key string, after, stop int) got {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), "ws://experiment.test/ws?"+query, &websocket.DialOptions{HTTPClient: s.Client})
	if err != nil {
		return got{end: response.Status}
	}
	defer conn.CloseNow()
	if err := conn.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, `{"prompt":"?","key":%q,"after":%d}`, key, after)); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	var g got
	for {
		_, message, err := conn.Read(t.Context())
		if status := websocket.CloseStatus(err); status >= 0 {
			g.end = strconv.Itoa(int(status))
			return g
		} else if err != nil {
			g.end = "broken"
			return g
		}
		g.read(string(message))
		if stop > 0 && g.last == stop {
			return g
		}
	}
}

// How an answer ends, by the fault, on each side.
func TestFaults(t *testing.T) {
	tests := []struct{ fault, sse, ws string }{
		{"none", "1-24 stop done complete", "1-24 stop done 1000"},
		{"401", "0-0 401 Unauthorized", "0-0 401 Unauthorized"},
		{"429", "0-0 429 Too Many Requests 1", "0-0 1013"},
		{"event", "1-6 event:error overloaded complete", "1-6 1011"},
		{"data", "1-6 error complete", "1-6 error 1000"},
		{"length", "1-6 length done complete", "1-6 length done 1000"},
		{"cut", "1-6 broken", "1-6 broken"},
		{"end", "1-6 complete", "1-6 1000"},
		{"html", "1-6 <html> <head> <body> </html complete", "1-6 broken"},
		{"slow", "1-24 stop done complete", "1-24 stop done 1000"},
	}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := experimenttest.Start(t, New(), playground.Limits{})
				begin := time.Now()
				if got := askStream(t, s, "fault="+test.fault, "", 0, 0).String(); got != test.sse {
					t.Errorf("the stream: %s\nwant %s", got, test.sse)
				}
				if took := time.Since(begin); test.fault == "slow" && took != 7*150*time.Millisecond+5*pause {
					t.Errorf("the slow stream took %v", took) // the model goes on meanwhile
				}
				if got := askSocket(t, s, "fault="+test.fault, "", 0, 0).String(); got != test.ws {
					t.Errorf("the socket: %s\nwant %s", got, test.ws)
				}
				// The fault is in the first request of a run.
				if got := askStream(t, s, "attempt=2&fault="+test.fault, "", 0, 0).String(); got != tests[0].sse {
					t.Errorf("the second request: %s", got)
				}
			})
		})
	}
}

// In silence nothing comes and nothing ends, until the client leaves: then the
// server has gone on, and says how far.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := start(t)
		for _, side := range []func(*testing.T, *experimenttest.Server) (int, io.Closer){
			func(t *testing.T, s *experimenttest.Server) (int, io.Closer) {
				r := s.Get(t, "/sse?fault=silence&after=2")
				buffer := make([]byte, 1000)
				n := 0
				go func() {
					for {
						more, err := r.Body.Read(buffer)
						n += strings.Count(string(buffer[:more]), "id: ")
						if err != nil {
							return
						}
					}
				}()
				time.Sleep(1500 * time.Millisecond)
				synctest.Wait()
				return n, r.Body
			},
			func(t *testing.T, s *experimenttest.Server) (int, io.Closer) {
				conn := s.WebSocket(t, "/ws?fault=silence&after=2")
				conn.Write(t.Context(), websocket.MessageText, []byte(`{"prompt":"?"}`))
				n := 0
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					for {
						if _, _, err := conn.Read(ctx); err != nil {
							return
						}
						n++
					}
				}()
				time.Sleep(1500 * time.Millisecond)
				synctest.Wait()
				cancel()
				return n, closer(conn.CloseNow)
			},
		} {
			n, conn := side(t, s)
			if n != 2 {
				t.Errorf("%d tokens came", n)
			}
			conn.Close()
			if got := log.take(); got != "9 tokens made" && got != "10 tokens made" {
				t.Errorf("logged %s", got)
			}
		}
	})
}

type closer func() error

func (c closer) Close() error { return c() }

// What asking again brings, and what it costs.
func TestAgain(t *testing.T) {
	for name, ask := range map[string]func(*testing.T, *experimenttest.Server, string, string, int, int) got{"stream": askStream, "socket": askSocket} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, log := start(t)
				const cut, again = "run=one-run&fault=cut", "run=one-run&attempt=2&fault=cut"

				// Without a key it is made again, and another one.
				first := ask(t, s, cut, "", 0, 0)
				texts := map[string]bool{}
				for range 5 {
					texts[ask(t, s, again, "", 0, 0).text] = true
				}
				if len(texts) < 2 {
					t.Errorf("five answers, all of them %v", texts)
				}
				if got := log.take(); first.last != 6 || got != "6 tokens made"+strings.Repeat(", 24 tokens made", 5) {
					t.Errorf("%v, %s", first, got)
				}

				// With one it is the same, and made once; with a number, from there on.
				first = ask(t, s, cut, "k", 0, 0)
				begin := time.Now()
				whole := ask(t, s, again, "k", 0, 0)
				rest := ask(t, s, again, "k", 6, 0)
				if rest.first != 7 || rest.last != 24 || first.text+rest.text != whole.text {
					t.Errorf("%q and %q, of %q", first.text, rest.text, whole.text)
				}
				// What had been made by then comes at once.
				if took := time.Since(begin); took != 17*150*time.Millisecond {
					t.Errorf("the rest took %v", took)
				}
				if got := log.take(); got != "24 tokens made and kept, whoever reads them, 0 tokens made: the answer was kept under its key, 0 tokens made: the answer was kept under its key" {
					t.Errorf("logged %s", got)
				}
				// Another run has other answers.
				other := ask(t, s, "run=other-run&attempt=2", "k", 6, 7)
				if got := log.take(); other.text == "" || got != "24 tokens made and kept, whoever reads them" {
					t.Errorf("another run: %v, %s", other, got)
				}
			})
		})
	}
}

// A server that keeps no answer stops with the client.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := start(t)
		askStream(t, s, "fault=none", "", 0, 5)
		if got := log.take(); got != "5 tokens made" {
			t.Errorf("the stream logged %s", got)
		}
		askSocket(t, s, "fault=none", "", 0, 5)
		if got := log.take(); got != "5 tokens made" {
			t.Errorf("the socket logged %s", got)
		}
	})
}

// Each request of an exercise gets another fault, in an order of the run's own,
// and every fault has its turn.
func TestSurprises(t *testing.T) {
	orders := map[string]bool{}
	for _, run := range []string{"run-a", "run-b", "run-c"} {
		var order []string
		for attempt := range len(surprises) {
			h := playground.NewRunner(playground.Limits{}).Handler(New().Controls, func(_ http.ResponseWriter, r *http.Request) {
				order = append(order, faultOf(r))
			}, http.MethodGet)
			serve(h, fmt.Sprintf("/?moments=surprise&run=%s&attempt=%d", run, attempt+1))
		}
		orders[strings.Join(order, " ")] = true
		if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, slices.Sorted(slices.Values(surprises))) {
			t.Errorf("the order of %s: %v", run, order)
		}
	}
	if len(orders) < 2 {
		t.Errorf("three runs, one order: %v", orders)
	}
}

// What is kept has a bound, and what is not a question is refused.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel()
		h := playground.NewRunner(playground.Limits{}).Handler(New().Controls, func(_ http.ResponseWriter, r *http.Request) {
			for i := range 2 * maxKept {
				m.answer(r, question{Key: strconv.Itoa(i)})
			}
			if a, isNew := m.answer(r, question{Key: strconv.Itoa(2*maxKept - 1)}); isNew || len(a.tokens) != 24 {
				t.Error("the newest is gone")
			}
		}, http.MethodGet)
		serve(h, "/")
		if len(m.kept) != maxKept || len(m.order) != maxKept {
			t.Errorf("%d are kept", len(m.kept))
		}

		s := experimenttest.Start(t, New(), playground.Limits{})
		r, _ := http.NewRequest(http.MethodPost, "http://experiment.test/sse", strings.NewReader("?"))
		if response := s.Do(t, r); response.StatusCode != http.StatusBadRequest {
			t.Errorf("no question: %s", response.Status)
		}
		conn := s.WebSocket(t, "/ws")
		conn.Write(t.Context(), websocket.MessageText, []byte("?"))
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
			t.Errorf("no question: %v", err)
		}
		if g := askStream(t, s, "fault=none", "k", -5, 0); g.first != 1 {
			t.Errorf("after -5: %v", g)
		}
		if g := askStream(t, s, "fault=none", "k", 99, 0); g.String() != "0-0 stop done complete" {
			t.Errorf("after 99: %v", g)
		}
	})
}

// Answers are in the language of the question.
func TestLanguage(t *testing.T) {
	for prompt, want := range map[string]string{"Why is the sky blue?": "a", "天空为什么是蓝色的？": "蓝"} {
		if text := strings.Join(generate(prompt), ""); !strings.Contains(text, want) {
			t.Errorf("%s: %s", prompt, text)
		}
	}
	for _, parts := range [][][]string{english, chinese} {
		for _, choices := range parts {
			for _, choice := range choices {
				if n := strings.Count(choice, "|"); n != 3 {
					t.Errorf("%q has %d tokens", choice, n+1)
				}
			}
		}
	}
}

// A log is what the servers have logged.
type log struct {
	mu    sync.Mutex
	lines []string
}

// take returns the lines, once all that is under way has come to rest, and forgets them.
func (l *log) take() string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return strings.Join(lines, ", ")
}

// start serves the experiment, and writes down what it logs.
func start(t *testing.T) (*experimenttest.Server, *log) {
	e, l := New(), &log{}
	wrap := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			h(w, r.WithContext(playground.WithLog(r.Context(), func(line playground.LogLine) {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.lines = append(l.lines, line.Text)
			})))
		}
	}
	e.SSE, e.WS = wrap(e.SSE), wrap(e.WS)
	return experimenttest.Start(t, e, playground.Limits{}), l
}

// serve asks a handler.
func serve(h http.Handler, address string) {
	r, _ := http.NewRequest(http.MethodGet, address, nil)
	r.RemoteAddr = "127.0.0.1:1"
	h.ServeHTTP(discard{}, r)
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
