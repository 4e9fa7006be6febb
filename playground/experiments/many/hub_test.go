package many

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// numbers takes what waits for a member.
func numbers(m *member) []int {
	var list []int
	for len(m.messages) > 0 {
		list = append(list, (<-m.messages).number)
	}
	return list
}

func TestJournal(t *testing.T) {
	j := newJournal(3)
	for range 5 {
		j.add("text")
	}
	for _, c := range []struct {
		after, last int
		want        []int
	}{
		{3, 5, []int{4, 5}}, {2, 5, []int{3, 4, 5}}, {0, 5, []int{3, 4, 5}}, {4, 4, nil}, {9, 5, nil}, {2, 3, []int{3}}, {0, 1, nil},
	} {
		var got []int
		for _, m := range j.between(c.after, c.last) {
			got = append(got, m.number)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("between %d and %d: %v, want %v", c.after, c.last, got, c.want)
		}
	}
	if !j.published(2).IsZero() || j.published(3).IsZero() {
		t.Error("the journal knows when 2 was published, or not when 3 was")
	}
}

func TestHub(t *testing.T) {
	j := newJournal(10)
	h := newHub(j)
	publish := func() { h.publish(j.add("text")) }
	publish()
	publish()
	newcomer, returning, ahead := h.join(0), h.join(1), h.join(9)
	publish()
	for _, c := range []struct {
		member *member
		want   []int
	}{{newcomer, []int{3}}, {returning, []int{2, 3}}, {ahead, []int{3}}} {
		if got := numbers(c.member); !slices.Equal(got, c.want) {
			t.Errorf("a member got %v, want %v", got, c.want)
		}
	}

	// Another server begins where the journal is, and both go on.
	next := newHub(j)
	m := j.add("text")
	late := next.join(2) // between the journal and the hub
	h.publish(m)
	next.publish(m)
	if got := numbers(late); !slices.Equal(got, []int{3, 4}) {
		t.Errorf("who came while a message was on its way got %v", got)
	}

	h.leave(returning)
	h.letGo(1, websocket.StatusServiceRestart)
	if members, left := h.size(); members != 1 || left != 1 {
		t.Errorf("%d members, %d have left", members, left)
	}
	h.close(cut)
	if last := h.join(0); last.end != cut || h.isOpen() {
		t.Errorf("who joins a closed hub gets %v", last.end)
	}
}

// Nobody waits for the slowest, and it does not lose what waits for it.
func TestSlowMember(t *testing.T) {
	j := newJournal(100)
	h := newHub(j)
	slow := h.join(0)
	for range maxQueue + 1 {
		h.publish(j.add("text"))
	}
	if members, _ := h.size(); members != 0 || slow.end != websocket.StatusTryAgainLater {
		t.Errorf("%d members, the slow one ended with %v", members, slow.end)
	}
	if got := numbers(slow); len(got) != maxQueue || got[0] != 1 {
		t.Errorf("it still gets %v", got)
	}
}

func TestDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(100)
		in := 0
		for range 50 {
			if _, err := d.queue(); err == nil {
				in++
			}
		}
		if in != 21 { // one at once, and as many as come in 200 ms
			t.Errorf("%d clients came in", in)
		}
		time.Sleep(100 * time.Millisecond)
		if turn, err := d.queue(); err != nil || turn != 110*time.Millisecond {
			t.Errorf("100 ms later the next waits %v, %v", turn, err)
		}
	})
}
