package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/content"
	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
)

// A rawCase is what a browser's page can't send, and what becomes of it.
type rawCase struct {
	name    string
	deflate bool     // permessage-deflate was agreed on
	frames  string   // what the client sends, in hexadecimal
	wrong   []string // what the dissector says of that
	answer  []string // what the server sends, up to its close
	own     []string // what the dissector says of the answer

	// What coder/websocket says nothing against, though RFC 6455 forbids it. The
	// lesson has a table of these.
	letThrough bool
}

// The mask of these frames is four zeros, so that the payload can be read. Each
// case goes on with a proper close frame, which is answered where nothing before
// it was.
var (
	goodbye  = "88" + "82" + "00000000" + "03e8"
	rawCases = []rawCase{
		{name: "a text frame", frames: "81 83 00000000 e5b8a7", answer: []string{"text 帧", "close 1000"}},
		{name: "a text in fragments that cut a character", frames: "01 81 00000000 e5, 00 81 00000000 b8, 80 81 00000000 a7",
			answer: []string{"text 帧", "close 1000"}},
		{name: "a ping between fragments", frames: "01 81 00000000 61, 89 81 00000000 21, 80 81 00000000 62",
			answer: []string{"pong !", "text ab", "close 1000"}},

		// What the experiment looks for itself, because the library does not.
		{name: "text that is not UTF-8", frames: "81 82 00000000 c328", wrong: []string{"websocket.invalid-utf8"},
			answer: []string{"close 1007"}, letThrough: true},
		{name: "text that ends inside a character", frames: "81 82 00000000 e5b8", wrong: []string{"websocket.invalid-utf8"},
			answer: []string{"close 1007"}, letThrough: true},
		{name: "compressed text that is not UTF-8", deflate: true, frames: "c1 87 00000000 000100feffff00", wrong: []string{"websocket.invalid-utf8"},
			answer: []string{"close 1007"}, letThrough: true},
		{name: "text that is wrong where fragments meet", frames: "01 82 00000000 e5b8, 80 81 00000000 61", wrong: []string{"websocket.invalid-utf8"},
			answer: []string{"close 1007"}, letThrough: true},
		{name: "half a surrogate pair", frames: "81 83 00000000 eda080", wrong: []string{"websocket.invalid-utf8"},
			answer: []string{"close 1007"}, letThrough: true},

		// What nobody stops.
		{name: "a length of 16 bits where 7 would do", frames: "81 fe 0001 00000000 61", wrong: []string{"websocket.length-not-minimal"},
			answer: []string{"text a", "close 1000"}, letThrough: true},
		{name: "a length of 64 bits where 7 would do", frames: "82 ff 0000000000000001 00000000 61", wrong: []string{"websocket.length-not-minimal"},
			answer: []string{"binary 61", "close 1000"}, letThrough: true},
		{name: "the same in a ping", frames: "89 fe 0001 00000000 61", wrong: []string{"websocket.length-not-minimal"},
			answer: []string{"pong a", "close 1000"}, letThrough: true},
		{name: "a reason that is not UTF-8", frames: "88 84 00000000 03e8c328", wrong: []string{"websocket.close-reason"},
			answer: []string{"close 1000"}, own: []string{"websocket.close-reason"}, letThrough: true},

		// What the library closes with 1002, or is silent about until the experiment does.
		{name: "no mask", frames: "81 01 61", wrong: []string{"websocket.unmasked-client-frame"}, answer: []string{"close 1002"}},
		{name: "RSV1 without an extension", frames: "c1 81 00000000 61", wrong: []string{"websocket.reserved-bit"}, answer: []string{"close 1002"}},
		{name: "RSV2", frames: "a1 81 00000000 61", wrong: []string{"websocket.reserved-bit"}, answer: []string{"close 1002"}},
		{name: "RSV3", frames: "91 81 00000000 61", wrong: []string{"websocket.reserved-bit"}, answer: []string{"close 1002"}},
		{name: "opcode 3", frames: "83 80 00000000", wrong: []string{"websocket.reserved-opcode"}, answer: []string{"close 1002"}},
		{name: "opcode 11", frames: "8b 80 00000000", wrong: []string{"websocket.reserved-opcode"}, answer: []string{"close 1002"}},
		{name: "a ping in fragments", frames: "09 80 00000000", wrong: []string{"websocket.control-fragmented"}, answer: []string{"close 1002"}},
		{name: "a ping of 126 bytes", frames: "89 fe 007e 00000000 " + strings.Repeat("61", 126), wrong: []string{"websocket.control-too-long"}, answer: []string{"close 1002"}},
		{name: "a continuation of nothing", frames: "80 81 00000000 61", wrong: []string{"websocket.continuation-without-start"}, answer: []string{"close 1002"}},
		{name: "a message inside another", frames: "01 81 00000000 61, 81 81 00000000 62", wrong: []string{"websocket.message-interrupted"}, answer: []string{"close 1002"}},
		{name: "a length with its highest bit set", frames: "82 ff 8000000000000000 00000000", wrong: []string{"websocket.length-high-bit"}, answer: []string{"close 1002"}},
		{name: "a close of one byte", frames: "88 81 00000000 03", wrong: []string{"websocket.close-one-byte"}, answer: []string{"close 1002"}},
		{name: "close code 999", frames: "88 82 00000000 03e7", wrong: []string{"websocket.close-code"}, answer: []string{"close 1002"}},
		{name: "close code 1005", frames: "88 82 00000000 03ed", wrong: []string{"websocket.close-code"}, answer: []string{"close 1002"}},
		{name: "close code 1006", frames: "88 82 00000000 03ee", wrong: []string{"websocket.close-code"}, answer: []string{"close 1002"}},
		{name: "close code 2999", frames: "88 82 00000000 0bb7", wrong: []string{"websocket.close-code"}, answer: []string{"close 1002"}},
		{name: "RSV1 on a continuation", deflate: true, frames: "41 83 00000000 4a0400, c0 80 00000000", wrong: []string{"websocket.compressed-bit"}, answer: []string{"close 1002"}},
		{name: "RSV1 on a ping", deflate: true, frames: "c9 80 00000000", wrong: []string{"websocket.compressed-bit"}, answer: []string{"close 1002"}},
		{name: "RSV1 on what is not compressed", deflate: true, frames: "c1 81 00000000 07", wrong: []string{"websocket.deflate"}, answer: []string{"close 1002"}},
		{name: "a compressed text", deflate: true, frames: "c1 87 00000000 f248cdc9c90700", answer: []string{"text Hello", "close 1000"}},
		{name: "a message after a close", frames: "88 82 00000000 03e8, 81 81 00000000 61", wrong: []string{"websocket.data-after-close"}, answer: []string{"close 1000"}},
	}
)

// TestRawFrames sends what no browser sends for a page: what the experiment echo
// does with it, what the library does by itself, and what the viewer says of it.
func TestRawFrames(t *testing.T) {
	s := sitetest.Start(t)
	library := httptest.NewServer(http.HandlerFunc(echoOfTheLibrary))
	t.Cleanup(library.Close)
	for i, c := range rawCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			id := fmt.Sprintf("raw-frames-%d", i)
			address, headers := s.Base+"/play/echo/ws?ping=off&capture="+id, ""
			if c.deflate {
				address += "&deflate=on"
				headers = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
			}
			heard := sendRaw(t, address, headers, c.frames)

			capture := sitetest.GetCapture(t, s, id)
			var wrong, own []string
			for _, f := range capture.Frames {
				for _, v := range f.Violations {
					if f.From == "client" {
						wrong = append(wrong, v.Code)
					} else {
						own = append(own, v.Code)
					}
				}
			}
			// What comes after the fault may look like another one.
			if len(c.wrong) > 0 && !slices.Contains(wrong, c.wrong[0]) || len(c.wrong) == 0 && len(wrong) > 0 {
				t.Errorf("the client's frames are said to break %q, want %q", wrong, c.wrong)
			}
			if !slices.Equal(heard, c.answer) {
				t.Errorf("the server answered %q, want %q", heard, c.answer)
			}
			if !slices.Equal(own, c.own) {
				t.Errorf("the server's frames are said to break %q, want %q", own, c.own)
			}
			sitetest.CheckTiling(t, capture)

			// The library lets through what it goes on after.
			heard = sendRaw(t, library.URL, headers, c.frames)
			wentOn := slices.Contains(heard, "close 1000")
			if wentOn != (c.letThrough || len(c.wrong) == 0 || c.wrong[0] == "websocket.data-after-close") {
				t.Errorf("the library by itself answers %q", heard)
			}
		})
	}
}

// TestRawHandshakes asks for a WebSocket as no browser does: what the library
// says to that, and what the viewer.
func TestRawHandshakes(t *testing.T) {
	s := sitetest.Start(t)
	proper := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for i, c := range []struct {
		header string
		values []string
		status int
		wrong  []string
	}{
		{"Upgrade", []string{"websocket"}, 101, nil},
		{"Upgrade", []string{"h2c"}, 426, nil},
		{"Connection", []string{"keep-alive"}, 426, []string{"websocket.connection"}},
		{"Sec-Websocket-Key", nil, 400, []string{"websocket.key"}},
		{"Sec-Websocket-Key", []string{"c2hvcnQ="}, 400, []string{"websocket.key"}},
		{"Sec-Websocket-Version", []string{"8"}, 400, []string{"websocket.version"}},
		// What the lesson says is let through.
		{"Sec-Websocket-Version", []string{"13", "8"}, 101, []string{"websocket.version"}},
		{"Sec-Websocket-Protocol", []string{"echo.v1, echo.v1"}, 101, []string{"websocket.protocol-offer"}},
	} {
		id := fmt.Sprintf("raw-handshake-%d", i)
		r, err := http.NewRequest("GET", s.Base+"/play/echo/ws?ping=off&capture="+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = proper.Clone()
		r.Header[c.header] = c.values
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		var wrong []string
		for _, f := range sitetest.GetCapture(t, s, id).Frames {
			for _, v := range f.Violations {
				wrong = append(wrong, v.Code)
			}
		}
		if response.StatusCode != c.status || !slices.Equal(wrong, c.wrong) {
			t.Errorf("%s: %q: %s, said to break %q; want %d and %q", c.header, c.values, response.Status, wrong, c.status, c.wrong)
		}
	}
}

// echoOfTheLibrary is what coder/websocket makes of an echo with nothing added.
func echoOfTheLibrary(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	for {
		kind, data, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		if err := conn.Write(context.Background(), kind, data); err != nil {
			return
		}
	}
}

// sendRaw shakes hands, sends frames in hexadecimal and a close frame, and
// returns what the server has said by the time it hangs up.
func sendRaw(t *testing.T, address, headers, frames string) []string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(chromium.Patience))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", u.RequestURI(), u.Host, headers)
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", ",", "").Replace(frames + goodbye))
	if err != nil {
		t.Fatal(err)
	}
	conn.Write(b)
	heard, err := io.ReadAll(in)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Fatalf("the server has not hung up: %v", err)
	}

	result, err := protocols.Bytes(t.Context(), dissect.NewBudget(), "websocket", dissect.Server, response.Header.Get("Sec-WebSocket-Extensions"), heard)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range result.Frames {
		for _, field := range f.Fields {
			if field.Name == "websocket.payload" || field.Name == "websocket.payload.close.status_code" {
				said = append(said, f.Kind+" "+field.Value)
			}
		}
	}
	return said
}

// TestTableOfWhatTheLibraryLetsThrough holds the lesson's table against the
// cases: each row is one of them, and no kind of fault is missing.
func TestTableOfWhatTheLibraryLetsThrough(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		lesson, err := fs.ReadFile(content.FS, "lessons/frames/"+lang+".md")
		if err != nil {
			t.Fatal(err)
		}
		missing := map[string]bool{}
		for _, c := range rawCases {
			if c.letThrough {
				missing[c.wrong[0]] = true
			}
		}
		for _, row := range regexp.MustCompile("(?m)^\\|[^|]*\\| `([0-9a-f ]+)` \\|.*$").FindAllStringSubmatch(string(lesson), -1) {
			i := slices.IndexFunc(rawCases, func(c rawCase) bool { return c.frames == row[1] })
			if i < 0 || !rawCases[i].letThrough {
				t.Errorf("%s: %s is not let through", lang, row[1])
				continue
			}
			delete(missing, rawCases[i].wrong[0])
		}
		for code := range missing {
			t.Errorf("%s: the table lacks %s", lang, code)
		}
	}
}
