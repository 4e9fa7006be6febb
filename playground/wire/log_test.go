package wire_test

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"seewire/playground/wire"
)

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small := limits
		small.CaptureBytes = 2000
		store := wire.NewStore(small)
		defer store.Close()
		capture, err := store.Claim("capture-1", netip.Prefix{})
		if err != nil {
			t.Fatal(err)
		}
		changed := capture.Changed()
		capture.Log(wire.Line{Path: "/play/pressure/ws", Text: "queue full"})
		<-changed
		capture.Log(wire.Line{Path: "/play/pressure/sse", Text: "x" + strings.Repeat("é", 250)}) // 501 bytes: the last é does not fit
		lines := capture.Lines()
		if len(lines) != 2 || lines[0].Path != "/play/pressure/ws" || lines[0].Text != "queue full" || lines[1].Text != "x"+strings.Repeat("é", 249) {
			t.Errorf("%+v", lines)
		}

		for range 100 { // a handler that logs in a loop costs its own capture
			capture.Log(wire.Line{Path: "/play/pressure/ws", Text: strings.Repeat("y", 400)})
		}
		if n := len(capture.Lines()); n < 3 || n > 6 {
			t.Errorf("%d lines fit in 2000 bytes", n)
		}
	})
}
