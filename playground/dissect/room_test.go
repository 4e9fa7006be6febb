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

// Its lists are there where they are empty, and where they are longer than a block, and
// those are not kept.
func TestRoomHasAnyList(t *testing.T) {
	var r Room
	for range 3 * keptBlocks {
		if r.fields.take(0) == nil {
			t.Fatal("an empty list is nil")
		}
		for _, n := range []int{1, maxBlock, maxBlock + 1, 10 * maxBlock, 0} {
			if got := r.fields.take(n); got == nil || len(got) != n {
				t.Fatalf("of %d fields there are %d", n, len(got))
			}
		}
		for range 2 * keptBlocks {
			r.fields.take(maxBlock)
		}
		r.Reset()
		if n := len(r.fields.full) + len(r.fields.free); n > keptBlocks {
			t.Fatalf("it keeps %d blocks", n)
		}
	}
	for _, block := range r.fields.free {
		if cap(block) > maxBlock {
			t.Errorf("it keeps a block of %d fields", cap(block))
		}
	}
}
