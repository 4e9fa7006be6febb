package agents

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A client talks to the experiment, inside a testing/synctest bubble.
type client struct {
	*experimenttest.Server
	t       *testing.T
	query   string
	session string
}

func serve(t *testing.T, query string) *client {
	life, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	return &client{Server: experimenttest.Start(t, New(life), playground.Limits{}), t: t, query: "?run=one&" + query}
}

// send sends a request with the session's header.
func (c *client) send(method, body string, headers ...string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequest(method, "http://experiment.test/sse"+c.query, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.session != "" {
		r.Header.Set("Mcp-Session-Id", c.session)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return c.Do(c.t, r)
}

const (
	initialize  = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}}}}`
	initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	call        = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"book_seat","arguments":{"train":7},"_meta":{"progressToken":2}}}`
	aisle       = `{"jsonrpc":"2.0","id":"question-1","result":{"action":"accept","content":{"seat":"aisle"}}}`
	booked      = "Train 7: a seat by the aisle is booked. Bookings: 1."
)

// begin opens a session.
func (c *client) begin() *client {
	c.t.Helper()
	c.session = c.send("POST", initialize).Header.Get("Mcp-Session-Id")
	if c.session == "" {
		c.t.Fatal("there is no session")
	}
	return c
}

// An event of a stream, in short.
type event struct {
	id   string
	said string // the method, or the text of the result
}

// A stream is one that is open.
type events struct {
	t     *testing.T
	lines *bufio.Reader
	retry string
}

func (c *client) events(response *http.Response) *events {
	c.t.Helper()
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		c.t.Fatalf("%s with %q is no stream", response.Status, got)
	}
	return &events{t: c.t, lines: bufio.NewReader(response.Body)}
}

// next returns the next event; a zero one where the stream ends.
func (e *events) next() event {
	e.t.Helper()
	var next event
	for {
		line, err := e.lines.ReadString('\n')
		if err != nil {
			return event{}
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			next.id = value
		case "data":
			next.said = short(e.t, []byte(value))
		case "retry":
			e.retry = value
		case "":
			if next != (event{}) {
				return next
			}
		}
	}
}

// rest returns all that is still to come.
func (e *events) rest() (all []event) {
	e.t.Helper()
	for next := e.next(); next != (event{}); next = e.next() {
		all = append(all, next)
	}
	return all
}

// short is what a message says.
func short(t *testing.T, text []byte) string {
	t.Helper()
	if len(text) == 0 {
		return ""
	}
	var m struct {
		Method string
		Params struct{ Message, Data string }
		Result struct {
			Content []struct{ Text string }
			Meta    struct{ Session string } `json:"_meta"`
		}
		Error struct{ Message string }
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	switch {
	case m.Method != "":
		return strings.TrimPrefix(m.Method, "notifications/") + " " + m.Params.Message + m.Params.Data
	case m.Result.Content != nil:
		return m.Result.Content[0].Text
	case m.Result.Meta.Session != "":
		return "session " + m.Result.Meta.Session
	}
	return m.Error.Message
}

// socket opens a WebSocket.
func (c *client) socket(query string) *websocket.Conn {
	c.t.Helper()
	return c.WebSocket(c.t, "/ws"+c.query+query)
}

func say(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// hear returns what the next message says; how the connection has ended where
// there is none.
func hear(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	_, text, err := conn.Read(context.Background())
	if code := websocket.CloseStatus(err); code >= 0 {
		return code.String()
	}
	if err != nil {
		return "lost"
	}
	return short(t, text)
}
