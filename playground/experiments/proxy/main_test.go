package proxy

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves the proxy and what is behind it, inside a testing/synctest bubble.
func start(t *testing.T) *experimenttest.Server {
	return experimenttest.StartWithBackends(t, New, playground.Limits{})
}

// An answer is what came of a stream, and when.
type answer struct {
	http.Header
	status int
	reads  string // "0s: 1 250ms: 2 3 ": when the client read what
	broken bool   // it broke off
	took   time.Duration
}

// get reads a stream to its end, as a browser does that takes gzip.
func get(t *testing.T, s *experimenttest.Server, query, lastEventID string) answer {
	t.Helper()
	r, err := http.NewRequest("GET", "http://experiment.test/sse?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	begun := time.Now()
	return read(s.Do(t, r), begun)
}

// read reads an answer to its end, decompressing what has come so far.
func read(response *http.Response, begun time.Time) answer {
	a := answer{Header: response.Header, status: response.StatusCode}
	defer response.Body.Close()
	var all bytes.Buffer
	var shown int // bytes of the stream that are in reads
	var reads strings.Builder
	p := make([]byte, 64<<10)
	for {
		n, err := response.Body.Read(p)
		all.Write(p[:n])
		if text := inflated(all.Bytes(), response.Header.Get("Content-Encoding")); len(text) > shown {
			if came := events(text[shown:]); came != "" {
				fmt.Fprintf(&reads, "%v: %s", time.Since(begun).Round(10*time.Millisecond), came)
			}
			shown = len(text)
		}
		if err != nil {
			a.reads, a.broken, a.took = reads.String(), !errors.Is(err, io.EOF), time.Since(begun).Round(10*time.Millisecond)
			return a
		}
	}
}

// inflated is what can be told of a body from its first bytes.
func inflated(p []byte, coding string) string {
	if coding != "gzip" {
		return string(p)
	}
	z, err := gzip.NewReader(bytes.NewReader(p))
	if err != nil {
		return ""
	}
	text, _ := io.ReadAll(z) // an unexpected end is what is to be expected
	return string(text)
}

// events are a stream's bytes in short: the data, and a colon for a comment.
func events(text string) string {
	var short strings.Builder
	for line := range strings.Lines(text) {
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			short.WriteString(strings.TrimSpace(data) + " ")
		} else if strings.HasPrefix(line, ":") {
			short.WriteString(": ")
		}
	}
	return short.String()
}

// A talk is what came of a WebSocket, and when.
type talk struct {
	status int
	reads  string // "0s: 1 250ms: 2 "
	code   websocket.StatusCode
	took   time.Duration
}

// talkTo reads a WebSocket to its end.
func talkTo(t *testing.T, s *experimenttest.Server, query string) talk {
	t.Helper()
	ctx, begun := context.Background(), time.Now()
	conn, response, err := websocket.Dial(ctx, "ws://experiment.test/ws?"+query, &websocket.DialOptions{HTTPClient: s.Client})
	if err != nil {
		return talk{status: response.StatusCode}
	}
	defer conn.CloseNow()
	var reads strings.Builder
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return talk{response.StatusCode, reads.String(), websocket.CloseStatus(err), time.Since(begun).Round(10 * time.Millisecond)}
		}
		fmt.Fprintf(&reads, "%v: %s ", time.Since(begun).Round(10*time.Millisecond), message)
	}
}
