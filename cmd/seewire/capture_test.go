package main

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/playground/export"
)

func TestWhatACurlDoesIsCaptured(t *testing.T) {
	s := sitetest.Start(t)
	const id = "from-a-terminal"
	resp, err := http.Get(s.Base + "/play/reconnect/sse?total=3&every=50&cut=0&capture=" + id)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "data: 3" {
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()

	c := sitetest.GetCapture(t, s, id)
	for begun := time.Now(); len(c.Events) < 3 && time.Since(begun) < chromium.Patience; {
		c = sitetest.GetCapture(t, s, id) // the tap notes a write when it is done: the client may have it sooner
	}
	sitetest.CheckTiling(t, c)
	if len(c.Connections) != 1 || len(c.Events) < 3 {
		t.Fatalf("%d connections and %d events, want 1 and at least 3", len(c.Connections), len(c.Events))
	}
	for i, e := range c.Events[:3] {
		if n := fmt.Sprint(i + 1); e.LastEventID != n || e.Type != "message" {
			t.Errorf("event %d is %+v, want a message with the id %s", i, e, n)
		}
	}
	if c.Frames[0].Value("http.request.method") != "GET" || !strings.Contains(c.Frames[0].Value("http.request.uri"), id) {
		t.Errorf("the first frame is %+v, want the request head", c.Frames[0])
	}
}

// What only the server's code sees, here that its client has left, is in the
// capture beside the bytes.
func TestTheServersLogIsCaptured(t *testing.T) {
	s := sitetest.Start(t)
	const id = "what-the-server-says"
	resp, err := http.Get(s.Base + "/play/chat/sse?rate=50&capture=" + id)
	if err != nil {
		t.Fatal(err)
	}
	bufio.NewReader(resp.Body).ReadString('\n')
	resp.Body.Close() // which closes the connection: the body is not at its end

	for range 500 { // the server notices soon, but not at once
		if c := sitetest.GetCapture(t, s, id); len(c.Log) > 0 {
			if line := c.Log[0]; line.Path != "/play/chat/sse" || !strings.Contains(line.Text, "context canceled") || line.At.IsZero() {
				t.Errorf("%+v", line)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the server says nothing")
}

func TestTheLiveFeedShowsWhatComes(t *testing.T) {
	s := sitetest.Start(t)
	ctx := t.Context()
	feed, _, err := websocket.Dial(ctx, s.Socket()+"/captures/watched-live/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.CloseNow()
	feed.SetReadLimit(1 << 20)
	if err := wsjson.Write(ctx, feed, map[string]float64{"clock": 12345.5}); err != nil {
		t.Fatal(err)
	}

	socket, _, err := websocket.Dial(ctx, s.Socket()+"/play/reconnect/ws?total=3&every=50&cut=0&capture=watched-live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	go func() {
		for {
			if _, _, err := socket.Read(ctx); err != nil {
				return
			}
		}
	}()
	var clockAnswered, requestSeen bool
	var numbers []string
	for len(numbers) < 3 {
		var message struct {
			Clock, Server float64
			sitetest.Capture
		}
		if err := wsjson.Read(ctx, feed, &message); err != nil {
			t.Fatal(err)
		}
		if message.Clock == 12345.5 && message.Server > 1e12 {
			clockAnswered = true
		}
		for _, f := range message.Frames {
			requestSeen = requestSeen || f.Value("http.sec_websocket_key") != ""
			if f.Protocol == "websocket" && f.From == "server" && f.Value("websocket.opcode") == "1" {
				numbers = append(numbers, f.Value("websocket.payload"))
			}
		}
	}
	if !clockAnswered || !requestSeen {
		t.Errorf("clock answered: %v, handshake seen: %v", clockAnswered, requestSeen)
	}
	socket.Close(websocket.StatusNormalClosure, "")
	sitetest.CheckTiling(t, sitetest.GetCapture(t, s, "watched-live"))
}

// A page asks for the feed in a form that is compressed once for all viewers.
// A viewer that asks for a mark is told its number, and gets it in the document
// by which everything before it has come, in both forms.
func TestTheLiveFeedPassesMarks(t *testing.T) {
	s := sitetest.Start(t)
	for _, subprotocol := range []string{"", "compact-2"} {
		id := "watched-marks-" + subprotocol
		feed, _, err := websocket.Dial(t.Context(), s.Socket()+"/captures/"+id+"/live", &websocket.DialOptions{Subprotocols: []string{subprotocol}})
		if err != nil {
			t.Fatal(err)
		}
		defer feed.CloseNow()
		resp, err := http.Get(s.Base + "/play/reconnect/sse?total=1&every=50&cut=0&capture=" + id)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err := wsjson.Write(t.Context(), feed, map[string]float64{"clock": 1, "mark": 1}); err != nil {
			t.Fatal(err)
		}
		number, passed, frames := 0, 0, 0
		for number == 0 || passed < number {
			kind, p, err := feed.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p = inflatedIf(t, kind == websocket.MessageBinary, p)
			var message struct {
				Clock  float64
				Mark   int
				Frames []json.RawMessage
			}
			if err := json.Unmarshal(p, &message); err != nil {
				t.Fatal(err)
			}
			if message.Clock != 0 {
				number = message.Mark
			} else {
				passed, frames = max(passed, message.Mark), frames+len(message.Frames)
			}
		}
		if number != 1 || frames < 4 {
			t.Errorf("%q: mark %d, with %d frames before it", subprotocol, number, frames)
		}
	}
}

func TestTheLiveFeedIsCompactForPages(t *testing.T) {
	s := sitetest.Start(t)
	feed, resp, err := websocket.Dial(t.Context(), s.Socket()+"/captures/watched-compact/live", &websocket.DialOptions{
		Subprotocols: []string{"compact-2"}, CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.CloseNow()
	if got := resp.Header.Get("Sec-WebSocket-Extensions"); feed.Subprotocol() != "compact-2" || got != "" {
		t.Errorf("subprotocol %q, extensions %q", feed.Subprotocol(), got)
	}
	if resp, err := http.Get(s.Base + "/play/reconnect/sse?total=1&every=50&cut=0&capture=watched-compact"); err != nil {
		t.Fatal(err)
	} else {
		resp.Body.Close()
	}
	for {
		kind, p, err := feed.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var document struct{ Shapes, Frames [][]any }
		if err := json.Unmarshal(inflatedIf(t, kind == websocket.MessageBinary, p), &document); err != nil {
			t.Fatal(kind, err)
		}
		if len(document.Frames) > 0 {
			if got := document.Shapes[0][1]; got != "request" {
				t.Errorf("the first frame is a %s", got)
			}
			return
		}
	}
}

// inflatedIf is a document of the live feed: a large one comes under DEFLATE.
func inflatedIf(t *testing.T, deflated bool, p []byte) []byte {
	t.Helper()
	if !deflated {
		return p
	}
	p, err := io.ReadAll(flate.NewReader(bytes.NewReader(p)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDissect(t *testing.T) {
	s := sitetest.Start(t)
	post := func(query string, body []byte) (int, sitetest.Capture) {
		t.Helper()
		resp, err := http.Post(s.Base+"/dissect?"+query, "application/octet-stream", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var c sitetest.Capture
		json.NewDecoder(resp.Body).Decode(&c)
		return resp.StatusCode, c
	}
	// RFC 6455 §5.7: "Hello", unmasked and masked.
	status, c := post("protocol=websocket&from=server", []byte{0x81, 5, 'H', 'e', 'l', 'l', 'o'})
	if status != 200 || len(c.Frames) != 1 || c.Frames[0].Value("websocket.payload") != "Hello" {
		t.Errorf("unmasked: %d %+v", status, c.Frames)
	}
	sitetest.CheckTiling(t, c)
	status, c = post("protocol=websocket&from=client", []byte{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58})
	if status != 200 || c.Frames[0].Value("websocket.payload") != "Hello" || len(c.Frames[0].Violations) != 0 {
		t.Errorf("masked: %d %+v", status, c.Frames)
	}
	sitetest.CheckTiling(t, c)
	status, c = post("protocol=sse", []byte("retry: 1500\nid: 7\ndata: a\ndata: b\n\nid\n"))
	if status != 200 || len(c.Events) != 1 || c.Events[0].Data != "a\nb" || *c.ReconnectionTime != 1500 {
		t.Errorf("event stream: %d %+v", status, c)
	}
	sitetest.CheckTiling(t, c)
	for query, want := range map[string]int{"protocol=nonsense": 400, "protocol=sse&from=nobody": 400, "": 400} {
		if status, _ := post(query, []byte("x")); status != want {
			t.Errorf("/dissect?%s: %d, want %d", query, status, want)
		}
	}
	if status, _ := post("protocol=sse", make([]byte, export.MaxImport+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over the limit: %d, want 413", status)
	}
}

// TestGarbage sends what no client should, while somebody else's run goes on.
func TestGarbage(t *testing.T) {
	s := sitetest.Start(t)
	addr := strings.TrimPrefix(s.Base, "http://")
	other, err := http.Get(s.Base + "/play/reconnect/sse?total=100&every=50&cut=0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Body.Close()

	handshake := "GET /play/oneway/ws?capture=garbage-ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	for name, bytes := range map[string]string{
		"not HTTP":           "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\xff", 300) + "\r\n\r\n",
		"a head without end": "GET / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", 20000),
		"a bad host":         "GET /en/ HTTP/1.1\r\nHost: a b\"><script>\r\n\r\n",
		"unmasked frames":    handshake + "\x81\x05Hello",
		"reserved opcodes":   handshake + "\x8b\x80\x00\x00\x00\x00\x83\x80\x00\x00\x00\x00",
		"an endless frame":   handshake + "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00" + strings.Repeat("z", 1<<18),
	} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(conn, bytes)
		if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: the server neither answered nor hung up", name)
		}
		conn.Close()
	}
	sitetest.CheckTiling(t, sitetest.GetCapture(t, s, "garbage-ws"))

	lines := bufio.NewScanner(other.Body)
	for lines.Scan() && lines.Text() != "data: 20" {
	}
	if lines.Text() != "data: 20" {
		t.Errorf("the other run was disturbed: %v", lines.Err())
	}
}

func TestBadInputIsAnswered(t *testing.T) {
	s := sitetest.Start(t)
	for _, c := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/play/reconnect/sse?cut=9999", 400, "between 0 and 50"},
		{"GET", "/play/reconnect/sse?how=magic", 400, "none of"},
		{"GET", "/play/reconnect/sse?capture=no", 400, "8 to 64"},
		{"GET", "/play/no-such/sse", 404, ""},
		{"DELETE", "/play/reconnect/sse", 405, ""},
		{"GET", "/dissect", 405, "--data-binary"},
		{"GET", "/captures/never-made-one.json", 404, "no such capture"},
		{"GET", "/captures/never-made-one.exe", 404, "no such capture"},
		{"GET", "/en/lessons/no-such-lesson", 404, "<html"},
		{"GET", "/zh/lessons/no-such-lesson", 404, `lang="zh-CN"`},
		{"GET", "/language?to=zh&path=//evil.example/", 303, ""},
		{"GET", "/en/lessons/reconnect?cut=9999", 200, "50"},
	} {
		req, _ := http.NewRequest(c.method, s.Base+c.path, nil)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status || !strings.Contains(string(body), c.says) {
			t.Errorf("%s %s: %d, want %d and %q in\n%.400s", c.method, c.path, resp.StatusCode, c.status, c.says, body)
		}
		if to := resp.Header.Get("Location"); strings.Contains(to, "evil") {
			t.Errorf("%s sends people to %s", c.path, to)
		}
	}
}
