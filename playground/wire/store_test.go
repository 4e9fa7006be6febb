package wire_test

import (
	"errors"
	"fmt"
	"io"
	"net"
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
		if _, err := store.Claim(id); !errors.Is(err, wire.ErrBadID) {
			t.Errorf("Claim(%q): %v", id, err)
		}
	}
	for _, id := range []string{"eight--8", strings.Repeat("x", 64), "AZaz09_-"} {
		if _, ok := store.Get(id); ok {
			t.Errorf("%q is there before it was claimed", id)
		}
		c, err := store.Claim(id)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := store.Claim(id)
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
			c, err := store.Claim(id)
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

		defer b.Follow()()
		d, _ := store.Get("capture-d")
		defer d.Follow()()
		if _, err := store.Claim("capture-e"); !errors.Is(err, wire.ErrFull) {
			t.Errorf("all are followed, but Claim returned %v", err)
		}
		release()
		release()
		claim("capture-e")
		there("capture-b", "capture-d", "capture-e")
	})
}

func TestAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := wire.NewStore(limits)
		defer store.Close()
		claim := func(id string) *wire.Capture {
			t.Helper()
			c, err := store.Claim(id)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		a := claim("capture-a")
		defer a.Follow()()
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
		capture, err := store.Claim(fmt.Sprintf("capture-%d", i))
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
