package class

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seewire/bus"
)

// A joined bus takes all, and is one of several servers.
type joined struct{ nowhere }

func (joined) Servers() []string { return []string{"here", "there"} }
func (joined) Several() bool     { return true }
func (joined) State() bus.State  { return bus.State{Shared: true, Connected: true, Servers: 2} }

// While a process stands still another server goes on with its classes. What comes in
// before it hears of that is not done twice, and is done if nobody has.
func TestProcessStoodStill(t *testing.T) {
	for _, elsewhere := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cs, err := New(Options{Bus: joined{}, Lesson: func(string) (Lesson, bool) { return Lesson{}, true }})
			if err != nil {
				t.Fatal(err)
			}
			defer cs.Close()
			c, _, err := cs.add("AAAAAA", strings.Repeat("A", 64), Visitor{}.Peer)
			if err != nil {
				t.Fatal(err)
			}
			cuts := func() int {
				c.mu.Lock()
				defer c.mu.Unlock()
				return len(c.r.Waves)
			}
			time.Sleep(5500 * time.Millisecond)
			c.mu.Lock()
			c.attended = c.attended.Add(-10 * time.Second)
			c.mu.Unlock()
			c.receive([]byte(`{"server":"there","seq":1,"role":"board","text":{"hand":{"id":"1","cut":{"how":"reset"}}}}`))
			if n := cuts(); n != 0 {
				t.Errorf("%d cuts at once", n)
			}
			want := 1
			if elsewhere {
				want = 0
				cs.hearsBeat("there", beat{Code: "AAAAAA", Since: c.since(), Term: 2})
			}
			time.Sleep(3 * time.Second)
			if n := cuts(); n != want {
				t.Errorf("%d cuts, want %d", n, want)
			}
		})
	}
}
