package wire

import (
	"net/netip"
	"testing"
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
			a.add(&c, Server, time.Time{}, p)
		}
		a.deliver(true)
	})
	if made > 1 {
		t.Errorf("20 segments take %.0f allocations", made)
	}
	if n := len(c.Segments); n != 1001*20 || len(c.Server) != n*len(p) {
		t.Errorf("there are %d segments of %d bytes", n, len(c.Server))
	}
	a.add(&c, Server, time.Time{}, p)
	a.deliver(false)
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
		a.add(&c, Server, time.Time{}, make([]byte, n))
		a.deliver(true)
		want += n
	}
	if len(c.Server) != want {
		t.Errorf("%d of %d bytes are delivered", len(c.Server), want)
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
