package playground

import (
	"testing"
	"unsafe"
)

// What each write needs of a stream and of its response is in one line each of the
// processor's cache.
func TestWriteNeedsTwoCacheLines(t *testing.T) {
	const line = 64
	var s eventStream
	if end := unsafe.Offsetof(s.err) + unsafe.Sizeof(s.err); end > line {
		t.Errorf("of a stream a write needs the first %d bytes", end)
	}
	var r response
	if first, last := unsafe.Offsetof(r.stream)/line, (unsafe.Offsetof(r.deadline)+unsafe.Sizeof(r.deadline)-1)/line; first != last {
		t.Errorf("of a response a write needs the lines %d to %d", first, last)
	}
	if size := max(unsafe.Sizeof(s), unsafe.Sizeof(r)); size > 2*line {
		t.Errorf("%d bytes don't begin with a line", size) // the allocator has no multiple of it that is near
	}
}
