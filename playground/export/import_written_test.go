package export

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// What programs print is read as the page reads it.
func TestWritten(t *testing.T) {
	file, err := os.ReadFile("testdata/written.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Name, Text, Writing, Hex string }
	if err := json.Unmarshal(file, &cases); err != nil || len(cases) == 0 {
		t.Fatal(err, len(cases))
	}
	for _, c := range cases {
		p, writing := written(c.Text)
		if writing != c.Writing || hex.EncodeToString(p) != c.Hex {
			t.Errorf("%s: got %x, %q, want %s, %q", c.Name, p, writing, c.Hex, c.Writing)
		}
	}
	for _, broken := range []string{"0000  81 05\n0009  aa\n", "81 0", "b'\\q'", "[1, 256]", "0000  81\n*\nffffffff  00\n", "0000  81 g\n0002  00\n"} {
		if p, writing := written(broken); writing != "" && writing != "base64" && len(p) > 1 {
			t.Errorf("%q is read as %q: %x", broken, writing, p)
		}
	}
}

// A dump of both sides is a capture, one of packets a recording.
func TestWrittenFiles(t *testing.T) {
	both := "00000000  81 05 48 65 6c 6c 6f                              ..Hello\n    00000000  81 02 68 69       ..hi\n00000007  88 00             ..\n"
	p, _ := written(both)
	if kind := fileKind(p); kind != "capture" {
		t.Errorf("%s is %q", p, kind)
	}
	d, err := Import(t.Context(), []byte(both), Source{Protocol: Guess, From: Guess})
	if err != nil || len(d.Frames) != 3 || d.Frames[1].From != "server" || d.Frames[1].Value("websocket.payload") != "hi" {
		t.Errorf("%v, %+v", err, d.Frames)
	}
	var dump bytes.Buffer
	for range 2 {
		packet := make([]byte, 40)
		packet[12], packet[14] = 8, 0x45
		for at := 0; at < len(packet); at += 16 {
			line := packet[at:min(len(packet), at+16)]
			dump.WriteString(hex.EncodeToString([]byte{0, byte(at)}))
			for _, b := range line {
				dump.WriteString(" " + hex.EncodeToString([]byte{b}))
			}
			dump.WriteString("\n")
		}
		dump.WriteString("\n")
	}
	if p, _ := written(dump.String()); !isPcap(p) || len(p) != 24+2*(16+40) {
		t.Errorf("%d bytes", len(p))
	}
}

// Whatever is written, no more comes out than went in, but for lines that repeat.
func FuzzWritten(f *testing.F) {
	f.Add("0000  81 05 48\n*\n0010  00\n")
	f.Add("b'\\x81\\u1234'")
	f.Add("<Buffer 81 05>")
	f.Fuzz(func(t *testing.T, text string) {
		p, writing := written(text)
		if writing == "" && len(p) > 0 || len(p) > 3*len(text)+MaxImport {
			t.Errorf("%q: %d bytes as %q", text, len(p), writing)
		}
	})
}
