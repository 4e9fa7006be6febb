package dissect

import "testing"

// A room that is used again has the memory for a whole piece of a capture.
func TestRoomIsUsedAgain(t *testing.T) {
	var r Room
	use := func() {
		r.Reset()
		for range 500 {
			r.fields.take(5)
			r.phrases.take(3)
			r.states.put(SSE{})
		}
	}
	use() // at first its blocks are small
	if n := testing.AllocsPerRun(10, use); n > 0 {
		t.Errorf("to use it again takes %v allocations", n)
	}
	r.Reset()
	seen := map[*Field]bool{}
	for range 500 {
		fields := r.fields.take(5)
		if len(fields) != 5 || cap(fields) != 5 || seen[&fields[0]] {
			t.Fatal("fields lie where others do")
		}
		seen[&fields[0]] = true
	}
}
