package wire

import (
	"testing"
	"unsafe"
)

// A Write needs one line of the processor's cache for the connection, recorded or not.
func TestWriteNeedsOneCacheLine(t *testing.T) {
	var c Conn
	if end := unsafe.Offsetof(c.cover) + unsafe.Sizeof(c.cover); end > 64 {
		t.Errorf("it needs the first %d bytes", end)
	}
}
