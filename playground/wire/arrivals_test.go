package wire

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What arrives where somebody follows it takes no memory but where it stays. Where nobody
// does, none is kept for what may come.
func TestArrivals(t *testing.T) {
	var a arrivals
	var c Connection
	p := make([]byte, 200)
	made := testing.AllocsPerRun(1000, func() {
		for range 20 {
			a.add(&c, Server, 0, p)
		}
		a.deliver(time.Time{}, true)
	})
	if made > 1 {
		t.Errorf("20 segments take %.0f allocations", made)
	}
	if n := len(c.Segments); n != 1001*20 || len(c.Server) != n*len(p) {
		t.Errorf("there are %d segments of %d bytes", n, len(c.Server))
	}
	a.add(&c, Server, 0, p)
	a.deliver(time.Time{}, false)
	if a.segments != nil || a.blocks != nil {
		t.Error("memory is kept")
	}
}

// What arrives first after a delivery may be larger than the memory that was kept.
func TestArrivalLargerThanWhatIsKept(t *testing.T) {
	var a arrivals
	var c Connection
	want := 0
	for _, n := range []int{1, 4 << 10, 1, 100 << 10, 0, 1} {
		a.add(&c, Server, 0, make([]byte, n))
		a.deliver(time.Time{}, true)
		want += n
	}
	if len(c.Server) != want {
		t.Errorf("%d of %d bytes are delivered", len(c.Server), want)
	}
}

// A full capture that nobody has looked at before has what one has that somebody looks at
// now and then, where segments are recorded in the order of their times: how the
// connections began, and the newest.
func TestLetsGoAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(60) {
			looks := []int{0, 1, 7, 100} // after how many writes; 0 for never
			var captures []*Capture
			var stores []*Store
			for range looks {
				s := NewStore(Limits{CaptureBytes: 60_000, Captures: 1, TotalBytes: 1 << 20, Connections: 100, Age: time.Hour})
				c, err := s.Claim("capture-a", netip.Prefix{})
				if err != nil {
					t.Fatal(err)
				}
				captures, stores = append(captures, c), append(stores, s)
			}
			random := rand.New(rand.NewPCG(seed, 0))
			members, sizes := 1+random.IntN(30), 1+random.IntN(900)
			p := make([]byte, sizes)
			for n := range 1000 {
				time.Sleep(time.Microsecond)
				if random.IntN(3) == 0 { // or it is the message before
					p = make([]byte, 1+random.IntN(sizes))
					for i := range p {
						p[i] = byte(random.Int())
					}
				}
				member, side := random.IntN(members), Server
				if random.IntN(4) == 0 {
					side = Client
				}
				for i, c := range captures {
					for len(c.connections) <= member {
						c.mu.Lock()
						c.add(&Connection{})
						c.mu.Unlock()
					}
					c.write(c.connections[member], side, time.Now(), p)
					if looks[i] > 0 && n%looks[i] == 0 {
						c.Snapshot()
					}
				}
			}
			var want []Connection
			for i, c := range captures {
				got := c.Snapshot()
				var held int64
				for j := range got {
					got[j].Gaps = slices.SortedFunc(slices.Values(got[j].Gaps), func(a, b Gap) int { return strings.Compare(string(a.From), string(b.From)) })
					got[j].met = time.Time{}
					held += int64(len(got[j].Client)+len(got[j].Server)) + segmentCost*int64(len(got[j].Segments))
				}
				if held != c.used || held > 60_000 || stores[i].used.Load() != held {
					t.Fatalf("%d: it holds %d, and counts %d and %d", seed, held, c.used, stores[i].used.Load())
				}
				if want == nil {
					want = got
				}
				for j := range got {
					if !reflect.DeepEqual(got[j], want[j]) {
						t.Fatalf("%d: looked at after every %d, connection %d of %d is\n%+v and without that\n%+v", seed, looks[i], j, members, brief(got[j]), brief(want[j]))
					}
				}
				stores[i].Close()
			}
		}
	})
}

// brief is a connection without its bytes.
func brief(c Connection) string {
	return fmt.Sprint(len(c.Client), len(c.Server), c.Gaps, c.Dropped, len(c.Segments))
}

// A message to many is kept once, and those that are gone take no memory.
func TestArrivalsAreShared(t *testing.T) {
	var a arrivals
	connections := make([]Connection, 100)
	p := make([]byte, 1000)
	for n := range 200 {
		p[0] = byte(n)
		for i := range connections {
			a.add(&connections[i], Server, 0, p)
		}
	}
	room := func() (n int) {
		for _, b := range a.blocks {
			n += cap(b)
		}
		return n
	}
	if n := room(); n > 2*200*len(p) {
		t.Errorf("200 messages of %d bytes take %d", len(p), n)
	}
	const each = 1000 + segmentCost
	a.letGo(time.Time{}, 1000, 150*100*each)
	if n := room(); n > 60*len(p)+2*block {
		t.Errorf("the 50 newest take %d bytes", n)
	}
	a.deliver(time.Time{}, false)
	for i, c := range connections {
		if g := c.Gaps[0]; len(c.Segments) < 45 || len(c.Server)+int(g.Length) != 200*len(p) || c.Server[0] != 0 || int(c.Server[g.Offset]) != int(g.Offset+g.Length)/len(p) {
			t.Fatalf("connection %d: %s", i, brief(c))
		}
	}
}

// Connections have room for more only while somebody follows their capture, and only those
// that go on.
func TestRoomForMore(t *testing.T) {
	s := NewStore(Limits{CaptureBytes: 8 << 20, Captures: 1, TotalBytes: 8 << 20, Connections: 2, Age: time.Hour})
	defer s.Close()
	c, err := s.Claim("capture-a", netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	release := c.Follow()
	connections := []*Connection{{}, {}}
	for _, connection := range connections {
		c.add(connection)
		for range 70 {
			c.write(connection, Server, time.Time{}, make([]byte, 200))
		}
	}
	c.end(connections[1], Client, time.Time{}, "fin")
	c.end(connections[1], Server, time.Time{}, "fin")
	room := func(connection *Connection) int {
		return cap(connection.Server) - len(connection.Server) + cap(connection.Segments) - len(connection.Segments)
	}
	c.Snapshot()
	if on, over := room(connections[0]), room(connections[1]); on == 0 || over > 0 {
		t.Errorf("followed, there is room for %d more where it goes on and for %d where it is over", on, over)
	}
	release()
	if on := room(connections[0]); on > 0 {
		t.Errorf("there is room for %d more, and nobody follows", on)
	}
}
