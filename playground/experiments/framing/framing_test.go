package framing

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// at is the address of a side with this stream.
func at(side, stream string) string {
	return side + "?pause=100&stream=" + url.QueryEscape(stream)
}

func TestSSEWritesTheBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		begin := time.Now()
		response := s.Get(t, at("/sse", `\uFEFFdata: \xFF\|x\r\|\n\n`))
		if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("the content type is %q", got)
		}
		for i, want := range []string{"\uFEFFdata: \xFF", "x\r", "\n\n"} {
			got := make([]byte, 100)
			n, err := response.Body.Read(got)
			if err != nil {
				t.Fatal(err)
			}
			if string(got[:n]) != want {
				t.Errorf("piece %d is %q, not %q", i, got[:n], want)
			}
			if took := time.Since(begin); took != time.Duration(i)*100*time.Millisecond {
				t.Errorf("piece %d came after %v", i, took)
			}
		}
		if rest, err := io.ReadAll(response.Body); err != nil || len(rest) > 0 {
			t.Errorf("the stream ends with %q, %v", rest, err)
		}
	})
}

func TestWSWritesTheMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		conn := s.WebSocket(t, at("/ws", `data: one\n\ndata: tw\|o\n\n\|data: half`))
		begin := time.Now()
		for _, want := range []struct {
			text  string
			after time.Duration
		}{
			{"one", 0},
			{"two", 100 * time.Millisecond},
			{"half", 200 * time.Millisecond},
		} {
			_, got, err := conn.Read(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want.text {
				t.Errorf("a message is %q, not %q", got, want.text)
			}
			if took := time.Since(begin); took != want.after {
				t.Errorf("%q came after %v, not %v", got, took, want.after)
			}
		}
		if _, _, err := conn.Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("the end is %v", err)
		}
	})
}

// A fragment leaves at its time, and not when its message is complete.
func TestFragmentsLeaveAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		conn := s.WebSocket(t, at("/ws", `data: tw\|o`))
		begin := time.Now()
		_, message, err := conn.Reader(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 10)
		n, err := message.Read(first)
		if err != nil || string(first[:n]) != "tw" || time.Since(begin) != 0 {
			t.Errorf("the first fragment is %q, %v, after %v", first[:n], err, time.Since(begin))
		}
		rest, err := io.ReadAll(message)
		if err != nil || string(rest) != "o" || time.Since(begin) != 100*time.Millisecond {
			t.Errorf("the rest is %q, %v, after %v", rest, err, time.Since(begin))
		}
	})
}

func TestServerCloses(t *testing.T) {
	const slow = `data: a\|b\|c\|d`
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		response := s.Get(t, at("/sse", slow))
		conn := s.WebSocket(t, at("/ws", slow))
		s.Close()
		if _, err := io.ReadAll(response.Body); err != nil {
			t.Errorf("the stream ends with %v", err)
		}
		if _, _, err := conn.Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("the WebSocket ends with %v", err)
		}
	})
}

func TestClientLeaves(t *testing.T) {
	slow := "data: a" + strings.Repeat(`\|b`, 100)
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		s.Get(t, at("/sse", slow)).Body.Close()
		s.WebSocket(t, at("/ws", slow)).CloseNow()
		time.Sleep(time.Second)
		synctest.Wait()
		if s.Runner.Open() != 0 {
			t.Errorf("%d runs are still open", s.Runner.Open())
		}
	})
}

// A client that never reads is let go when its first write has waited 10 s.
func TestClientNeverReads(t *testing.T) {
	for _, side := range []string{"sse", "ws"} {
		t.Run(side, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := experimenttest.Start(t, New(), playground.Limits{})
				conn := s.Dial()
				defer conn.Close()
				head := "GET " + at("/"+side, `data: a\|b`) + " HTTP/1.1\r\nHost: experiment.test\r\n"
				if side == "ws" {
					head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
				}
				if _, err := io.WriteString(conn, head+"\r\n"); err != nil {
					t.Fatal(err)
				}
				if side == "ws" {
					conn.Read(make([]byte, 1000)) // the handshake, which is net/http's
				}
				time.Sleep(30 * time.Second)
				synctest.Wait()
				if s.Runner.Open() != 0 {
					t.Errorf("the run is still open after 30 s")
				}
			})
		})
	}
}

func TestStreamTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, New(), playground.Limits{})
		for _, side := range []string{"/sse", "/ws"} {
			if response := s.Get(t, at(side, strings.Repeat("x", 4097))); response.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: the status is %s", side, response.Status)
			}
		}
	})
}
