package proxy

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
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

const (
	query = "every=350&total=5&pause=1600&timeout=900" // 1, 2, 3 at 0, 350 and 700 ms; 4, 5 at 2300 and 2650 ms

	inTime = "0s: 1 350ms: 2 700ms: 3 2.3s: 4 2.65s: 5 "
	atOnce = "2.65s: 1 2 3 4 5 "
)

// Each fault, with each remedy, as the client of an event stream meets it.
func TestStreamThroughEachFault(t *testing.T) {
	for _, c := range []struct {
		fault, remedy string
		reads         string
		broken        bool
		took          time.Duration
	}{
		{"none", "none", inTime, false, 2650 * time.Millisecond},
		{"buffer", "none", atOnce, false, 2650 * time.Millisecond},
		{"buffer", "header", inTime, false, 2650 * time.Millisecond},
		{"buffer", "flush", atOnce, false, 2650 * time.Millisecond},
		{"buffer", "heartbeat", "2.65s: 1 2 : 3 : : : : 4 5 ", false, 2650 * time.Millisecond}, // they are held as well
		{"gzip", "none", atOnce, false, 2650 * time.Millisecond},
		{"gzip", "header", atOnce, false, 2650 * time.Millisecond},
		{"gzip", "flush", inTime, false, 2650 * time.Millisecond},
		{"idle", "none", "0s: 1 350ms: 2 700ms: 3 ", true, 1600 * time.Millisecond},
		{"idle", "header", "0s: 1 350ms: 2 700ms: 3 ", true, 1600 * time.Millisecond},
		{"idle", "heartbeat", "0s: 1 350ms: 2 450ms: : 700ms: 3 900ms: : 1.35s: : 1.8s: : 2.25s: : 2.3s: 4 2.65s: 5 ", false, 2650 * time.Millisecond},
		{"upgrade", "none", inTime, false, 2650 * time.Millisecond},
		{"deadline", "none", "0s: 1 350ms: 2 700ms: 3 ", true, 2300 * time.Millisecond},
		{"deadline", "heartbeat", "0s: 1 350ms: 2 450ms: : 700ms: 3 900ms: : ", true, 1350 * time.Millisecond},
		{"deadline", "extend", inTime, false, 2650 * time.Millisecond},
	} {
		t.Run(c.fault+" "+c.remedy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := get(t, start(t), query+"&fault="+c.fault+"&remedy="+c.remedy, "")
				if got.status != http.StatusOK || got.reads != c.reads || got.broken != c.broken || got.took != c.took {
					t.Errorf("%d, %v, broken off: %v\n%q, want\n%q (%v, %v)", got.status, got.took, got.broken, got.reads, c.reads, c.took, c.broken)
				}
				if zipped := got.Get("Content-Encoding") == "gzip"; zipped != (c.fault == "gzip") {
					t.Errorf("Content-Encoding: %q", got.Get("Content-Encoding"))
				}
				if c.fault == "buffer" && got.Get("X-Accel-Buffering") != "" {
					t.Error("what the server says to the proxy goes on to the client")
				}
			})
		})
	}
}

// And as the client of a WebSocket does.
func TestSocketThroughEachFault(t *testing.T) {
	whole := talk{http.StatusSwitchingProtocols, inTime, websocket.StatusNormalClosure, 2650 * time.Millisecond}
	for _, c := range []struct {
		fault, remedy string
		want          talk
	}{
		{"none", "none", whole},
		{"buffer", "none", whole},
		{"gzip", "none", whole},
		{"deadline", "none", whole}, // a hijack clears the server's deadlines
		{"idle", "none", talk{101, "0s: 1 350ms: 2 700ms: 3 ", -1, 1600 * time.Millisecond}},
		{"idle", "heartbeat", whole},
		{"upgrade", "none", talk{status: http.StatusUpgradeRequired}},
		{"upgrade", "heartbeat", talk{status: http.StatusUpgradeRequired}},
		{"upgrade", "forward", whole},
	} {
		t.Run(c.fault+" "+c.remedy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := talkTo(t, start(t), query+"&fault="+c.fault+"&remedy="+c.remedy); got != c.want {
					t.Errorf("got %+v\nwant %+v", got, c.want)
				}
			})
		})
	}
}

// What is cut can be resumed, and the end is an end.
func TestResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		if got := get(t, s, query+"&fault=none", "3"); got.reads != "0s: 4 350ms: 5 " {
			t.Errorf("after 3 there came %q", got.reads)
		}
		for _, last := range []string{"5", "99", "9999999"} {
			if got := get(t, s, query+"&fault=gzip", last); got.status != http.StatusNoContent || got.Get("Content-Encoding") != "" {
				t.Errorf("after %s: %d, %q", last, got.status, got.Get("Content-Encoding"))
			}
		}
	})
}

// A buffer that is full passes on what it has.
func TestBufferThatIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := get(t, start(t), "fault=buffer&every=20&total=100&remedy=heartbeat&timeout=200", "")
		if n := strings.Count(got.reads, "s: "); n != 1 {
			t.Errorf("%d reads of less than 4 KiB: %q", n, got.reads)
		}
	})
	h := &held{ResponseWriter: new(discard)}
	for range 100 {
		h.Write(make([]byte, 100))
		h.FlushError()
	}
	if n := h.ResponseWriter.(*discard).writes; n != 2 {
		t.Errorf("10000 bytes went out in %d writes, want 2, and the rest at the end", n)
	}
}

// discard counts the writes.
type discard struct {
	http.ResponseWriter
	writes int
}

func (d *discard) Write(p []byte) (int, error) { d.writes++; return len(p), nil }
func (d *discard) Flush()                      {}

// A client that takes no gzip gets none: curl does not see that fault.
func TestCompressesForWhoTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		r, _ := http.NewRequest("GET", "http://experiment.test/sse?fault=gzip&"+query, nil)
		r.Header.Set("Accept-Encoding", "br;q=1, identity")
		begun := time.Now()
		if got := read(s.Do(t, r), begun); got.reads != inTime {
			t.Errorf("got %q", got.reads)
		}
	})
}

// Compressors are large: there are so many and no more, and each is given back.
func TestCompressorsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		ask := func(path string) *http.Response {
			r, _ := http.NewRequest("GET", "http://experiment.test"+path, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			return s.Do(t, r)
		}
		for range 2 {
			var all sync.WaitGroup
			for range maxZipped {
				all.Go(func() { io.Copy(io.Discard, ask("/sse?fault=gzip&every=1000&total=3").Body) })
			}
			synctest.Wait()
			more := ask("/sse?fault=gzip&total=1")
			if body, _ := io.ReadAll(more.Body); more.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), `"too-many-streams"`) {
				t.Errorf("one more got %s: %s", more.Status, body)
			}
			if other := ask("/sse?fault=buffer&total=1"); other.StatusCode != http.StatusOK {
				t.Errorf("one that needs none got %s", other.Status)
			}
			all.Wait()
			synctest.Wait()
		}
	})
}

// The server picks three of the faults, the same on both sides of a run.
func TestSurprise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		orders := map[string]bool{}
		for i := range 12 {
			var picked []string
			for round := 1; round <= rounds; round++ {
				picked = append(picked, pickedBy(t, s, fmt.Sprintf("%s&fault=surprise&capture=surprise-%d&round=%d", query, i, round)))
			}
			if set := slices.Compact(slices.Sorted(slices.Values(picked))); len(set) != rounds {
				t.Errorf("run %d has the faults %q", i, picked)
			}
			if !slices.Contains(picked, "upgrade") {
				t.Errorf("run %d has the faults %q: an event stream alone meets them all", i, picked)
			}
			orders[strings.Join(picked, " ")] = true
		}
		if len(orders) < 6 {
			t.Errorf("12 runs had %d orders only", len(orders))
		}
	})
}

// pickedBy tells the fault from what a client sees of it, as the exercise asks.
func pickedBy(t *testing.T, s *experimenttest.Server, query string) string {
	if talkTo(t, s, query).status != http.StatusSwitchingProtocols {
		return "upgrade"
	}
	switch got := get(t, s, query, ""); {
	case got.broken && got.took == 1600*time.Millisecond:
		return "idle"
	case got.broken:
		return "deadline"
	case got.Get("Content-Encoding") != "":
		return "gzip"
	case got.reads == atOnce:
		return "buffer"
	default:
		t.Errorf("%s shows no fault: %+v", query, got)
		return "none"
	}
}

// A client that leaves ends everything on the way to the server.
func TestClientLeaves(t *testing.T) {
	for _, fault := range append([]string{"none"}, faults...) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t)
			ctx, leave := context.WithCancel(t.Context())
			r, _ := http.NewRequestWithContext(ctx, "GET", "http://experiment.test/sse?every=5000&timeout=10000&fault="+fault, nil)
			left := make(chan struct{})
			go func() {
				defer close(left)
				if response, err := s.Client.Do(r); err == nil {
					io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			}()
			var conn *websocket.Conn
			if fault != "upgrade" {
				conn = s.WebSocket(t, "/ws?every=5000&timeout=10000&fault="+fault)
			}
			synctest.Wait()
			if n := s.Runner.Open(); n < 2 {
				t.Fatalf("%d runs are open", n)
			}
			leave()
			<-left
			if conn != nil {
				conn.CloseNow()
			}
			synctest.Wait()
			if n := s.Runner.Open(); n != 0 {
				t.Errorf("%s: %d runs are still open", fault, n)
			}
		})
	}
}

// When the program closes, a WebSocket is told so through the proxy too.
func TestServerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		time.AfterFunc(1200*time.Millisecond, s.Close)
		done := make(chan talk)
		go func() { done <- talkTo(t, s, "every=500&fault=none") }()
		if got := get(t, s, "every=500&fault=none", ""); got.took != 1200*time.Millisecond {
			t.Errorf("the stream ended after %v", got.took)
		}
		if got := <-done; got.code != websocket.StatusGoingAway {
			t.Errorf("the socket: %+v", got)
		}
	})
}

// Of a connection that was taken over, no direction ends alone.
func TestTunnelEndsAtOnce(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	conn, _, err := (&tunnel{&hijackable{conn: halfCloser{near}}}).Hijack()
	if _, half := conn.(interface{ CloseWrite() error }); half || err != nil {
		t.Errorf("one direction of it can be closed, %v", err)
	}
}

type hijackable struct {
	http.ResponseWriter
	conn net.Conn
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.conn, nil, nil }

type halfCloser struct{ net.Conn }

func (halfCloser) CloseWrite() error { return nil }

// Each remedy helps against one fault, and against no other: so says the lesson.
func TestRemedies(t *testing.T) {
	against := map[string]string{"header": "buffer", "flush": "gzip", "heartbeat": "idle", "forward": "upgrade", "extend": "deadline"}
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		for remedy, cured := range against {
			for _, fault := range faults {
				query := query + "&fault=" + fault + "&remedy=" + remedy
				stream, socket := get(t, s, query, ""), talkTo(t, s, query)
				numbers := strings.Fields(strings.NewReplacer("450ms: :", "", "900ms: :", "", "1.35s: :", "", "1.8s: :", "", "2.25s: :", "").Replace(stream.reads))
				isWell := strings.Join(numbers, " ")+" " == inTime && !stream.broken && socket.reads == inTime && socket.code == websocket.StatusNormalClosure
				if isWell != (fault == cured) {
					t.Errorf("%s with %s: the stream %q, the socket %+v", fault, remedy, stream.reads, socket)
				}
			}
		}
	})
}

// A client that never reads is let go when a write has waited 10 s, by the
// proxy and by the server behind it.
func TestClientNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.StartWithBackends(t, New, playground.Limits{Duration: time.Hour})
		s.NeverReads(t, 2, "/ws?fault=none&total=100") // at the proxy, and behind it
	})
}

// Of a stream the same is tried without ReverseProxy, whose mutex synctest does
// not see through: the client has 10 s for a write, and silence costs it none.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		writes := func(w http.ResponseWriter, r *http.Request) {
			w = &patient{w}
			for {
				io.WriteString(w, ": hello\n\n")
				if err := http.NewResponseController(w).Flush(); err != nil {
					failed <- err
					return
				}
				time.Sleep(time.Minute)
			}
		}
		s := experimenttest.Start(t, playground.Experiment{SSE: writes, WS: writes}, playground.Limits{Duration: time.Hour})
		body := s.Get(t, "/sse").Body
		for range 3 {
			if _, err := io.ReadFull(body, make([]byte, 9)); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begun) != time.Minute+patience {
			t.Errorf("the write failed after %v with %v", time.Since(begun), err)
		}
	})
}

// A flush of the compressor that the client no longer takes is an error, which
// the caller of http.ResponseController's Flush gets to see.
func TestFlushSaysWhatFailed(t *testing.T) {
	for name, w := range map[string]http.ResponseWriter{
		"zipped": &zipped{ResponseWriter: broken{}, compressor: gzip.NewWriter(io.Discard), flushes: true},
		"held":   &held{ResponseWriter: flushless{}, through: true},
	} {
		if err := http.NewResponseController(w).Flush(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: the flush said %v", name, err)
		}
	}
	failing := &zipped{ResponseWriter: broken{}, compressor: gzip.NewWriter(broken{}), flushes: true}
	if err := failing.FlushError(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("the compressor's error was dropped: %v", err)
	}
}

// broken is a response whose client has left.
type broken struct{ http.ResponseWriter }

func (broken) Write(p []byte) (int, error) { return 0, io.ErrShortWrite }
func (broken) FlushError() error           { return net.ErrClosed }

// flushless takes what is written, and no flush.
type flushless struct{ broken }

func (flushless) Write(p []byte) (int, error) { return len(p), nil }
