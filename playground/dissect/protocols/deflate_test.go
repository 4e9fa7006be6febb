package protocols

import (
	"bytes"
	"compress/flate"
	"strings"
	"testing"

	"seewire/playground/dissect"
	"seewire/playground/dissect/internal/dissecttest"
	"seewire/playground/dissect/websocket"
)

// A deflater compresses messages as an endpoint does (RFC 7692 §7.2.1).
type deflater struct {
	takeover bool
	buffer   bytes.Buffer
	writer   *flate.Writer
}

func (d *deflater) compress(t *testing.T, message []byte) string {
	t.Helper()
	if d.writer == nil || !d.takeover {
		var err error
		if d.writer, err = flate.NewWriter(&d.buffer, 6); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.writer.Write(message); err != nil {
		t.Fatal(err)
	}
	if err := d.writer.Flush(); err != nil {
		t.Fatal(err)
	}
	defer d.buffer.Reset()
	return strings.TrimSuffix(d.buffer.String(), "\x00\x00\xff\xff")
}

// Messages of all sizes come out as they went in, far back references included.
func TestInflate(t *testing.T) {
	r := dissecttest.NewRand()
	words := strings.Fields("frame field chunk segment capture dissector 帧 字段 分块 报文")
	for _, extensions := range []string{"permessage-deflate", "permessage-deflate; client_no_context_takeover"} {
		d := deflater{takeover: !strings.Contains(extensions, "no_context")}
		var stream strings.Builder
		var want []string
		for i := range 60 {
			var message strings.Builder
			for range 1 << (i % 12) {
				message.WriteString(words[r.IntN(len(words))])
			}
			if i == 30 {
				message.WriteString(strings.Repeat("far ", 40<<10)) // more than a window
			}
			want = append(want, message.String())
			compressed := d.compress(t, []byte(message.String()))
			if i%3 == 0 { // in two fragments
				half := len(compressed) / 2
				stream.WriteString(wsFrame(0x41, "abcd", compressed[:half]))
				stream.WriteString(wsFrame(0x80, "efgh", compressed[half:]))
			} else {
				stream.WriteString(wsFrame(0xC1, "abcd", compressed))
			}
		}
		frames := checkProperties(t, oneSided(t, "websocket", dissect.Client, extensions), turn{dissect.Client, stream.String()})
		var got []string
		for _, f := range frames {
			if len(f.Violations) > 0 {
				t.Fatalf("%s: unexpected %s", show(f), f.Violations[0].Code)
			}
			if payload := f.Fields[len(f.Fields)-1]; f.Fields[0].Value == "1" {
				got = append(got, payload.Value)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("got %d messages, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != dissect.Clip(want[i], dissect.MaxValue) {
				t.Errorf("message %d: got %d bytes, want %d", i, len(got[i]), len(want[i]))
			}
		}
	}
}

// A message that inflates to too much is not inflated, and those that refer to
// it cannot be.
func TestInflateBound(t *testing.T) {
	d := deflater{takeover: true}
	bomb := d.compress(t, make([]byte, websocket.MaxInflated+1))
	next := d.compress(t, []byte("hello"))
	r, err := Bytes(t.Context(), dissect.NewBudget(), "websocket", dissect.Server, "permessage-deflate", []byte(wsFrame(0xC2, "", bomb)+wsFrame(0xC1, "", next)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"websocket.too_large", "websocket.no_context"} {
		if f := r.Frames[i]; !strings.Contains(said(f), want) || len(f.Violations) > 0 {
			t.Errorf("got %s, want it to say %q", said(f), want)
		}
	}
}
