package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"seewire/playground/dissect"
)

// What a page makes of the compact documents of a feed is what it makes of the
// capture's JSON.
func TestCompact(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node: install nodejs to compare what a page makes of compact documents")
	}
	for _, file := range []string{"compact.js", "capture.js"} { // so that go test knows what is tested
		if _, err := os.Stat("../../static/js/lib/" + file); err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("好", 30<<10)
	event := "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	documents := map[string]Document{}
	for name, text := range map[string]string{
		"lines":         event + "\r\n\uFEFFdata: a\ndata: b\r\n\rid: 7\revent: é\nretry: 100\ndata\n\n: x\nid\ndata: " + long + "\n\ndata: \x00\xff\xe4\xb8\n\nwhat: else\ndata: cut",
		"after data":    event + "\r\ndata: a\nid: 7\nevent: b\n: c\nretry: 1\ndata: d\nid\n\n",
		"chunks":        event + "Transfer-Encoding: chunked\r\n\r\n3\r\ndat\r\n8;a=\"b\"\r\na: 你\r\nd\r\n7\r\nata: z\n\r\n1\r\n\n\r\n0\r\nX: y\r\n\r\n",
		"length":        event + "Content-Length: 20\r\n\r\ndata: hello hello\n\n\nHTTP/1.1 204 No Content\r\n\r\n",
		"no stream":     "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nDate : now\r\nX: " + long + "\r\n\r\n\xff\xfe",
		"no protocol":   "\x00\x01\x02",
		"a long line":   event + "\r\ndata: " + strings.Repeat("x", 119) + "é\n\n",
		"quotation":     event + "\r\ndata: {\"a\":\"\\\\ </script>\u2028\"}\n\n",
		"a cut message": "\x01\x05Hello\x80\x06 World\x81\x7e\x00\x05hello\x88\x02\x03\xe8\x09\x00\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\x83\x01\x00",
	} {
		protocol := "http1"
		if name == "a cut message" {
			protocol = "websocket"
		}
		if documents[name], err = Import(t.Context(), []byte(text), Source{Protocol: protocol, From: dissect.Server}); err != nil {
			t.Fatal(name, err)
		}
	}
	// Two responses over HTTP/2, one of them events that go on after the other.
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	e.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	e.WriteField(hpack.HeaderField{Name: "content-type", Value: "text/event-stream"})
	two := slices.Concat(h2frame(4, 0, 0, nil), h2frame(1, 4, 1, block.Bytes()), h2frame(0, 0, 1, []byte("data: a\nda")),
		h2frame(1, 4, 3, []byte{0x88}), h2frame(0, 1, 3, []byte("other")), h2frame(0, 0, 1, []byte("ta: b\n\n")), h2frame(3, 0, 1, []byte{0, 0, 0, 8}))
	if documents["http/2"], err = Import(t.Context(), two, Source{Protocol: "http2", From: dissect.Server}); err != nil {
		t.Fatal(err)
	}
	recordings, _ := filepath.Glob("../experiments/*/recording.json")
	if len(recordings) == 0 {
		t.Fatal("there are no recordings")
	}
	for _, file := range recordings {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if documents[file], err = Import(t.Context(), data, Source{Protocol: "capture"}); err != nil {
			t.Fatal(file, err)
		}
	}

	var lines bytes.Buffer
	for name, d := range documents {
		describeNothing(d.Frames)
		for _, frames := range []int{1, 7, len(d.Frames) + 1} {
			json.NewEncoder(&lines).Encode(map[string]any{"name": name, "plain": d, "compact": compacted(t, d, frames)})
		}
	}
	// Documents of a feed that goes on, in which segments and frames are like those before.
	for name, chats := range map[string]*chats{"chats": {}, "chats over WebSocket": {overWS: true}} {
		sent := chats.feed(t, 15) // not more frames than one document has
		whole, _ := (&reader{id: "capture-a", budget: dissect.NewBudget()}).read(chats.connections, 1<<20)
		describeNothing(whole.Frames)
		json.NewEncoder(&lines).Encode(map[string]any{"name": name, "plain": whole, "compact": sent})
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/expand.mjs")
	cmd.Stdin = &lines
	out, err := cmd.CombinedOutput()
	if n := bytes.Count(out, []byte("\n")); err != nil || n != 3*len(documents)+2 {
		t.Errorf("%v after %d comparisons of %d\n%s", err, n, 3*len(documents)+2, out)
	}
}

// describeNothing takes away what programs get and pages don't.
func describeNothing(frames []dissect.Frame) {
	for i := range frames {
		frames[i].Summary = ""
	}
}

// compacted are the compact documents of a feed that has sent so many frames at
// a time.
func compacted(t *testing.T, d Document, frames int) (all []json.RawMessage) {
	t.Helper()
	c := newCompactor()
	rest := d
	for {
		piece := rest
		piece.Frames = rest.Frames[:min(frames, len(rest.Frames))]
		p, err := c.write(&piece, func(f *dissect.Frame) []byte { return d.BytesOf(*f) })
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bytes.Clone(p))
		rest.Frames, rest.Connections = rest.Frames[len(piece.Frames):], nil
		if len(rest.Frames) == 0 {
			return all
		}
	}
}

// A page is sent less JSON than it shows bytes.
func TestFeedSize(t *testing.T) {
	for name, chats := range map[string]*chats{"sse": {}, "ws": {overWS: true}} {
		sent := 0
		for _, document := range chats.feed(t, 100) {
			sent += len(document)
		}
		if shown := chats.bytes(); sent > shown {
			t.Errorf("%s: %d bytes of JSON for %d that are shown, %.2f each", name, sent, shown, float64(sent)/float64(shown))
		}
	}
}

// feed are the compact documents of so many turns.
func (c *chats) feed(t *testing.T, turns int) (documents []json.RawMessage) {
	t.Helper()
	w := newCompactor()
	r := &reader{id: "capture-a", budget: dissect.NewBudget(), passing: true}
	for range turns {
		snapshot := c.goOn()
		d, _ := r.read(snapshot, pieceBytes)
		text, err := w.write(&d, func(f *dissect.Frame) []byte { return r.bytesOf(f, snapshot) })
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, bytes.Clone(text))
	}
	return documents
}

// What is alike in two segments is found, and what is not is sent.
func TestAlike(t *testing.T) {
	event := func(text string) string {
		data := `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"delta":{"content":"` + text + `"},"finish_reason":null}]}` + "\n\n"
		return fmt.Sprintf("%x\r\n%s\r\n", len(data), data)
	}
	for _, c := range []struct {
		name, before, now string
		fresh             int // bytes at most
	}{
		{"the same", event("a"), event("a"), 0},
		{"another word", event(" because"), event(" it"), 8},
		{"a longer size", event("a"), event(strings.Repeat("b", 200)), 204},
		{"a long word", event(" it"), event(" " + strings.Repeat("x", 50)), 55},
		{"nothing before", "", event("a"), 200},
		{"nothing alike", strings.Repeat("x", 200), strings.Repeat("y", 200), 200},
		{"twice as much", strings.Repeat("x", 100), strings.Repeat("x", 200), 100},
		{"half as much", strings.Repeat("x", 200), strings.Repeat("x", 100), 0},
		{"empty", event("a"), "", 0},
		{"too long", strings.Repeat("x", maxAlike+1), strings.Repeat("x", maxAlike+1), maxAlike + 1},
	} {
		got, fresh, rest := "", 0, c.now
		for r := range alike([]byte(c.now), []byte(c.before)) {
			got += rest[:r.fresh] + c.before[r.from:][:r.length]
			rest = rest[r.fresh+r.length:]
			fresh += r.fresh
		}
		if got, fresh = got+rest, fresh+len(rest); got != c.now || fresh > c.fresh {
			t.Errorf("%s: %d bytes are new, want at most %d; together %q", c.name, fresh, c.fresh, got)
		}
	}
}
