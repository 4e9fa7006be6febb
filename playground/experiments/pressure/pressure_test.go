package pressure

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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

// A seen is what a client reads of a price.
type seen struct{ N, Waiting, Dropped int }

func read(t *testing.T, text string) seen {
	t.Helper()
	var s seen
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatalf("%v: %.200q", err, text)
	}
	return s
}

// A reader takes one price at a time, from either side; ok is false at the end.
type reader interface {
	next(t *testing.T) (price string, ok bool)
	leave()
}

type streamReader struct {
	*http.Response
	lines *bufio.Reader
}

func (r streamReader) leave() { r.Body.Close() }
func (r socketReader) leave() { r.conn.CloseNow() }

func newStreamReader(response *http.Response) streamReader {
	return streamReader{response, bufio.NewReaderSize(response.Body, 16)}
}

func (r streamReader) next(t *testing.T) (string, bool) {
	for {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			return "", false
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			return strings.TrimSpace(data), true
		}
	}
}

type socketReader struct {
	conn  *websocket.Conn
	close *websocket.CloseError
}

func (r socketReader) next(t *testing.T) (string, bool) {
	_, data, err := r.conn.Read(context.Background())
	if err != nil {
		*r.close = websocket.CloseError{Code: websocket.CloseStatus(err)}
		return "", false
	}
	return string(data), true
}

// onBothSides runs a test in a bubble for each side. The connections there hold
// nothing, as if every buffer on the way were full all the time: a Write ends
// when the client reads.
func onBothSides(t *testing.T, query string, test func(t *testing.T, s *experimenttest.Server, r reader, code *websocket.CloseError)) {
	t.Run("sse", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := experimenttest.Start(t, New(), playground.Limits{})
			test(t, s, newStreamReader(s.Get(t, "/sse?"+query)), nil)
		})
	})
	t.Run("ws", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := experimenttest.Start(t, New(), playground.Limits{})
			conn := s.WebSocket(t, "/ws?"+query)
			conn.SetReadLimit(-1)
			var code websocket.CloseError
			test(t, s, socketReader{conn, &code}, &code)
		})
	})
}

// drain reads the rest, with a pause before each price.
func drain(t *testing.T, r reader, pause time.Duration) (all []seen) {
	t.Helper()
	for {
		time.Sleep(pause)
		text, ok := r.next(t)
		if !ok {
			return all
		}
		all = append(all, read(t, text))
	}
}

// A client that keeps up gets everything, and nothing ever waits.
func TestClientThatKeepsUp(t *testing.T) {
	for _, full := range []string{"block", "newest", "oldest", "coalesce", "disconnect"} {
		onBothSides(t, "total=20&size=1000&full="+full, func(t *testing.T, _ *experimenttest.Server, r reader, code *websocket.CloseError) {
			all := drain(t, r, 0)
			if len(all) != 20 {
				t.Fatalf("%d prices arrived", len(all))
			}
			for i, p := range all {
				if p != (seen{N: i + 1}) {
					t.Errorf("price %d: %+v", i+1, p)
				}
			}
			if code != nil && code.Code != websocket.StatusNormalClosure {
				t.Errorf("closed with %d", code.Code)
			}
		})
	}
}

// What becomes of prices when a client that needs ten times as long as the
// producer has filled the queue.
func TestClientThatIsSlow(t *testing.T) {
	const total = 60
	for _, c := range []struct {
		full       string
		all, final bool // whether all arrive, and whether the last has to
		most       int  // that wait
	}{
		{"block", true, true, 8},
		{"newest", false, false, 8}, // luck decides about the last
		{"oldest", false, true, 8},
		{"coalesce", false, true, 1},
	} {
		t.Run(c.full, func(t *testing.T) {
			query := fmt.Sprintf("every=10&total=%d&size=9000&queue=8&full=%s", total, c.full)
			onBothSides(t, query, func(t *testing.T, _ *experimenttest.Server, r reader, code *websocket.CloseError) {
				all := drain(t, r, 100*time.Millisecond)
				most, last := 0, all[len(all)-1]
				for i, p := range all {
					most = max(most, p.Waiting)
					if i > 0 && p.N <= all[i-1].N {
						t.Errorf("price %d comes after %d", p.N, all[i-1].N)
					}
				}
				if (len(all) == total) != c.all || c.final && last.N != total {
					t.Errorf("%d prices arrived, the last one is %d", len(all), last.N)
				}
				if most > c.most || most < c.most-1 {
					t.Errorf("%d waited, want about %d", most, c.most)
				}
				if !c.all && last.Dropped == 0 {
					t.Error("nothing is said of what was dropped")
				}
				if code != nil && code.Code != websocket.StatusNormalClosure {
					t.Errorf("closed with %d", code.Code)
				}
			})
		})
	}
}

// A client that is disconnected gets what has waited, and is told as far as
// its protocol can tell it.
func TestDisconnect(t *testing.T) {
	onBothSides(t, "every=10&total=60&size=9000&queue=8&full=disconnect", func(t *testing.T, s *experimenttest.Server, r reader, code *websocket.CloseError) {
		all := drain(t, r, 100*time.Millisecond)
		last := all[len(all)-1].N
		if last != len(all) || last < 8 || last > 20 {
			t.Errorf("%d prices arrived, the last one is %d", len(all), last)
		}
		if code != nil {
			if code.Code != websocket.StatusTryAgainLater {
				t.Errorf("closed with %d", code.Code)
			}
			return
		}
		// EventSource comes back, and says where it was.
		request, _ := http.NewRequest("GET", "http://experiment.test/sse?total=60", nil)
		request.Header.Set("Last-Event-ID", fmt.Sprint(last))
		again := newStreamReader(s.Do(t, request))
		if text, _ := again.next(t); read(t, text).N != last+1 {
			t.Errorf("it goes on with %.40s", text)
		}
	})
}

// When the last price has arrived, EventSource is to stop asking.
func TestNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		request, _ := http.NewRequest("GET", "http://experiment.test/sse?total=60", nil)
		request.Header.Set("Last-Event-ID", "60")
		if status := s.Do(t, request).StatusCode; status != http.StatusNoContent {
			t.Errorf("status %d", status)
		}
	})
}

// A client that reads nothing at all is given up after ten seconds, whatever
// the server does with what it can't send.
func TestClientThatNeverReads(t *testing.T) {
	for _, full := range []string{"block", "newest", "oldest", "coalesce", "disconnect"} {
		onBothSides(t, "total=200&full="+full, func(t *testing.T, s *experimenttest.Server, r reader, _ *websocket.CloseError) {
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if n := s.Runner.Open(); n != 1 {
				t.Fatalf("%s: after 5 s %d runs are open", full, n)
			}
			time.Sleep(15 * time.Second)
			synctest.Wait()
			if n := s.Runner.Open(); n != 0 {
				t.Errorf("%s: %d runs are still open", full, n)
			}
		})
	}
}

// Nobody waits for a producer that waits for a client that has left.
func TestClientLeaves(t *testing.T) {
	onBothSides(t, "total=200", func(t *testing.T, s *experimenttest.Server, r reader, _ *websocket.CloseError) {
		r.next(t)
		r.leave()
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d runs are open", n)
		}
	})
}

func TestServerCloses(t *testing.T) {
	onBothSides(t, "every=1000&total=200", func(t *testing.T, s *experimenttest.Server, r reader, code *websocket.CloseError) {
		r.next(t)
		s.Close()
		drain(t, r, 0)
		if code != nil && code.Code != websocket.StatusGoingAway {
			t.Errorf("closed with %d", code.Code)
		}
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d runs are open", n)
		}
	})
}

// A price is as long as the control says, to the byte.
func TestSize(t *testing.T) {
	for _, size := range []int{200, 1000, maxSize} {
		text := newPrice(maxTotal, maxTotal).text(maxQueue, size)
		if len(text) != size || !json.Valid([]byte(text)) {
			t.Errorf("%d bytes, want %d: %.150s", len(text), size, text)
		}
	}
}

func TestRefusesControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		for _, query := range []string{"total=201", "size=65537", "size=199", "queue=0", "queue=101", "every=0", "full=maybe", "work=201", "busy=1"} {
			if got := s.Get(t, "/sse?"+query); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s", query, got.Status)
			}
		}
	})
}
