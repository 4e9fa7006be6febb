package many

import (
	"context"
	"encoding/json"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

var bothSides = []string{"sse", "ws"}

// bubble follows a run in virtual time, as a page does.
func bubble(t *testing.T, side, query string, check func(t *testing.T, v *visitor)) {
	t.Run(side, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			check(t, newVisitor(t, side, "run=a-run&"+query).follow(t))
		})
	})
}

// What the lesson says of the four ways to come back; with -v, its table.
func TestWaves(t *testing.T) {
	for _, side := range bothSides {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			waves := map[string]wave{}
			for _, policy := range []string{"fixed", "backoff", "jitter", "both"} {
				synctest.Test(t, func(t *testing.T) {
					v := newVisitor(t, side, "run=a-run&policy="+policy).follow(t)
					waves[policy] = v.wave()
					t.Logf("%s: %+v", policy, waves[policy])
					if s := v.last(); s.Lost != 0 || s.Gone != 0 {
						t.Errorf("%s: %d messages are lost, and %d clients are gone", policy, s.Lost, s.Gone)
					}
				})
			}
			fixed, backoff, jitter, both := waves["fixed"], waves["backoff"], waves["jitter"], waves["both"]
			if fixed.peak < 195 || backoff.peak < 195 {
				t.Errorf("without jitter, %d and %d clients came at once, of 201", fixed.peak, backoff.peak)
			}
			if jitter.peak > 100 || both.peak > 100 {
				t.Errorf("with jitter, %d and %d clients came at once, of 201", jitter.peak, both.peak)
			}
			if jitter.back == 0 || fixed.back == 0 || jitter.back >= fixed.back {
				t.Errorf("all were back after %v with jitter, and after %v without", jitter.back, fixed.back)
			}
			if backoff.out == 0 && backoff.back < fixed.back {
				t.Errorf("backoff without jitter brought all back after %v, the fixed delay after %v", backoff.back, fixed.back)
			}
			if jitter.attempts*3 > fixed.attempts*2 || both.attempts*3 > fixed.attempts*2 {
				t.Errorf("%d attempts with jitter, %d with backoff too, %d with neither", jitter.attempts, both.attempts, fixed.attempts)
			}
		})
	}
}

// Backoff is for outages that last.
func TestLongOutage(t *testing.T) {
	for _, side := range bothSides {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			waves := map[string]wave{}
			for _, policy := range []string{"jitter", "both"} {
				synctest.Test(t, func(t *testing.T) {
					waves[policy] = newVisitor(t, side, "run=a-run&clients=50&down=6000&policy="+policy).follow(t).wave()
				})
			}
			if waves["both"].attempts*3 > waves["jitter"].attempts*2 {
				t.Errorf("%d attempts with backoff, %d without", waves["both"].attempts, waves["jitter"].attempts)
			}
		})
	}
}

// Nobody loses a message over a restart, and nobody gets one twice.
func TestReplay(t *testing.T) {
	for _, side := range bothSides {
		bubble(t, side, "clients=20", func(t *testing.T, v *visitor) {
			for i, s := range v.samples {
				if s.Number != i+1 {
					t.Fatalf("sample %d is number %d", i+1, s.Number)
				}
			}
			want := []string{"cut", "end", "204"}
			if side == "ws" {
				want = []string{"cut", "1000"}
			}
			if !slices.Equal(v.ends, want) {
				t.Errorf("the visitor's connections ended with %q", v.ends)
			}
			if s := v.last(); s.Connected != 21 || s.Lost != 0 {
				t.Errorf("at the end: %+v", s)
			}
			replayed := int64(0)
			for _, s := range v.samples {
				replayed += s.Replayed
			}
			if replayed < 20*4 {
				t.Errorf("%d messages were replayed to 20 clients that missed five each, or a little less", replayed)
			}
		})
	}
}

// A log that is shorter than the outage has not got what was missed.
func TestShortLog(t *testing.T) {
	for _, side := range bothSides {
		bubble(t, side, "clients=20&log=2", func(t *testing.T, v *visitor) {
			if v.last().Lost == 0 {
				t.Error("nothing is lost")
			}
			holes := 0
			for i := 1; i < len(v.samples); i++ {
				if v.samples[i].Number > v.samples[i-1].Number+1 {
					holes++
				}
			}
			if holes != 1 {
				t.Errorf("the visitor sees %d holes", holes)
			}
		})
	}
}

// A 503 ends an EventSource for good. A program of one's own tries again.
func TestStatus503(t *testing.T) {
	for _, c := range []struct {
		side, policy string
		final        bool
	}{{"sse", "fixed", true}, {"sse", "both", false}, {"ws", "fixed", false}} {
		t.Run(c.policy, func(t *testing.T) {
			bubble(t, c.side, "clients=60&rate=30&full=503&policy="+c.policy, func(t *testing.T, v *visitor) {
				if gone := v.last().Gone; (gone > 30) != c.final || !c.final && gone != 0 {
					t.Errorf("%d of 60 are gone for good", gone)
				}
			})
		})
	}
}

// While one server hands over, the next is there: nobody is turned away.
func TestDrain(t *testing.T) {
	for _, side := range bothSides {
		bubble(t, side, "clients=60&restart=drain", func(t *testing.T, v *visitor) {
			draining := 0
			for _, s := range v.samples {
				if s.Refused > 0 || s.Server == "down" {
					t.Errorf("%+v", s)
				}
				if s.Server == "draining" {
					draining++
				}
			}
			if draining < 14 || draining > 16 {
				t.Errorf("it took %d samples", draining)
			}
			if want := map[string]string{"sse": "end", "ws": "1012"}[side]; v.ends[0] != want {
				t.Errorf("the visitor was let go with %q", v.ends[0])
			}
			if w := v.wave(); w.out != 0 || w.peak > 20 {
				t.Errorf("%+v", w)
			}
		})
	}
}

// The visitor's own program can bring the clients. The restart comes when they
// are all there, and the end when they are all back.
func TestOwnClients(t *testing.T) {
	for _, side := range bothSides {
		synctest.Test(t, func(t *testing.T) {
			first := newVisitor(t, side, "run=a-run&crowd=own&clients=2")
			second := first.another(first.query)
			done := make(chan bool)
			go func() {
				time.Sleep(3 * time.Second)
				second.follow(t)
				done <- true
			}()
			first.follow(t)
			<-done
			for _, v := range []*visitor{first, second} {
				if w := v.wave(); v.ends[0] != "cut" || w.attempts != 2 || w.out != 0 {
					t.Errorf("%s: %q, %+v", side, v.ends, w)
				}
			}
			if at := first.last().At; at < 5000 || at > 8000 {
				t.Errorf("%s: the run took %d ms", side, at)
			}
		})
	}
}

// What crowds take is limited over all runs, and given back.
func TestCrowded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := newRuns(t.Context(), 450)
		e := New(t.Context())
		e.SSE, e.WS = runs.serveSSE, runs.serveWS
		first := visit(t, e, "sse", "run=first")
		second, third := first.another("run=second"), first.another("run=third")
		second.side = "ws"
		ends := make(chan string)
		for _, v := range []*visitor{first, second} {
			go func() { ends <- v.connect(t) }()
		}
		time.Sleep(time.Second)

		resp := first.server.Get(t, "/sse?run=third")
		var problem playground.Problem
		if err := json.NewDecoder(resp.Body).Decode(&problem); err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 503 || problem.Code != "crowded" || resp.Header.Get("Retry-After") != "10" {
			t.Errorf("one crowd too many gets %d, %+v", resp.StatusCode, problem)
		}
		third.side = "ws"
		if got := third.connect(t); got != "503" {
			t.Errorf("and over a WebSocket: %s", got)
		}
		for range 2 {
			if got := <-ends; got != "cut" {
				t.Errorf("the restart ends a connection with %q", got)
			}
		}
		time.Sleep(awayFor + time.Second) // nobody comes back
		if clients, open := runs.now(); clients != 0 || open != 0 {
			t.Errorf("%d clients are simulated, %d runs are open", clients, open)
		}
		if got := third.connect(t); got != "cut" {
			t.Errorf("when the crowds have gone, one more gets %q", got)
		}
		time.Sleep(awayFor + time.Second)
	})
}

// One large crowd does not keep all others out.
func TestRoom(t *testing.T) {
	for _, c := range []struct {
		free, clients int
		want          bool
	}{{4000, 1000, true}, {2000, 1000, true}, {1999, 1000, false}, {500, 300, false}, {500, 200, true}, {200, 200, true}, {199, 200, false}, {0, 0, true}} {
		if got := newRuns(t.Context(), c.free).take(netip.Prefix{}, c.clients); got != c.want {
			t.Errorf("%d clients where %d are free: %v", c.clients, c.free, got)
		}
	}
}

// Crowds of one peer leave room for another's.
func TestCrowdsOfOnePeer(t *testing.T) {
	one, other := playground.PeerAt("192.0.2.1:1"), playground.PeerAt("192.0.2.2:1")
	runs, n := newRuns(t.Context(), maxCrowd), 0
	for runs.take(one, usualClients) {
		n++
	}
	if n != maxCrowd/2/usualClients {
		t.Errorf("one peer has %d crowds of %d clients", n, usualClients)
	}
	if !runs.take(other, maxClients) {
		t.Error("another peer can't have the largest crowd")
	}
}

// A visitor who leaves takes the crowd along.
func TestVisitorLeaves(t *testing.T) {
	for _, side := range bothSides {
		synctest.Test(t, func(t *testing.T) {
			runs := newRuns(t.Context(), 500)
			e := New(t.Context())
			e.SSE, e.WS = runs.serveSSE, runs.serveWS
			v := visit(t, e, side, "run=a-run")
			ctx, leave := context.WithCancel(t.Context())
			go v.connectUntil(ctx, t)
			time.Sleep(1500 * time.Millisecond)
			if clients, _ := runs.now(); clients != 200 {
				t.Errorf("%d clients are simulated, and a run has 200", clients)
			}
			leave()
			time.Sleep(2 * time.Second)
			if clients, open := runs.now(); clients != 0 || open != 0 {
				t.Errorf("%s: %d clients are simulated, %d runs are open", side, clients, open)
			}
		})
	}
}

// When the site closes, no crowd stays behind.
func TestServerCloses(t *testing.T) {
	for _, side := range bothSides {
		synctest.Test(t, func(t *testing.T) {
			life, end := context.WithCancelCause(context.Background())
			v := visit(t, New(life), side, "run=a-run")
			time.AfterFunc(time.Second, func() {
				end(playground.ErrServerClosing)
				v.server.Close()
			})
			want := map[string]string{"sse": "end", "ws": "1001"}[side]
			if got := v.connect(t); got != want {
				t.Errorf("the visitor got %q, want %q", got, want)
			}
		})
	}
}

// A crowd whose visitor is away ends with the server too, and at once.
func TestServerClosesWhileVisitorIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		life, end := context.WithCancelCause(context.Background())
		runs := newRuns(life, 500)
		e := New(life)
		e.SSE, e.WS = runs.serveSSE, runs.serveWS
		v := visit(t, e, "sse", "run=a-run")
		if got := v.connect(t); got != "cut" {
			t.Errorf("the restart ends a connection with %q", got)
		}
		end(playground.ErrServerClosing)
		synctest.Wait()
		if clients, open := runs.now(); clients != 0 || open != 0 {
			t.Errorf("%d clients are simulated, %d runs are open", clients, open)
		}
	})
}

// Who comes back when the run is over is told so.
func TestGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, "sse", "run=no-such-run")
		v.samples = []sample{{Number: 7}}
		if got := v.connect(t); got != "204" {
			t.Errorf("the stream: %s", got)
		}
		v.side = "ws"
		if got := v.connect(t); got != "1000" {
			t.Errorf("the socket: %s", got)
		}
	})
}

// On a real connection a crash is a reset, and so is the end of a client too
// many; a server that hands over says so.
func TestOnTheWire(t *testing.T) {
	full := &door{every: time.Hour, free: time.Now().Add(time.Hour)}
	for _, side := range bothSides {
		for _, c := range []struct {
			name string
			door *door
			full string
			end  websocket.StatusCode // of the only member
			want map[string]string
		}{
			{"crash", nil, "", cut, map[string]string{"sse": "reset", "ws": "reset"}},
			{"handover", nil, "", websocket.StatusServiceRestart, map[string]string{"sse": "end", "ws": "1012"}},
			{"cut", full, "cut", 0, map[string]string{"sse": "reset", "ws": "reset"}},
			{"503", full, "503", 0, map[string]string{"sse": "503", "ws": "503"}},
		} {
			t.Run(side+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				journal := newJournal(10)
				s := &server{hub: newHub(journal), door: c.door, full: c.full, policy: policy{"fixed", time.Second}}
				v := onLoopback(t, s, side)
				if c.end == 0 {
					if got := v.connect(t); got != c.want[side] {
						t.Errorf("a client too many gets %q", got)
					}
					return
				}
				ended := make(chan string)
				go func() { ended <- v.connect(t) }()
				for members := 0; members == 0; members, _ = s.hub.size() {
					runtime.Gosched()
				}
				s.hub.publish(journal.add(sample{Number: 1}.String()))
				for v.messages.Load() == 0 { // what has not arrived, a reset throws away
					runtime.Gosched()
				}
				s.hub.close(c.end)
				if got := <-ended; got != c.want[side] {
					t.Errorf("the connection ends with %q", got)
				}
			})
		}
	}
}
