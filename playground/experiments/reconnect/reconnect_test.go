package reconnect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// events is the body of a stream that has the numbers from first to last.
func events(retry string, first, last int) string {
	var b strings.Builder
	if retry != "" {
		b.WriteString("retry: " + retry + "\n\n")
	}
	for n := first; n <= last; n++ {
		fmt.Fprintf(&b, "id: %d\ndata: %d\n\n", n, n)
	}
	return b.String()
}

// numbers are the messages of a socket, from first to last.
func numbers(first, last int) []string {
	var list []string
	for n := first; n <= last; n++ {
		list = append(list, strconv.Itoa(n))
	}
	return list
}

func TestStreamIsCutAndGoesOn(t *testing.T) {
	cases := []struct {
		how  string
		next answer // what the first request after the cut gets
	}{
		{"reset", answer{status: 200, typ: "text/event-stream", body: events("1000", 3, 4)}},
		{"end", answer{status: 200, typ: "text/event-stream", body: events("1000", 3, 4)}},
		{"204", answer{status: 204}},
		{"500", answer{status: 500, typ: "text/plain; charset=utf-8", body: "out of order, as the control says\n"}},
		{"type", answer{status: 200, typ: "text/plain; charset=utf-8", body: "data: an event stream by its looks, but not by its type\n\n"}},
		{"redirect", answer{status: 307, typ: "text/html; charset=utf-8", location: "/sse?capture=cut-stream&cut=2&every=50&from=2&how=redirect&total=4",
			body: `<a href="/sse?capture=cut-stream&amp;cut=2&amp;every=50&amp;from=2&amp;how=redirect&amp;total=4">Temporary Redirect</a>.` + "\n\n"}},
	}
	for _, c := range cases {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			s := onLoopback(t)
			query := "capture=cut-stream&cut=2&every=50&total=4&how=" + c.how

			first := s.get(t, query, "")
			if want := events("1000", 1, 2); first.body != want {
				t.Errorf("before the cut:\n%s\nwant:\n%s", first.body, want)
			}
			if reset := errors.Is(first.err, syscall.ECONNRESET); reset != (c.how == "reset") || !reset && first.err != nil {
				t.Errorf("the stream ended with %v", first.err)
			}
			if next := s.get(t, query, "2"); next != c.next {
				t.Errorf("after the cut: %+v\nwant: %+v", next, c.next)
			}
			// Whatever the answer was, it is given once.
			if then := s.get(t, query, "2"); then.body != events("1000", 3, 4) || then.err != nil {
				t.Errorf("the request after that: %+v", then)
			}
		})
	}
}

func TestSocketIsCutAndGoesOn(t *testing.T) {
	cases := []struct {
		how  string
		code websocket.StatusCode // that the cut says
		next int                  // status of the handshake after it
	}{
		{"reset", -1, 101},
		{"end", websocket.StatusGoingAway, 101},
		{"204", websocket.StatusGoingAway, 204},
		{"500", websocket.StatusGoingAway, 500},
		{"type", websocket.StatusGoingAway, 200},
		{"redirect", websocket.StatusGoingAway, 307},
	}
	for _, c := range cases {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			s := onLoopback(t)
			query := "capture=cut-socket&cut=2&every=50&total=4&how=" + c.how

			first := s.dial(t, query)
			if !slices.Equal(first.messages, numbers(1, 2)) || first.close != c.code {
				t.Errorf("before the cut: %+v", first)
			}
			if reset := errors.Is(first.err, syscall.ECONNRESET); reset != (c.how == "reset") {
				t.Errorf("the socket ended with %v", first.err)
			}
			next := s.dial(t, query+"&from=2")
			if next.status != c.next {
				t.Errorf("the handshake after the cut got %d, want %d", next.status, c.next)
			}
			if c.how == "redirect" && !strings.Contains(next.location, "from=2") {
				t.Errorf("redirected to %q", next.location)
			}
			if next.status != 101 {
				next = s.dial(t, query+"&from=2")
			}
			if !slices.Equal(next.messages, numbers(3, 4)) || next.close != websocket.StatusNormalClosure {
				t.Errorf("after the cut: %+v", next)
			}
		})
	}
}

// A number that nobody can have had last is no way to count on for ever.
func TestFromBeyondTheTotal(t *testing.T) {
	for _, from := range []string{"101", "9223372036854775807", "99999999999999999999"} {
		s := onLoopback(t)
		began := 1 // what is too large to be a number is none
		if from != "99999999999999999999" {
			began = 4
		}
		got := s.dial(t, "cut=0&every=50&total=3&from="+from)
		if !slices.Equal(got.messages, numbers(began, 3)) || got.close != websocket.StatusNormalClosure {
			t.Errorf("from=%s: %+v", from, got)
		}
	}
}

func TestControls(t *testing.T) {
	cases := []struct{ name, query, lastEventID, want string }{
		{"defaults but for the cut", "cut=0", "", events("1000", 1, 12)},
		{"retry", "cut=0&retry=250", "", events("250", 1, 12)},
		{"no retry", "cut=0&retry=0&total=2", "", events("", 1, 2)},
		{"no ids", "cut=0&ids=off&total=2", "", "retry: 1000\n\ndata: 1\n\ndata: 2\n\n"},
		{"a cut at the total is none", "cut=3&total=3&how=500", "", events("1000", 1, 3)},
		{"a cut that is behind is none", "cut=5", "5", events("1000", 6, 12)},
		{"from", "cut=0&from=10", "", events("1000", 11, 12)},
		{"Last-Event-ID before from", "cut=0&from=3", "10", events("1000", 11, 12)},
		{"what is not a number is none", "cut=0&total=2", "x", events("1000", 1, 2)},
		{"nor is one below", "cut=0&total=2&from=-7", "", events("1000", 1, 2)},
		{"the last number has arrived", "cut=0&total=12", "12", ""},
		{"and more than that", "cut=0&total=12", "99", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := inMemory(t)
				got := s.get(t, c.query, c.lastEventID)
				if got.body != c.want || got.err != nil {
					t.Errorf("got %q, %v\nwant %q", got.body, got.err, c.want)
				}
				if (got.status == http.StatusNoContent) != (c.want == "") {
					t.Errorf("status %d", got.status)
				}
			})
		})
	}
}

func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := inMemory(t)
		begun := time.Now()
		s.get(t, "cut=0&total=10&every=5000", "")
		if took := time.Since(begun); took != 50*time.Second {
			t.Errorf("the stream took %v", took)
		}
		begun = time.Now()
		s.dial(t, "cut=0&total=10&every=5000")
		if took := time.Since(begun); took != 50*time.Second {
			t.Errorf("the socket took %v", took)
		}
	})
}

// Without ids a client can't say where it was: it gets everything once more,
// is cut once only, and is told when it is over.
func TestWithoutIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := inMemory(t)
		query := "capture=without-ids&ids=off&how=end&total=7"
		for i, want := range []int{5, 7} {
			if got := s.get(t, query, ""); strings.Count(got.body, "data: ") != want {
				t.Errorf("request %d: %q", i+1, got.body)
			}
		}
		if got := s.get(t, query, ""); got.status != http.StatusNoContent {
			t.Errorf("the stream is over, and the next request gets %d", got.status)
		}
	})
}

// The server picks two moments, the same for the same run.
func TestSurprise(t *testing.T) {
	follow := func(t *testing.T, capture string) (cuts []string) {
		s, _ := inMemory(t)
		query := "moments=surprise&every=50&capture=" + capture
		last := ""
		for range 5 {
			got := s.dial(t, query+"&from="+last)
			if n := len(got.messages); n > 0 {
				last = got.messages[n-1]
			}
			if got.close == websocket.StatusNormalClosure {
				return cuts
			}
			cuts = append(cuts, last)
		}
		t.Fatalf("%s is cut again and again: %v", capture, cuts)
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		seen := map[string]bool{}
		for i := range 20 {
			capture := fmt.Sprintf("surprise-%d", i)
			cuts := follow(t, capture)
			if len(cuts) != 2 || cuts[0] == cuts[1] || slices.Contains(cuts, "12") {
				t.Errorf("%s was cut after %v", capture, cuts)
			}
			if again := follow(t, capture); !slices.Equal(cuts, again) {
				t.Errorf("%s was cut after %v, then after %v", capture, cuts, again)
			}
			seen[strings.Join(cuts, " ")] = true
		}
		if len(seen) < 10 {
			t.Errorf("20 runs were cut at %d moments only", len(seen))
		}
	})
}

// One run's cuts are no other's, and one side's not the other's.
func TestRunsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := inMemory(t)
		for _, capture := range []string{"one-of-them", "another-one"} {
			if got := s.get(t, "how=500&capture="+capture, ""); got.status != 200 {
				t.Errorf("%s begins with %d", capture, got.status)
			}
		}
		if got := s.dial(t, "how=500&capture=one-of-them"); got.status != 101 {
			t.Errorf("the socket begins with %d", got.status)
		}
		if got := s.get(t, "how=500&capture=one-of-them&run=2", ""); got.status != 200 {
			t.Errorf("another run of the same capture begins with %d", got.status)
		}
		if got := s.get(t, "how=500&capture=one-of-them", "5"); got.status != 500 {
			t.Errorf("the run goes on with %d", got.status)
		}
		for range 2 {
			if got := s.get(t, "how=500", ""); got.status != 200 {
				t.Errorf("a request that names no run gets %d", got.status)
			}
		}
	})
}

func TestPlansAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := inMemory(t)
		s.get(t, "how=500&capture=forget-me", "")
		time.Sleep(maxAge + time.Second)
		if got := s.get(t, "how=500&capture=forget-me", ""); got.status != 200 {
			t.Errorf("a minute later the run is still known: %d", got.status)
		}
	})
}

func TestPlansAreBounded(t *testing.T) {
	plans := newPlans()
	for i := range 2 * maxPlans {
		(&plan{plans: plans, key: uint64(i), cuts: []int{1}}).cutAfter(1)
	}
	if n := len(plans.byKey); n != maxPlans || plans.order.Len() != n {
		t.Errorf("%d plans are remembered, in a list of %d", n, plans.order.Len())
	}
	if plans.oldest().key != maxPlans {
		t.Errorf("the oldest plan is %d", plans.oldest().key)
	}
}

func TestRefusesControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := inMemory(t)
		for _, query := range []string{"cut=51", "how=maybe", "retry=-1", "ids=yes", "every=49", "total=0", "moments=never"} {
			if got := s.get(t, query, ""); got.status != 400 || got.typ != "application/problem+json" {
				t.Errorf("%s: %+v", query, got)
			}
			if got := s.dial(t, query); got.status != 400 {
				t.Errorf("%s: %+v", query, got)
			}
		}
	})
}

// A client that leaves ends the handler.
func TestClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server := inMemory(t)
		ctx, leave := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "GET", s.base+"/sse", nil)
		resp, err := s.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		conn, _, err := websocket.Dial(ctx, s.base+"/ws", &websocket.DialOptions{HTTPClient: s.Client})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := server.Runner.Open(); n != 2 {
			t.Fatalf("%d runs are open", n)
		}
		leave()
		conn.CloseNow()
		synctest.Wait()
		if n := server.Runner.Open(); n != 0 {
			t.Errorf("%d runs are still open", n)
		}
	})
}

// When the server closes, streams end and sockets are told 1001.
func TestServerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server := inMemory(t)
		time.AfterFunc(1200*time.Millisecond, server.Close)
		done := make(chan talk)
		go func() { done <- s.dial(t, url.Values{"cut": {"0"}}.Encode()) }()
		if got := s.get(t, "cut=0", ""); got.body != events("1000", 1, 3) || got.err != nil {
			t.Errorf("the stream: %+v", got)
		}
		if got := <-done; got.close != websocket.StatusGoingAway {
			t.Errorf("the socket: %+v", got)
		}
	})
}

// A client that never reads is let go when a write has waited 10 s.
func TestClientNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{Duration: time.Hour})
		s.NeverReads(t, 2, "/sse?cut=0&total=100", "/ws?cut=0&total=100")
	})
}
