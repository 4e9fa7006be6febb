package playground_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground"
)

var (
	one   = playground.PeerAt("192.0.2.1:1000")
	two   = playground.PeerAt("192.0.2.2:1000")
	three = playground.PeerAt("192.0.2.3:1000")
)

// takeAll takes places one by one, as long as a peer may, and returns how many.
func takeAll(p *playground.Places, peer netip.Prefix) (n int) {
	for p.Take(peer, 1) {
		n++
	}
	return n
}

func TestPeer(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1:1000", "192.0.2.1:2000", true},
		{"192.0.2.1:1000", "192.0.2.2:1000", false},
		{"192.0.2.1:1000", "[::ffff:192.0.2.1]:1000", true},
		{"[2001:db8::1]:1000", "[2001:db8::ffff:0:1]:1000", true}, // one network
		{"[2001:db8::1]:1000", "[2001:db8:0:1::1]:1000", false},
		{"[fe80::1%eth0]:1000", "[fe80::2%eth0]:1000", true},
		{"127.0.0.1:1000", "pipe", false},
	} {
		if same := playground.PeerAt(test.a) == playground.PeerAt(test.b); same != test.same {
			t.Errorf("%s and %s are one peer: %v", test.a, test.b, same)
		}
	}
	if playground.PeerAt("pipe").IsValid() {
		t.Error("a connection in memory has a peer")
	}
}

// However many a peer wants, and however many peers there are, one that comes
// after them finds places.
func TestShares(t *testing.T) {
	p := playground.NewPlaces(100)
	if n := takeAll(p, one); n != 50 {
		t.Errorf("the first peer has %d of 100 places", n)
	}
	if n := takeAll(p, two); n != 25 {
		t.Errorf("beside a peer with 50 another has %d", n)
	}
	for i := range 3 {
		if !p.Take(playground.PeerAt(fmt.Sprintf("198.51.100.%d:1", i)), 1) {
			t.Errorf("newcomer %d finds no place", i)
		}
	}
	p.Release(one, 50)
	if n := takeAll(p, two); n < 20 {
		t.Errorf("when the first peer has gone, the other gets only %d more", n)
	}

	if n := takeAll(playground.NewPlaces(100), netip.Prefix{}); n != 100 {
		t.Errorf("the server itself has %d of 100", n)
	}
	if n := takeAll(playground.NewPlaces(1), one); n != 1 {
		t.Errorf("of a single place a peer has %d", n)
	}
	if p := playground.NewPlaces(10); p.Take(one, 6) || !p.Take(one, 5) || p.Take(two, 6) {
		t.Error("several at once are not shared as one by one")
	}
}

// The peer with the fewest is the next, and of one peer who came first.
func TestWaitingOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := playground.NewPlaces(3)
		p.Take(netip.Prefix{}, 1)
		p.Take(one, 1)
		p.Take(two, 1)
		var order []string
		for _, w := range []struct {
			name string
			peer netip.Prefix
		}{{"one", one}, {"one again", one}, {"three", three}} {
			go func() {
				if p.Wait(t.Context(), w.peer, 1, time.Minute) {
					order = append(order, w.name)
					synctest.Wait()
					p.Release(w.peer, 1)
				}
			}()
			synctest.Wait()
		}
		p.Release(two, 1)
		time.Sleep(time.Second)
		synctest.Wait()
		if want := []string{"three"}; !slices.Equal(order, want) {
			t.Errorf("first came %q, want %q", order, want)
		}
		p.Release(one, 1)
		time.Sleep(time.Second)
		synctest.Wait()
		if want := []string{"three", "one", "one again"}; !slices.Equal(order, want) {
			t.Errorf("they came as %q, want %q", order, want)
		}
	})
}

func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := playground.NewPlaces(1)
		p.Take(one, 1)
		began := time.Now()
		if p.Wait(t.Context(), two, 1, 5*time.Second) || time.Since(began) != 5*time.Second {
			t.Errorf("it waited for %v", time.Since(began))
		}
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		if p.Wait(ctx, two, 1, 5*time.Second) {
			t.Error("who has left got a place")
		}
		p.Release(one, 1)
		if p.Taken() != 0 {
			t.Error("who has stopped waiting has a place")
		}
	})
}

// One peer's streams leave room for another's run.
func TestStreamsOfOnePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		runner := playground.NewRunner(playground.Limits{Streams: 100})
		h := runner.SSE(waiting(make(chan error, 100)))
		open := func(from string) *httptest.ResponseRecorder {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/sse", nil).WithContext(ctx)
			r.RemoteAddr = from
			go h.ServeHTTP(w, r)
			synctest.Wait()
			return w
		}
		var refused *httptest.ResponseRecorder
		for i := range 100 {
			if w := open(fmt.Sprintf("192.0.2.1:%d", i)); w.Code != http.StatusOK {
				refused = w
			}
		}
		if refused == nil || refused.Code != http.StatusServiceUnavailable || refused.Header().Get("Retry-After") == "" {
			t.Errorf("a peer with 100 of 100 streams was told %+v", refused)
		}
		if w := open("192.0.2.2:1"); w.Code != http.StatusOK {
			t.Errorf("another peer's run got %d", w.Code)
		}
		end()
	})
}
