package terminal

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

var update = flag.Bool("update", false, "write golden files again")

// maskedHello is from RFC 6455 §5.7.
const maskedHello = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"

// command runs `seewire dissect` on an input.
func command(input string, args ...string) (out, problems string, err error) {
	var o, e bytes.Buffer
	err = Dissect(args, Console{In: strings.NewReader(input), Out: &o, Err: &e, Locale: "C.UTF-8"})
	return o.String(), e.String(), err
}

// TestDissectCommandGolden holds the whole output to the files in testdata;
// go test -run Golden -update writes them.
func TestDissectCommandGolden(t *testing.T) {
	stream := "retry: 1500\nid: 7\ndata: a\ndata: 你好\n\n: a comment\nfoo: bar\n\ndata: cut"
	for _, c := range []struct {
		name, input string
		args        []string
	}{
		{"frame", maskedHello, []string{"-"}},
		{"frame.zh", maskedHello, []string{"-lang", "zh", "-v", "-"}},
		{"compressed", "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", []string{"-extensions=permessage-deflate", "-"}},
		{"violations", "\x81\x05Hello\x83\x00\x88\x01", []string{"-protocol", "websocket", "-from", "client", "-"}},
		{"http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x11\x01\x05\x00\x00\x00\x01" + // and RFC 7541 C.4.1
			"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff", []string{"-lang", "zh", "-"}},
		{"stream", stream, []string{"-"}},
		{"stream.zh", stream, []string{"-", "-lang=zh"}},
		{"loopback", "", []string{"testdata/dissect/loopback.pcapng"}}, // recorded by dumpcap
		{"har", "\ufeff" + `{"log":{"entries":[{"startedDateTime":"2026-11-22T08:00:01Z","request":{"method":"GET","url":"wss://a.example/\u001b[2J"},
			"_webSocketMessages":[{"type":"send","time":1795334401.25,"opcode":1,"data":"\u001b[31m"},{"type":"receive","time":1795334401.5,"opcode":2,"data":"AP8="}]}]}}`, []string{"-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _, err := command(c.input, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(got, "⟦") {
				t.Error("a word is missing")
			}
			if strings.ContainsRune(got, '\x1b') {
				t.Error("an escape sequence of the input reached the terminal, or there is colour without one")
			}
			file := filepath.Join("testdata/dissect", c.name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestDissectCommandColour(t *testing.T) {
	var out bytes.Buffer
	err := Dissect([]string{"-"}, Console{In: strings.NewReader("\x81\x00\x88\x00"), Out: &out, Colour: true, Locale: "C.UTF-8"})
	if err != nil || !strings.Contains(out.String(), violet+"↓ WebSocket"+plainStyle) {
		t.Errorf("%v\n%q", err, &out)
	}
}

func TestDissectCommandJSON(t *testing.T) {
	out, _, err := command(maskedHello, "-json", "-")
	var d struct {
		Frames []dissect.Frame
		Source struct{ Protocol, From string }
	}
	if err := errors.Join(err, json.Unmarshal([]byte(out), &d)); err != nil {
		t.Fatal(err)
	}
	if len(d.Frames) != 1 || d.Frames[0].Value("websocket.payload") != "Hello" || d.Frames[0].Summary != "Text, FIN, 5 bytes · Hello" || d.Source.Protocol != "websocket" || d.Source.From != "client" {
		t.Errorf("%+v", d)
	}
	again, _, err := command(out, "-")
	if err != nil || !strings.Contains(again, "↑ WebSocket Text, FIN, 5 bytes · Hello") {
		t.Errorf("its own JSON can't be read again: %v\n%s", err, again)
	}
}

func TestDissectCommandErrors(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, export.MaxImport+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		args  []string
		usage bool
		want  string
	}{
		{"no file", nil, true, "name one file"},
		{"two files", []string{"a", "b"}, true, "name one file"},
		{"a flag that is none", []string{"-x", "-"}, true, "-x"},
		{"a side that is none", []string{"-from", "me", "-"}, true, "client or server"},
		{"a language that is none", []string{"-lang", "fr", "-"}, true, "-lang is one of en, zh, not"},
		{"a file that is not there", []string{"testdata/none"}, false, "testdata/none"},
		{"a folder", []string{"testdata"}, false, "testdata"},
		{"too large", []string{big}, false, "8 MiB"},
		{"what nobody knows", []string{"-"}, false, "none of what is known"},
		{"a protocol that is none", []string{"-protocol", "smoke", "-"}, false, "smoke"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, problems, err := command("what is this", c.args...)
			if err == nil || errors.Is(err, ErrUsage) != c.usage {
				t.Fatalf("error %v", err)
			}
			if said := problems + err.Error(); !strings.Contains(said, c.want) {
				t.Errorf("said %q, want %q in it", said, c.want)
			}
			if out != "" {
				t.Errorf("printed %q", out)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, "zh_CN.UTF-8"},
		{map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "C"},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh_TW"},
	} {
		if got := locale(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %s, want %s", c.env, got, c.want)
		}
	}
}
