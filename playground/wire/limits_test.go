package wire_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground/wire"
)

// A full capture has how each side of its connections began, and the newest, of
// whichever connection it is.
func TestNewest(t *testing.T) {
	small := limits
	small.CaptureBytes = 200_000
	var n atomic.Int64
	s := newSite(t, small, func(w http.ResponseWriter, r *http.Request) {
		for range 3000 {
			fmt.Fprintf(w, "data: %d %s\n\n", n.Add(1), strings.Repeat("x", 90))
			w.(http.Flusher).Flush()
		}
	})
	var responses [2]string
	for i := range responses {
		c := s.dial(t)
		io.WriteString(c, get("capture=capture-a", "Connection: close"))
		response, err := io.ReadAll(c)
		if err != nil {
			t.Fatal(err)
		}
		responses[i] = string(response)
	}
	got := s.await(t, "capture-a", func(c []wire.Connection) bool { return len(c) == 2 && len(c[1].Ends) > 0 })
	held := 0
	for i, c := range got {
		held += len(c.Client) + len(c.Server) + 64*len(c.Segments)
		if len(c.Gaps) != 1 || c.Gaps[0].From != wire.Server || c.Dropped != 0 {
			t.Fatalf("connection %d has the gaps %v and dropped %d", c.Number, c.Gaps, c.Dropped)
		}
		g := c.Gaps[0]
		all := responses[i]
		if g.Offset < 16<<10 || string(c.Server) != all[:g.Offset]+all[g.Offset+g.Length:] {
			t.Errorf("connection %d: %d bytes with a gap of %d at %d do not begin and end as the %d that were sent", c.Number, len(c.Server), g.Length, g.Offset, len(all))
		}
		var offset int64
		for _, s := range c.Segments {
			if s.From == wire.Server {
				if s.Offset != offset {
					t.Fatalf("a segment at %d, want %d", s.Offset, offset)
				}
				offset += int64(s.Length)
			}
		}
		if offset != int64(len(c.Server)) {
			t.Errorf("the segments of connection %d have %d bytes of %d", c.Number, offset, len(c.Server))
		}
	}
	if len(got[0].Server) > 20_000 {
		t.Errorf("of the old connection there are %d bytes", len(got[0].Server))
	}
	if held > 200_000 || held < 100_000 {
		t.Errorf("holds %d of 200000", held)
	}
	if _, used := s.store.Held(); used != int64(held) {
		t.Errorf("counts %d, holds %d", used, held)
	}
}

// However many connections a full capture has, it has the newest of each.
func TestNewestOfMany(t *testing.T) {
	const members, messages = 200, 300
	capture, conns, done := recordMany(t, 1<<20, members)
	defer done()
	event := func(i, n int) string { return fmt.Sprintf("data: %d of %d %060d\n\n", n, i, 0) }
	chunk := func(i, n int) string { return fmt.Sprintf("%x\r\n%s\r\n", len(event(i, n)), event(i, n)) }
	for n := range messages {
		for i, conn := range conns {
			io.WriteString(conn, chunk(i, n))
		}
	}
	held := 0
	for i, c := range capture.Snapshot() {
		held += len(c.Client) + len(c.Server) + 64*len(c.Segments)
		if c.Dropped > 0 || len(c.Gaps) != 1 {
			t.Fatalf("connection %d has the gaps %v and dropped %d", c.Number, c.Gaps, c.Dropped)
		}
		begins, ends := string(c.Server[:c.Gaps[0].Offset]), string(c.Server[c.Gaps[0].Offset:])
		if !strings.HasPrefix(begins, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(begins, "\n\n\r\n") ||
			!strings.HasSuffix(ends, chunk(i, messages-2)+chunk(i, messages-1)) {
			t.Fatalf("connection %d begins with %q and ends with %q", c.Number, begins, ends)
		}
	}
	if held > 1<<20 || held < 1<<19 {
		t.Errorf("holds %d of %d", held, 1<<20)
	}
}

// A snapshot stays as it is while the capture goes on and lets more go.
func TestSnapshotKeepsItsGaps(t *testing.T) {
	capture, conns, done := recordMany(t, 60_000, 3)
	defer done()
	flood := func(conns ...net.Conn) {
		for i := range 900 {
			for _, c := range conns {
				fmt.Fprintf(c, "40\r\n%064d\r\n", i)
			}
		}
	}
	flood(conns...)
	flood(conns[1:]...) // nothing is left behind the gap of the first
	snapshot := capture.Snapshot()
	want := slices.Clone(snapshot[0].Gaps)
	flood(conns[0])
	if got := snapshot[0].Gaps; len(got) != 1 || !slices.Equal(got, want) {
		t.Errorf("the gaps are %v, and were %v", got, want)
	}
}

// What is recorded goes to memory once, in large pieces: a write takes no memory of its
// own, however many connections there are.
func TestRecordingAllocates(t *testing.T) {
	_, conns, done := recordMany(t, 1<<30, 200)
	defer done()
	event := []byte("57\r\ndata: " + strings.Repeat("x", 79) + "\n\n\r\n")
	perRound := testing.AllocsPerRun(20, func() {
		for _, conn := range conns {
			conn.Write(event)
		}
	})
	if perRound > 5 {
		t.Errorf("a message to 200 connections makes %v allocations", perRound)
	}
}

// Where there is nothing but how the connections began, what is past the limit is
// counted, and what is kept has no hole.
func TestCaptureBytes(t *testing.T) {
	small := limits
	small.CaptureBytes = 1000
	s := newSite(t, small, func(w http.ResponseWriter, r *http.Request) {
		for range 20 {
			io.WriteString(w, strings.Repeat("x", 90)+"\n")
			w.(http.Flusher).Flush()
		}
	})
	c := s.dial(t)
	request := get("capture=capture-a", "Connection: close")
	io.WriteString(c, request)
	response, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}

	got := s.await(t, "capture-a", ended(wire.Server, "fin"))[0]
	check(t, got, request, string(response[:len(got.Server)]))
	if want := int64(len(response) - len(got.Server)); got.Dropped != want || want == 0 {
		t.Errorf("dropped %d, want %d", got.Dropped, want)
	}
	if held := len(got.Client) + len(got.Server) + 64*len(got.Segments); held > 1000 || held < 900 {
		t.Errorf("holds %d of 1000", held)
	}
}

// A connection of which something was dropped stays as it is, even where there
// is room again.
func TestDroppedForGood(t *testing.T) {
	small := limits
	small.TotalBytes = 700
	s := newSite(t, small, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("x", 200))
	})
	// ask returns when what it was about is in the capture, or counted.
	ask := func(c net.Conn, id string) (exchange string) {
		t.Helper()
		before := 0
		if got := s.await(t, id, anything); len(got) > 0 {
			before = seen(got[0])
		}
		request := get("capture=" + id)
		io.WriteString(c, request)
		exchange = request + readResponse(t, bufio.NewReader(c))
		s.await(t, id, func(c []wire.Connection) bool { return len(c) > 0 && seen(c[0]) == before+len(exchange) })
		return exchange
	}
	follow := func(id string) (release func()) {
		t.Helper()
		c, err := s.store.Claim(id, netip.Prefix{})
		if err != nil {
			t.Fatal(err)
		}
		return c.Follow()
	}
	defer follow("capture-a")()
	release := follow("capture-b")

	a, b := s.dial(t), s.dial(t)
	ask(b, "capture-b")
	exchange := ask(a, "capture-a") // takes the last room
	ask(a, "capture-a")
	release()
	other := ask(s.dial(t), "capture-c") // finds room at the cost of b
	ask(a, "capture-a")

	if _, ok := s.store.Get("capture-b"); ok {
		t.Error("nobody follows b, but it is still there")
	}
	got := s.await(t, "capture-a", exists)[0]
	if kept := string(got.Client) + string(got.Server); kept != exchange || got.Dropped != int64(2*len(exchange)) {
		t.Errorf("kept %q and dropped %d, want %q and %d", kept, got.Dropped, exchange, 2*len(exchange))
	}
	if c := s.await(t, "capture-c", exists)[0]; string(c.Client)+string(c.Server) != other {
		t.Errorf("the one that found room has %q and %q", c.Client, c.Server)
	}
}

// seen counts the bytes that a capture knows of.
func seen(c wire.Connection) int {
	return len(c.Client) + len(c.Server) + int(c.Dropped)
}

func TestConnections(t *testing.T) {
	small := limits
	small.Connections = 2
	s := newSite(t, small, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "served") })
	for range 3 {
		c := s.dial(t)
		io.WriteString(c, get("capture=capture-a"))
		if response := readResponse(t, bufio.NewReader(c)); !strings.HasSuffix(response, "served") {
			t.Errorf("response: %q", response)
		}
	}
	if got := s.await(t, "capture-a", exists); len(got) != 2 || got[0].Number != 1 || got[1].Number != 2 {
		t.Errorf("connections: %+v", got)
	}
	if err := <-s.errs; !errors.Is(err, wire.ErrFull) {
		t.Errorf("Record: %v", err)
	}
}

// A head that is longer than what is held is recorded to where it was held, and
// covered although it has no end.
func TestLongHead(t *testing.T) {
	s := newSite(t, limits, func(w http.ResponseWriter, r *http.Request) {})
	c := s.dial(t)
	request := get("capture=capture-a", "Cookie: "+strings.Repeat("x", 100_000))
	io.WriteString(c, request)
	response := readResponse(t, bufio.NewReader(c))
	c.Close()

	got := s.await(t, "capture-a", ended(wire.Server, "fin"))[0]
	check(t, got, strings.ReplaceAll(request[:64<<10], "x", "*"), "")
	if want := int64(len(request) - 64<<10 + len(response)); got.Dropped != want {
		t.Errorf("dropped %d, want %d", got.Dropped, want)
	}
}

// A stream outlives its capture.
func TestExpiredUnderway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := serve(t, l, limits, func(w http.ResponseWriter, r *http.Request) {
			for range 3 {
				fmt.Fprintln(w, "data: x")
				w.(http.Flusher).Flush()
				time.Sleep(time.Hour)
			}
		})
		c := l.dial()
		io.WriteString(c, get("capture=capture-a", "Connection: close"))
		go func() {
			time.Sleep(time.Second)
			capture, ok := s.store.Get("capture-a")
			if !ok || len(capture.Snapshot()) != 1 {
				t.Error("there is no capture")
			}
			changed := capture.Changed()
			<-changed
			if !capture.Expired() || len(capture.Snapshot()) != 0 {
				t.Error("the first change was not that the capture has expired")
			}
			<-capture.Changed()
		}()
		response, err := io.ReadAll(c)
		if err != nil || strings.Count(string(response), "data: x") != 3 {
			t.Errorf("%q, %v", response, err)
		}
		if _, ok := s.store.Get("capture-a"); ok {
			t.Error("the capture is back")
		}
	})
}

// A connection that is still open doesn't hold on to what it was recorded in.
func TestExpiredIsFreed(t *testing.T) {
	one := limits
	one.Captures = 1
	store := wire.NewStore(one)
	defer store.Close()
	before := heap()

	tap := wire.Listen(newPipes())
	var open []net.Conn
	for i := range 20 {
		capture, err := store.Claim(fmt.Sprintf("capture-%d", i), netip.Prefix{})
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, record(t, tap, capture, make([]byte, 1<<20)))
	}
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("one capture of 1 MiB is left, but the heap has grown by %d KiB", grown>>10)
	}
	tap.CloseConns()
	runtime.KeepAlive(open)
}
