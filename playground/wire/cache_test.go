package wire

import (
	"testing"
	"unsafe"
)

// A Write of a connection that is not recorded needs one line of the processor's cache.
func TestWriteNeedsOneCacheLine(t *testing.T) {
	var c Conn
	if end := unsafe.Offsetof(c.multiplex) + unsafe.Sizeof(c.multiplex); end > 64 {
		t.Errorf("it needs the first %d bytes", end)
	}
}
