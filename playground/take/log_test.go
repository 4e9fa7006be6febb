package take

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"seewire/playground"
)

// stream is the status and the events of an event stream, in short: "1 2 end".
func (s *server) stream(t *testing.T, query, lastEventID string) string {
	t.Helper()
	request, err := http.NewRequest("GET", "http://"+s.addr+"/sse"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("%s: the stream does not end: %v", query, err)
	}
	if response.StatusCode != http.StatusOK {
		return response.Status
	}
	if typ := response.Header.Get("Content-Type"); !strings.HasPrefix(typ, "text/event-stream") || response.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %v", query, response.Header)
	}
	events := strings.Split(strings.TrimSuffix(string(body), "\n\n"), "\n\n")
	if !regexp.MustCompile(`^retry: [5-9]\d\d$`).MatchString(events[0]) {
		t.Errorf("%s begins with %q", query, events[0])
	}
	var said []string
	for _, event := range events[1:] {
		var n int
		switch fmt.Sscanf(event, "id: %d\n", &n); {
		case event == "event: beat\ndata: ":
			event = "beat"
		case event == "event: end\ndata: ":
			event = "end"
		case event == fmt.Sprintf("id: %d\ndata: "+line, n, n, n):
			event = fmt.Sprint(n)
		}
		said = append(said, event)
	}
	return strings.Join(said, " ")
}

// line is how a line is written, over either protocol.
const line = `{"line":%d,"of":12,"text":"package %d: ok"}`

// socket is the same of a WebSocket, with how it is closed. up is a message to
// send, if it is not empty.
func (s *server) socket(t *testing.T, query string, up []byte) string {
	t.Helper()
	ctx := context.Background()
	conn, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/ws"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if len(up) > 0 {
		conn.Write(ctx, websocket.MessageBinary, up)
	}
	var said []string
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return strings.Join(append(said, fmt.Sprint(int(websocket.CloseStatus(err)))), " ")
		}
		text, n := string(message), 0
		switch fmt.Sscanf(text, `{"line":%d,`, &n); text {
		case `{"beat":true}`:
			text = "beat"
		case fmt.Sprintf(line, n, n):
			text = fmt.Sprint(n)
		}
		said = append(said, text)
	}
}

// follows follows the log from its first line, with heartbeats in between.
func (s *server) follows(t *testing.T) {
	t.Helper()
	const all = "1 2 3 4 5 6 7 8 9 10 11 12 "
	over := make(chan string)
	go func() { over <- s.socket(t, "", nil) }()
	for side, said := range map[string]string{"SSE": s.stream(t, "", ""), "WebSocket": <-over} {
		without := strings.ReplaceAll(said, "beat ", "")
		if without != all+map[string]string{"SSE": "end", "WebSocket": "1000"}[side] || without == said {
			t.Errorf("%s: %s", side, said)
		}
	}
}

// asksLog asks for what is left of the log, which is over.
func (s *server) asksLog(t *testing.T, _ playground.Experiment) {
	t.Helper()
	const all = "1 2 3 4 5 6 7 8 9 10 11 12 "
	for _, ask := range []struct{ query, header, want string }{
		{"?from=10", "", "11 12 end"},
		{"?from=2", "11", "12 end"}, // what the browser says is newer than the URL
		{"?from=12", "", "204 No Content"},
		{"", "12", "204 No Content"},
		{"?from=999", "", all + "end"}, // of a log that there was before this one
		{"?from=10.5", "", all + "end"},
		{"?from=-1e308", "", all + "end"},
		{"?from=NaN", "", all + "end"},
		{"", strings.Repeat("9", 5000), all + "end"},
	} {
		if got := s.stream(t, ask.query, ask.header); got != ask.want {
			t.Errorf("/sse%s, Last-Event-ID %.20q: %s; want %s", ask.query, ask.header, got, ask.want)
		}
		if ask.header != "" {
			continue
		}
		want := strings.NewReplacer("end", "1000", "204 No Content", "1000").Replace(ask.want)
		if got := s.socket(t, ask.query, nil); got != want {
			t.Errorf("/ws%s: %s; want %s", ask.query, got, want)
		}
	}

	for origin, want := range map[string]int{"http://" + s.addr: 101, "": 101, "http://elsewhere.test": 403, "null": 403} {
		head := "GET /ws?from=12 HTTP/1.1\r\nHost: " + s.addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		if origin != "" {
			head += "Origin: " + origin + "\r\n"
		}
		conn := s.dial(t)
		io.WriteString(conn, head+"\r\n")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		conn.Close()
		if err != nil {
			t.Errorf("Origin %q: %v", origin, err)
		} else if got := response.StatusCode; got != want {
			t.Errorf("Origin %q: %s", origin, response.Status)
		}
	}
}
