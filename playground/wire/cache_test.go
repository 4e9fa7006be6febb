package wire

import (
	"testing"
	"unsafe"
)

// A Write needs one line of the processor's cache for the connection where it is not
// recorded, and two where it is. Memory for 128 bytes begins with a line.
func TestWriteNeedsFewCacheLines(t *testing.T) {
	var c Conn
	if end := unsafe.Offsetof(c.cover) + unsafe.Sizeof(c.cover); end > 64 {
		t.Errorf("it needs the first %d bytes", end)
	}
	if size := unsafe.Sizeof(c); size > 128 {
		t.Errorf("a connection has %d bytes", size)
	}
}
