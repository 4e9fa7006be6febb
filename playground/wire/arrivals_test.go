package wire

import (
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
