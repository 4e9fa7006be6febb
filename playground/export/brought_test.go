package export_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"seewire/playground/export"
)

var update = flag.Bool("update", false, "write the golden files anew")

const broughtFiles = "testdata/brought/"

// reading is what a document says of its bytes, in a line for each frame.
func reading(d export.Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", d.Source.Protocol, d.Source.From)
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "\n  note %s", n.Code)
		if n.Count != 0 {
			fmt.Fprintf(&b, " %d", n.Count)
		}
		if n.Text != "" {
			fmt.Fprintf(&b, " %s", n.Text)
		}
	}
	for _, f := range d.Frames {
		fmt.Fprintf(&b, "\n  %d %s %s/%s %d+%d", f.Connection, f.From, f.Protocol, f.Kind, f.Offset, f.Length)
		for _, p := range f.Say {
			if p.Text != "" {
				fmt.Fprintf(&b, " %q", p.Text)
			}
		}
		if f.SSE != nil && f.SSE.Event != nil {
			fmt.Fprintf(&b, " event=%.40q", f.SSE.Event.Data)
		}
		if f.Incomplete {
			b.WriteString(" cut")
		}
		for _, v := range f.Violations {
			b.WriteString(" !" + v.Code)
			if v.Follows != "" {
				b.WriteString("<" + v.Follows)
			}
		}
	}
	return b.String()
}

// TestBrought holds what is read of each file that people bring against what it is.
func TestBrought(t *testing.T) {
	files, err := filepath.Glob(broughtFiles + "*.*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	slices.Sort(files)
	var all strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "README.md") || strings.HasSuffix(file, ".golden") {
			continue
		}
		p, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := export.Import(t.Context(), p, guess)
		fmt.Fprintf(&all, "%s: ", filepath.Base(file))
		if wrong, ok := errors.AsType[*export.ImportError](err); ok {
			fmt.Fprintf(&all, "%s\n", wrong.Code)
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&all, reading(d))
		checkDocument(t, file, d)
	}
	golden := broughtFiles + "brought.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(all.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wanted)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(wanted) {
			w = wanted[i]
		}
		if g != w {
			t.Fatalf("line %d of %s:\n got %s\nwant %s", i+1, golden, g, w)
		}
	}
}

// checkDocument fails where a frame or a field lies outside of its connection.
func checkDocument(t *testing.T, file string, d export.Document) {
	t.Helper()
	for _, f := range d.Frames {
		c := d.Connections[f.Connection-1]
		all := len(c.Server)
		if f.From == "client" {
			all = len(c.Client)
		}
		if f.Offset < 0 || f.Offset+int64(f.Length) > int64(all) {
			t.Errorf("%s: %s/%s %d+%d is outside of %d bytes", file, f.Protocol, f.Kind, f.Offset, f.Length, all)
		}
	}
}

// What tshark reads, it reads the same: the opcodes of the WebSocket frames, in
// their order for each side.
func TestBroughtLikeTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark")
	}
	for _, name := range []string{
		"l07-qinq9100.pcap", "l08-pppoe.pcap", "l09-mpls.pcap", "l10-gre.pcap", "l11-vxlan.pcap", "l12-ipip.pcap", "l15-wifi.pcap",
		"m07-lost-packet.pcap", "w14-subprotocol-unanswered.pcap", "w36-x-webkit-deflate.pcap",
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command("tshark", "-r", broughtFiles+name, "-Y", "websocket", "-T", "fields", "-e", "websocket.opcode").Output()
			if err != nil {
				t.Fatal(err)
			}
			want := strings.FieldsFunc(string(out), func(r rune) bool { return r == ',' || r == '\n' })
			p, err := os.ReadFile(broughtFiles + name)
			if err != nil {
				t.Fatal(err)
			}
			d, err := export.Import(t.Context(), p, guess)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range d.Frames {
				if f.Protocol == "websocket" {
					got = append(got, f.Value("websocket.opcode"))
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got the opcodes %q, tshark %q", got, want)
			}
		})
	}
}

// What the reader says that a connection begins with counts more than the guess.
func TestTold(t *testing.T) {
	p, err := os.ReadFile(broughtFiles + "h04b-sse-without-head.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		source export.Source
		want   string
	}{
		{guess, "sse"},
		{export.Source{Protocol: "websocket", From: export.Guess}, "websocket"},
		{export.Source{Protocol: export.Guess, From: export.Guess, Told: []export.Told{{Connection: 1, Protocol: "websocket"}}}, "websocket"},
		{export.Source{Protocol: export.Guess, From: export.Guess, Told: []export.Told{{Connection: 2, Protocol: "websocket"}}}, "sse"},
	} {
		d, err := export.Import(t.Context(), p, c.source)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Frames[0].Protocol; got != c.want || d.Source.Protocol != "pcapng" {
			t.Errorf("%+v: read as %s, want %s", c.source.Told, got, c.want)
		}
	}
	for s, ok := range map[string]bool{"websocket": true, "2:sse": true, "0:sse": false, ":sse": false, "2:har": false, "x": false, "": false} {
		if _, err := export.ParseTold(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}
