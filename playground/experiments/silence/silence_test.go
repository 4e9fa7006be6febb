package silence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// A heard is something that came over a line, and when.
type heard struct {
	after time.Duration
	what  string
}

// An ear is a client that writes down what it hears, and says nothing itself.
type ear struct {
	begin time.Time
	mu    sync.Mutex
	heard []heard
	err   error // why it stopped
	done  chan struct{}
}

func (e *ear) hear(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, heard{time.Since(e.begin), what})
}

// so is what has been heard up to now, such as "0 1, 500 2".
func (e *ear) so() string {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []string
	for _, h := range e.heard {
		list = append(list, fmt.Sprintf("%d %s", h.after.Milliseconds(), h.what))
	}
	return strings.Join(list, ", ")
}

// listen follows the event stream, block by block, in short: "1" for a
// number, "beat" for a heartbeat, ":" for a comment.
func listen(t *testing.T, s *experimenttest.Server, query string) (*ear, *http.Response) {
	response := s.Get(t, "/sse?"+query)
	e := &ear{begin: time.Now(), done: make(chan struct{})}
	go func() {
		defer close(e.done)
		var blocks string
		buffer := make([]byte, 1000)
		for {
			n, err := response.Body.Read(buffer)
			blocks += string(buffer[:n])
			for {
				block, rest, ok := strings.Cut(blocks, "\n\n")
				if !ok {
					break
				}
				blocks = rest
				switch {
				case strings.HasPrefix(block, ":"):
					e.hear(":")
				case block == "event: heartbeat\ndata: still here":
					e.hear("beat")
				case strings.HasPrefix(block, "retry: "):
				default:
					_, number, _ := strings.Cut(block, "data: ")
					e.hear(number)
				}
			}
			if err != nil {
				e.err = err
				return
			}
		}
	}()
	return e, response
}

// socket follows the WebSocket. It may ask every second, and it may answer pings.
func socket(t *testing.T, s *experimenttest.Server, query string, asks, answers bool) (*ear, *websocket.Conn) {
	e := &ear{begin: time.Now(), done: make(chan struct{})}
	conn, _, err := websocket.Dial(t.Context(), "ws://experiment.test/ws?"+query, &websocket.DialOptions{
		HTTPClient:     s.Client,
		OnPingReceived: func(context.Context, []byte) bool { e.hear("ping"); return answers },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		defer close(e.done)
		defer stop()
		for {
			_, message, err := conn.Read(context.Background())
			if err != nil {
				e.err = err
				return
			}
			e.hear(string(message))
		}
	}()
	if asks {
		go func() {
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					conn.Write(ctx, websocket.MessageText, []byte("ping"))
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	return e, conn
}

// logged gives the requests of a server a log.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) wrap(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := playground.WithLog(r.Context(), func(line playground.LogLine) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.lines = append(l.lines, line.Text)
		})
		h(w, r.WithContext(ctx))
	}
}

func (l *logged) String() string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

func start(t *testing.T) (*experimenttest.Server, *logged) {
	e, log := New(), &logged{}
	e.SSE, e.WS = log.wrap(e.SSE), log.wrap(e.WS)
	return experimenttest.Start(t, e, playground.Limits{}), log
}

// What comes over each line, and when, in the three states that look the same.
func TestStates(t *testing.T) {
	const common = "every=500&after=2&pause=2200&then="
	tests := []struct {
		query   string
		ping    bool
		sse, ws string
	}{
		{"quiet", false, "0 1, 500 2, 3200 3, 3700 4, 4200 5, 4700 6", "0 1, 500 2, 3200 3, 3700 4, 4200 5, 4700 6"},
		{"slow", false, "0 1, 500 2, 3200 3, 3200 4, 3200 5, 3200 6", "0 1, 500 2, 3200 3, 3200 4, 3200 5, 3200 6"},
		{"dead", false, "0 1, 500 2", "0 1, 500 2"},
		{"quiet&heartbeat=protocol&interval=900", false,
			"0 1, 500 2, 900 :, 1800 :, 2700 :, 3200 3, 3600 :, 3700 4, 4200 5, 4500 :, 4700 6",
			"0 1, 500 2, 900 ping, 1800 ping, 2700 ping, 3200 3, 3600 ping, 3700 4, 4200 5, 4500 ping, 4700 6"},
		{"quiet&heartbeat=message&interval=900", true,
			"0 1, 500 2, 900 beat, 1800 beat, 2700 beat, 3200 3, 3600 beat, 3700 4, 4200 5, 4500 beat, 4700 6",
			"0 1, 500 2, 1000 pong, 2000 pong, 3000 pong, 3200 3, 3700 4, 4000 pong, 4200 5, 4700 6"},
		{"dead&heartbeat=message&interval=900", true, "0 1, 500 2, 900 beat", ""},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := start(t)
				sse, response := listen(t, s, common+test.query)
				time.Sleep(time.Minute)
				if got := sse.so(); got != test.sse {
					t.Errorf("the stream: %s\nwant %s", got, test.sse)
				}
				dead := strings.HasPrefix(test.query, "dead")
				if ended := closed(sse.done); ended == dead {
					t.Errorf("the stream has ended: %t", ended)
				}
				response.Body.Close()

				if test.ws == "" {
					return
				}
				ws, _ := socket(t, s, common+test.query, test.ping, true)
				time.Sleep(time.Minute)
				if got := ws.so(); got != test.ws {
					t.Errorf("the socket: %s\nwant %s", got, test.ws)
				}
				if ended := closed(ws.done); ended == dead {
					t.Errorf("the socket has ended: %t", ended)
				}
				if !dead && websocket.CloseStatus(ws.err) != websocket.StatusNormalClosure {
					t.Errorf("the socket ended with %v", ws.err)
				}
			})
		})
	}
}

// On a dead line a client's pings are not answered, neither those of the
// protocol nor those that are messages, and neither is its goodbye.
func TestDeadAnswersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := start(t)
		ws, conn := socket(t, s, "then=dead&after=1&every=500", true, true)
		time.Sleep(time.Second + time.Millisecond)
		soon, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := conn.Ping(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a ping on a dead line: %v", err)
		}
		if got := ws.so(); got != "0 1" {
			t.Errorf("heard %s", got)
		}
		if log.String() != "" {
			t.Errorf("the server noticed: %s", log)
		}
		begin := time.Now()
		conn.Close(websocket.StatusNormalClosure, "")
		if took := time.Since(begin); took != 5*time.Second { // coder/websocket's patience
			t.Errorf("the goodbye was answered after %v", took)
		}
		if got := log.String(); !strings.HasPrefix(got, "client left, after number ") {
			t.Errorf("the client has left, and the server says %q", got)
		}
	})
}

// A server that asks notices that nobody answers; one that only writes does not.
func TestServerNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := start(t)
		socket(t, s, "then=dead&after=2&heartbeat=protocol&interval=900&patience=3000", false, true)
		time.Sleep(10 * time.Second)
		if got, want := log.String(), "ping after number 4 not answered for 3s: gone"; got != want {
			t.Errorf("the WebSocket server says %q, want %q", got, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s, log := start(t)
		_, response := listen(t, s, "then=dead&after=2&heartbeat=protocol&interval=900&patience=3000")
		time.Sleep(time.Minute - time.Millisecond)
		if got := log.String(); got != "" {
			t.Errorf("the SSE server says %q", got)
		}
		response.Body.Close()
		if got, want := log.String(), "client left, after number 120; no write has failed"; got != want {
			t.Errorf("the client has left, and the server says %q, want %q", got, want)
		}
	})
}

// A client that answers no ping is given up.
func TestDeadClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := start(t)
		ws, _ := socket(t, s, "then=quiet&after=1&pause=20000&heartbeat=protocol&patience=3000", false, false)
		<-ws.done
		if got := ws.so(); got != "0 1, 1000 ping" {
			t.Errorf("heard %s", got)
		}
		if took := time.Since(ws.begin); took != 4*time.Second {
			t.Errorf("given up after %v", took)
		}
		if got, want := log.String(), "ping after number 1 not answered for 3s: gone"; got != want {
			t.Errorf("the server says %q, want %q", got, want)
		}
	})
}

func TestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		sse, _ := listen(t, s, "then=end&after=2")
		ws, _ := socket(t, s, "then=end&after=2", false, true)
		<-sse.done
		<-ws.done
		if got := sse.so(); got != "0 1, 500 2" || sse.err != io.EOF {
			t.Errorf("the stream: %s, %v", got, sse.err)
		}
		if code := websocket.CloseStatus(ws.err); code != websocket.StatusNoStatusRcvd {
			t.Errorf("the socket: %s, %v", ws.so(), ws.err)
		}

		sse, _ = listen(t, s, "then=reset&after=2")
		ws, _ = socket(t, s, "then=reset&after=2", false, true)
		<-sse.done
		<-ws.done
		if sse.err == io.EOF {
			t.Error("the stream that is reset is complete")
		}
		if code := websocket.CloseStatus(ws.err); code != -1 {
			t.Errorf("the socket that is reset says %d", code)
		}

		if got := s.Get(t, "/sse?then=refused").StatusCode; got != 500 {
			t.Errorf("the stream that is refused: %d", got)
		}
		_, response, err := websocket.Dial(t.Context(), "ws://experiment.test/ws?then=refused", &websocket.DialOptions{HTTPClient: s.Client})
		if err == nil || response.StatusCode != 500 {
			t.Errorf("the handshake that is refused: %v", err)
		}
		r, _ := http.NewRequest("GET", "http://experiment.test/sse", nil)
		r.Header.Set("Last-Event-ID", "4")
		if got := s.Do(t, r).StatusCode; got != 204 {
			t.Errorf("who comes back gets %d", got)
		}
	})
}

// A run is over after its time, and a dead line with it: by a reset.
func TestTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		sse, _ := listen(t, s, "then=dead&after=1")
		ws, _ := socket(t, s, "then=dead&after=1", false, true)
		time.Sleep(2*time.Minute - time.Second)
		if closed(sse.done) || closed(ws.done) {
			t.Error("the line has ended before its time")
		}
		time.Sleep(2 * time.Second)
		<-sse.done
		<-ws.done
		if sse.err == io.EOF || websocket.CloseStatus(ws.err) != -1 {
			t.Errorf("a dead line said goodbye: %v, %v", sse.err, ws.err)
		}
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d runs are open", n)
		}
	})
}

// The server picks the moments: quiet and slow in either order, and then dead.
func TestSurprise(t *testing.T) {
	seen := map[string]bool{}
	const every = 300 * time.Millisecond
	soonest, latest := math.MaxInt, 0
	for seed := range uint64(50) {
		p := surprise(3*time.Second, every, rand.New(rand.NewPCG(seed, 0)))
		if p.total != math.MaxInt {
			t.Fatalf("the plan ends at %d", p.total)
		}
		var order []string
		for n := range 30 {
			switch s := p.after(n); s.then {
			case "":
				continue
			case "quiet":
				if s.pause != 3*time.Second {
					t.Errorf("quiet for %v", s.pause)
				}
				order = append(order, s.then)
			case "slow":
				if s.pause != time.Second {
					t.Errorf("slow for %v", s.pause)
				}
				order = append(order, s.then)
			default:
				order = append(order, s.then)
				soonest, latest = min(soonest, n), max(latest, n)
			}
			seen[fmt.Sprint(order, n)] = true
		}
		if order[2] != "dead" || !slices.Contains(order, "quiet") || !slices.Contains(order, "slow") {
			t.Errorf("seed %d: %q", seed, order)
		}
	}
	if len(seen) < 15 {
		t.Errorf("50 plans have %d kinds of moments", len(seen))
	}
	// The exercise takes an alarm within three seconds.
	if spread := time.Duration(latest-soonest) * every; spread <= 3*time.Second {
		t.Errorf("the line dies within %v: an alarm at a fixed moment is always right", spread)
	}
}

// A surprise is what it is over the wire as well: whatever the plan, the line is
// quiet and slow once each before it is dead.
func TestSurpriseOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		for i := range 20 {
			sse, response := listen(t, s, fmt.Sprintf("moments=surprise&heartbeat=message&interval=500&every=300&pause=3300&capture=surprise-%d", i))
			time.Sleep(time.Minute)
			sse.so()
			response.Body.Close()
			var gaps, last, number time.Duration
			quiet, slow := 0, 0
			for _, h := range sse.heard {
				if h.after-last >= 1100*time.Millisecond {
					slow++
				}
				if h.what != "beat" && h.after-number >= 3300*time.Millisecond {
					quiet++
				}
				gaps = max(gaps, h.after-last)
				last = h.after
				if h.what != "beat" {
					number = h.after
				}
			}
			if quiet != 1 || slow != 1 || gaps > 1500*time.Millisecond || last > 20*time.Second {
				t.Errorf("run %d: quiet %d times, slow %d times, %v without a byte, dead after %v", i, quiet, slow, gaps, last)
			}
		}
	})
}

func TestRefusesControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		for _, query := range []string{"then=gone", "after=-1", "pause=199", "heartbeat=comment", "interval=99", "patience=0", "every=49", "moments=now"} {
			if got := s.Get(t, "/sse?"+query).StatusCode; got != 400 {
				t.Errorf("%s: %d", query, got)
			}
		}
	})
}

func closed(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// A client that never reads is let go when a write has waited 10 s.
func TestClientNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{Duration: time.Hour})
		s.NeverReads(t, 2, "/sse?after=50&every=500", "/ws?after=50&every=500")
	})
}
