package wire_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground/wire"
)

func TestClaim(t *testing.T) {
	store := wire.NewStore(limits)
	defer store.Close()

	for _, id := range []string{"", "short-7", strings.Repeat("x", 65), "capture/a", "capture a", "capture.a", "capturé-a", "capture\x00a"} {
		if _, err := store.Claim(id, netip.Prefix{}); !errors.Is(err, wire.ErrBadID) {
			t.Errorf("Claim(%q): %v", id, err)
		}
	}
	for _, id := range []string{"eight--8", strings.Repeat("x", 64), "AZaz09_-"} {
		if _, ok := store.Get(id); ok {
			t.Errorf("%q is there before it was claimed", id)
		}
		c, err := store.Claim(id, netip.Prefix{})
		if err != nil {
			t.Fatal(err)
		}
		again, _ := store.Claim(id, netip.Prefix{})
		got, _ := store.Get(id)
		if c.ID() != id || again != c || got != c {
			t.Errorf("%q: claimed %p, then %p, got %p", id, c, again, got)
		}
	}
}

// The capture that has been still for longest makes room, but not one that
// somebody follows.
func TestEviction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small := limits
		small.Captures = 3
		store := wire.NewStore(small)
		defer store.Close()
		claim := func(id string) *wire.Capture {
			t.Helper()
			time.Sleep(time.Second)
			c, err := store.Claim(id, netip.Prefix{})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		there := func(want ...string) {
			t.Helper()
			for _, id := range []string{"capture-a", "capture-b", "capture-c", "capture-d", "capture-e"} {
				if _, ok := store.Get(id); ok != strings.Contains(strings.Join(want, " "), id) {
					t.Errorf("%s: %v, want %v", id, ok, want)
				}
			}
		}
		release := claim("capture-a").Follow()
		b := claim("capture-b")
		claim("capture-c")
		claim("capture-b")
		claim("capture-d")
		there("capture-a", "capture-b", "capture-d")
		if b.Expired() {
			t.Error("b has expired")
		}

		d, _ := store.Get("capture-d")
		a, _ := store.Get("capture-a")
		tap := wire.Listen(newPipes())
		defer tap.CloseConns()
		for _, c := range []*wire.Capture{a, b, d} {
			record(t, tap, c, []byte("x"))
		}
		defer b.Follow()()
		defer d.Follow()()
		if _, err := store.Claim("capture-e", netip.Prefix{}); !errors.Is(err, wire.ErrFull) {
			t.Errorf("all are followed, but Claim returned %v", err)
		}
		release()
		release()
		claim("capture-e")
		there("capture-b", "capture-d", "capture-e")
	})
}

// One peer's captures don't make another's go, whether they are followed or not,
// empty or not, and leave room for new ones.
func TestCapturesOfOnePeer(t *testing.T) {
	for _, test := range []struct {
		name             string
		followed, filled bool
	}{{"still", false, false}, {"filled", false, true}, {"followed", true, false}, {"followed and filled", true, true}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				small := limits
				small.Captures = 100
				store := wire.NewStore(small)
				defer store.Close()
				tap := wire.Listen(newPipes())
				defer tap.CloseConns()
				one, other := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
				learner := func(n int) *wire.Capture {
					t.Helper()
					c, err := store.Claim(fmt.Sprintf("learner-%d", n), other)
					if err != nil {
						t.Fatalf("capture %d of another peer: %v", n, err)
					}
					record(t, tap, c, []byte("x"))
					time.Sleep(time.Second)
					return c
				}
				greedy := func() {
					for i := range 1000 {
						c, err := store.Claim(fmt.Sprintf("capture-%d", i), one)
						if err != nil {
							continue
						}
						if test.filled {
							record(t, tap, c, []byte("x"))
						}
						if test.followed {
							c.Follow()
						}
					}
				}
				handedOn := learner(0)
				time.Sleep(time.Minute)
				greedy()
				shown := []*wire.Capture{handedOn}
				for i := range 20 {
					c := learner(i + 1)
					c.Follow()
					shown = append(shown, c)
				}
				greedy()
				for i, c := range shown {
					if c.Expired() {
						t.Errorf("capture %d of another peer has gone", i)
					}
				}
			})
		})
	}
}

// What one peer fills with bytes is room for another all the same.
func TestBytesOfOnePeer(t *testing.T) {
	for _, followed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			small := limits
			small.TotalBytes = 1 << 20
			store := wire.NewStore(small)
			defer store.Close()
			tap := wire.Listen(newPipes())
			defer tap.CloseConns()
			one, other := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
			fill := func(id string, peer netip.Prefix, follow bool) *wire.Capture {
				c, err := store.Claim(id, peer)
				if err != nil {
					t.Fatal(err)
				}
				if follow {
					c.Follow()
				}
				record(t, tap, c, make([]byte, 100<<10))
				time.Sleep(time.Second)
				return c
			}
			first := fill("learner-1", other, false)
			for i := range 30 {
				fill(fmt.Sprintf("capture-%d", i), one, followed)
			}
			second := fill("learner-2", other, true)
			if first.Expired() {
				t.Errorf("followed %v: what was there of another peer has gone", followed)
			}
			if got := second.Snapshot(); len(got) != 1 || got[0].Dropped > 0 || len(got[0].Server) != 100<<10 {
				t.Errorf("followed %v: there was no room for another peer", followed)
			}
		})
	}
}

func TestAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := wire.NewStore(limits)
		defer store.Close()
		claim := func(id string) *wire.Capture {
			t.Helper()
			c, err := store.Claim(id, netip.Prefix{})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		a, watched := claim("capture-a"), claim("capture-w")
		release := watched.Follow()
		b := claim("capture-b")
		time.Sleep(20 * time.Minute)
		claim("capture-b")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if _, ok := store.Get("capture-a"); ok || !a.Expired() {
			t.Error("a is there after its age")
		}
		select {
		case <-a.Changed():
		default:
			t.Error("who waits for a waits for ever")
		}
		if got, ok := store.Get("capture-b"); !ok || got != b {
			t.Error("b is gone before its age")
		}
		if claim("capture-a") == a {
			t.Error("a came back")
		}
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if !b.Expired() {
			t.Error("b is there after its age")
		}
		time.Sleep(time.Hour)
		if watched.Expired() {
			t.Error("the one that is watched has gone")
		}
		release()
		time.Sleep(29 * time.Minute)
		synctest.Wait()
		if watched.Expired() {
			t.Error("the one that was watched has gone before its age")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !watched.Expired() {
			t.Error("the one that was watched is there after its age")
		}
	})
}

// However many runs there are, memory stays what the limits say.
func TestTenThousandRuns(t *testing.T) {
	small := limits
	small.TotalBytes = 4 << 20
	small.Captures = 500
	store := wire.NewStore(small)
	defer store.Close()
	before := heap()

	tap := wire.Listen(newPipes())
	message := make([]byte, 32<<10)
	for i := range 10_000 {
		capture, err := store.Claim(fmt.Sprintf("capture-%d", i), netip.Prefix{})
		if err != nil {
			t.Fatal(err)
		}
		record(t, tap, capture, message).Close()
	}
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("the heap has grown by %d KiB", grown>>10)
	}
	n := 0
	for i := range 10_000 {
		if _, ok := store.Get(fmt.Sprintf("capture-%d", i)); ok {
			n++
		}
	}
	if want := (4 << 20) / (32 << 10); n > want || n < want-2 {
		t.Errorf("%d captures are left, want about %d", n, want)
	}
	runtime.KeepAlive(store)
}

// record writes one message through a tapped connection, and returns that.
func record(t *testing.T, tap *wire.Listener, capture *wire.Capture, message []byte) net.Conn {
	t.Helper()
	go func() {
		c := tap.Listener.(*pipes).dial()
		io.Copy(io.Discard, c)
	}()
	c, err := tap.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.(*wire.Conn).Record(capture); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(message); err != nil {
		t.Fatal(err)
	}
	return c
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
