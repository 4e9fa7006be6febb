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

// sameAsTshark are the fields that both have under one name.
var sameAsTshark = []string{
	"http.request.method", "http.request.uri", "http.request.version", "http.response.version", "http.response.code", "http.response.phrase",
	"http.host", "http.content_type", "http.content_encoding", "http.transfer_encoding", "http.upgrade", "http.connection",
	"http.sec_websocket_key", "http.sec_websocket_accept", "http.sec_websocket_version", "http.sec_websocket_protocol", "http.sec_websocket_extensions", "http.chunk_size",
	"websocket.fin", "websocket.opcode", "websocket.mask", "websocket.payload_length", "websocket.payload_length_ext_16", "websocket.masking_key",
	"http2.length", "http2.type", "http2.streamid", "http2.settings.initial_window_size", "http2.ping", "http2.window_update.window_size_increment", "http2.rst_stream.error",
}

// less says of which recordings tshark 4.0 reads less, and why. What it reads is the same.
var less = map[string]string{
	"h04b-sse-without-head.pcap":            "knows no body without its head",
	"h04c-h2-from-the-middle.pcap":          "knows no HTTP/2 without its preface",
	"h10-double-space.pcap":                 "takes two spaces for one and an empty target",
	"l17-snap96.pcap":                       "reads no frame behind one that was cut",
	"m04-no-syn-server-on-higher-port.pcap": "shows no response before its body ends",
	"s06-gzip-not-flushed.pcap":             "shows no response before its body ends",
	"w34-frame-before-101.pcap":             "reads no frame that comes before the answer",
}

// more are values that tshark finds where we have no field, or another one.
var more = map[string]string{
	"h02-h2c-upgrade.pcap http2.settings.initial_window_size": "65535",       // in the header HTTP2-Settings
	"h10-double-space.pcap http.request.version":              "/a HTTP/1.1", // behind the empty target
}

// What tshark reads, it reads the same: the same values of the same fields, as often.
func TestBroughtLikeTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark")
	}
	files, err := filepath.Glob(broughtFiles + "*.pcap*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := tsharkValues(t, file)
			p, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := export.Import(t.Context(), p, guess)
			if err != nil {
				t.Fatal(err)
			}
			ours := map[string][]string{}
			for _, f := range d.Frames {
				for _, field := range f.Fields {
					ours[field.Name] = append(ours[field.Name], field.Value)
				}
			}
			n := 0
			for _, field := range sameAsTshark {
				same := slices.DeleteFunc(theirs[field], func(v string) bool { return v == more[name+" "+field] })
				n += len(same)
				for _, value := range same {
					i := slices.Index(ours[field], value)
					if i < 0 {
						t.Errorf("%s: tshark has %q, and we have %q", field, value, ours[field])
						continue
					}
					ours[field] = slices.Delete(ours[field], i, i+1)
				}
				if less[name] == "" && len(ours[field]) > 0 {
					t.Errorf("%s: tshark has not %q", field, ours[field])
				}
			}
			if n == 0 && less[name] == "" {
				t.Error("tshark sees nothing: that says nothing")
			}
		})
	}
}

// tsharkValues are the values that tshark has of these fields.
func tsharkValues(t *testing.T, file string) map[string][]string {
	t.Helper()
	const separator = "\x1f"
	args := []string{"-r", file, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=" + separator}
	for _, name := range sameAsTshark {
		args = append(args, "-e", name)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		for i, cell := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			for value := range strings.SplitSeq(cell, separator) {
				if value != "" {
					values[sameAsTshark[i]] = append(values[sameAsTshark[i]], value)
				}
			}
		}
	}
	return values
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
