package wire_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"seewire/playground/wire"
)

var here = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}

// hand gives one capture what another one has, as two servers do.
func hand(t *testing.T, to, from *wire.Capture, has *wire.Cursor, server string, limit int) {
	t.Helper()
	var begun []wire.PartSegment // of one segment
	for more := true; more; {
		var parts []wire.Part
		var lines []wire.Line
		parts, lines, more = from.News(has, limit, func(o wire.Origin) bool { return o.Server == "" })
		data, err := json.Marshal(parts)
		if err != nil {
			t.Fatal(err)
		}
		parts = nil
		json.Unmarshal(data, &parts)
		for _, p := range parts {
			p.Origin.Server = server
			var whole []wire.PartSegment
			for _, s := range p.Segments {
				if len(begun) > 0 {
					s.Offset, s.Bytes = begun[0].Offset, append(begun[0].Bytes, s.Bytes...)
					begun = nil
				}
				if s.Rest > 0 {
					begun = []wire.PartSegment{s}
					continue
				}
				whole = append(whole, s)
			}
			p.Segments = whole
			if err := to.Take(p); err != nil {
				t.Fatal(err)
			}
		}
		for _, line := range lines {
			to.TakeLine(line)
		}
	}
}

// What another server gets, in whatever pieces, is what was recorded.
func TestNewsOfACapture(t *testing.T) {
	store := wire.NewStore(limits)
	defer store.Close()
	elsewhere := wire.NewStore(limits)
	defer elsewhere.Close()
	c, _ := store.Claim("capture-1", netip.Prefix{})
	copied, _ := elsewhere.Claim("capture-1", netip.Prefix{})
	copied.Join()
	var has wire.Cursor
	var recorders []*wire.Recorder
	sides := []wire.Side{wire.Client, wire.Server}
	for i := range 300 {
		if i%60 == 0 {
			r, err := c.Record(here, here, "", true)
			if err != nil {
				t.Fatal(err)
			}
			recorders = append(recorders, r)
		}
		r := recorders[rand.IntN(len(recorders))]
		r.Add(sides[rand.IntN(2)], time.Now(), make([]byte, 1+rand.IntN(3000)))
		if i%50 == 7 {
			c.Log(wire.Line{Path: "/play/echo/ws", Text: fmt.Sprint(i)})
		}
		if rand.IntN(10) == 0 {
			hand(t, copied, c, &has, "ANOTHER", 1+rand.IntN(5000))
		}
	}
	for _, r := range recorders {
		r.End(wire.Client, time.Now(), "fin")
		r.End(wire.Server, time.Now(), "reset")
	}
	hand(t, copied, c, &has, "ANOTHER", 2000)
	copied.Arrange()
	same(t, copied.Snapshot(), c.Snapshot())
	if got, want := copied.Lines(), c.Lines(); len(got) != len(want) || got[1].Text != want[1].Text || !got[1].At.Round(0).Equal(want[1].At.Round(0)) {
		t.Errorf("the lines are %v, not %v", got, want)
	}
	// What is told again changes nothing, and what was taken is not told on.
	hand(t, copied, c, new(wire.Cursor), "ANOTHER", 4000)
	same(t, copied.Snapshot(), c.Snapshot())
	if parts, lines, _ := copied.News(new(wire.Cursor), 1<<20, func(o wire.Origin) bool { return o.Server == "" }); parts != nil || lines != nil {
		t.Errorf("%d parts and %d lines are told on", len(parts), len(lines))
	}
}

func same(t *testing.T, got, want []wire.Connection) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("there are %d connections, not %d", len(got), len(want))
	}
	for i := range got {
		g, w := got[i], want[i]
		if g.Number != w.Number || g.Peer != w.Peer || g.Local != w.Local || g.Protocol != w.Protocol || string(g.Client) != string(w.Client) || string(g.Server) != string(w.Server) ||
			len(g.Segments) != len(w.Segments) || len(g.Ends) != len(w.Ends) || !reflect.DeepEqual(g.Gaps, w.Gaps) || g.Dropped != w.Dropped {
			t.Fatalf("connection %d differs: %d and %d bytes in %d segments, ends %v, gaps %v; %d and %d bytes in %d segments, ends %v, gaps %v", i,
				len(g.Client), len(g.Server), len(g.Segments), g.Ends, g.Gaps, len(w.Client), len(w.Server), len(w.Segments), w.Ends, w.Gaps)
		}
		for j, s := range g.Segments {
			if o := w.Segments[j]; s.From != o.From || s.Offset != o.Offset || s.Length != o.Length || !s.At.Round(0).Equal(o.At.Round(0)) {
				t.Fatalf("segment %d of connection %d is %v, not %v", j, i, s, o)
			}
		}
	}
}

// A capture that is full has let go of bytes before the other server had them: there,
// too, a side has one gap, and it is as long.
func TestNewsOfAFullCapture(t *testing.T) {
	small := limits
	small.CaptureBytes = 200 << 10
	store := wire.NewStore(small)
	defer store.Close()
	elsewhere := wire.NewStore(limits)
	defer elsewhere.Close()
	c, _ := store.Claim("capture-1", netip.Prefix{})
	copied, _ := elsewhere.Claim("capture-1", netip.Prefix{})
	var has wire.Cursor
	r, err := c.Record(here, here, "", true)
	if err != nil {
		t.Fatal(err)
	}
	sent := int64(0)
	for i := range 200 {
		p := make([]byte, 4000)
		copy(p, fmt.Sprint(i))
		r.Add(wire.Server, time.Now(), p)
		sent += int64(len(p))
		if i%90 == 3 {
			hand(t, copied, c, &has, "ANOTHER", 5000)
		}
	}
	hand(t, copied, c, &has, "ANOTHER", 5000)
	got, want := copied.Snapshot()[0], c.Snapshot()[0]
	if len(got.Gaps) != 1 || got.Gaps[0].Offset != want.Gaps[0].Offset || int64(len(got.Server))+got.Gaps[0].Length != sent {
		t.Fatalf("%d bytes and %v, %d bytes and %v", len(got.Server), got.Gaps, len(want.Server), want.Gaps)
	}
	if from := got.Gaps[0].Offset; string(got.Server[:from]) != string(want.Server[:from]) ||
		string(got.Server[len(got.Server)-4000:]) != string(want.Server[len(want.Server)-4000:]) {
		t.Error("other bytes are left")
	}
	if held, bytes := elsewhere.Held(); held != 1 || bytes != int64(len(got.Server)+64*len(got.Segments)) {
		t.Errorf("%d bytes are counted, of %d in %d segments", bytes, len(got.Server), len(got.Segments))
	}
}

// Connections are numbered in the order in which they began, wherever that was.
func TestNumbersOfAJointCapture(t *testing.T) {
	store := wire.NewStore(limits)
	defer store.Close()
	c, _ := store.Claim("capture-1", netip.Prefix{})
	began := c.Now()
	part := func(server string, number int, after time.Duration) wire.Part {
		return wire.Part{Origin: wire.Origin{Server: server, Number: number}, Began: began.Add(after), Peer: fmt.Sprint(server, number)}
	}
	peers := func() (all []string) {
		for i, connection := range c.Snapshot() {
			if connection.Number != i+1 {
				t.Errorf("place %d has number %d", i, connection.Number)
			}
			all = append(all, connection.Peer)
		}
		return all
	}
	c.Join()
	release := c.Follow()
	for _, p := range []wire.Part{part("B", 1, 20), part("A", 2, 30), part("A", 1, 10)} {
		if err := c.Take(p); err != nil {
			t.Fatal(err)
		}
	}
	if got := peers(); got != nil {
		t.Errorf("numbered at once: %v", got)
	}
	if c.Empty() {
		t.Error("it is empty")
	}
	c.Mark()
	if got := fmt.Sprint(peers()); got != "[A1 B1 A2]" {
		t.Error(got)
	}
	// What comes later has a later number, as long as somebody follows the capture.
	c.Take(part("B", 2, 25))
	if c.Arrange() || fmt.Sprint(peers()) != "[A1 B1 A2 B2]" {
		t.Error(peers())
	}
	release()
	if !c.Arrange() || fmt.Sprint(peers()) != "[A1 B1 B2 A2]" {
		t.Error(peers())
	}
	// A server that is gone says no more.
	if n := c.Gone(func(server string) bool { return server == "B" }); n != 2 {
		t.Errorf("%d have ended", n)
	}
	p := part("B", 1, 20)
	p.Segments = []wire.PartSegment{{From: wire.Server, At: began, Bytes: []byte("late")}}
	c.Take(p)
	if got := c.Snapshot()[1]; got.Ends[0].How != "gone" || got.Server != nil {
		t.Errorf("%v %q", got.Ends, got.Server)
	}
}
