package playground_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// onSocket serves a WebSocket over a Socket, and returns the server.
func onSocket(t *testing.T, h func(*playground.Socket, *websocket.Conn)) *experimenttest.Server {
	return experimenttest.Start(t, playground.Experiment{
		SSE: func(http.ResponseWriter, *http.Request) {},
		WS: func(w http.ResponseWriter, r *http.Request) {
			socket := playground.NewSocket(w)
			conn, err := websocket.Accept(socket, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.CloseNow()
			h(socket, conn)
		},
	}, playground.Limits{})
}

// A frame that was made once is the one that the library would write, at each length
// that its header has a form for.
func TestTextFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lengths := []int{0, 1, 125, 126, 127, 65535, 65536, 70000}
		s := onSocket(t, func(socket *playground.Socket, conn *websocket.Conn) {
			for _, n := range lengths {
				if err := socket.Send(playground.TextFrame(bytes.Repeat([]byte("x"), n)), time.Second); err != nil {
					t.Error(err)
				}
			}
			conn.Close(websocket.StatusNormalClosure, "")
		})
		conn := s.WebSocket(t, "/ws")
		conn.SetReadLimit(-1)
		for _, n := range lengths {
			kind, text, err := conn.Read(t.Context())
			if kind != websocket.MessageText || string(text) != strings.Repeat("x", n) || err != nil {
				t.Errorf("of %d bytes %d came, %v, %v", n, len(text), kind, err)
			}
		}
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("the end is %v", err)
		}
	})
}

// What the library answers to pings meanwhile does not get into a frame, and after its
// close frame there is no other (RFC 6455 §5.5.1).
func TestFramesBesideTheLibrarys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const frames = 300
		after := make(chan error, 1)
		s := onSocket(t, func(socket *playground.Socket, conn *websocket.Conn) {
			conn.CloseRead(context.Background()) // answers pings
			frame := playground.TextFrame(bytes.Repeat([]byte("x"), 3000))
			for range frames {
				if err := socket.Send(frame, 10*time.Second); err != nil {
					t.Error(err)
				}
			}
			conn.Close(websocket.StatusServiceRestart, "")
			after <- socket.Send(frame, 10*time.Second)
		})
		conn := s.WebSocket(t, "/ws")
		for range 4 {
			go func() {
				for conn.Ping(t.Context()) == nil {
				}
			}()
		}
		for n := range frames {
			if _, text, err := conn.Read(t.Context()); len(text) != 3000 || err != nil {
				t.Fatalf("message %d has %d bytes, %v", n, len(text), err)
			}
		}
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusServiceRestart {
			t.Errorf("the end is %v", err)
		}
		if err := <-after; !errors.Is(err, net.ErrClosed) {
			t.Errorf("after the close frame: %v", err)
		}
	})
}

// A client that never reads fails Send, and not before its time; some of a frame may have
// been sent, so the connection is closed.
func TestSocketDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration, 1)
		s := onSocket(t, func(socket *playground.Socket, conn *websocket.Conn) {
			ctx := conn.CloseRead(context.Background())
			begin := time.Now()
			for socket.Send(playground.TextFrame([]byte("hello")), 10*time.Second) == nil {
			}
			ended <- time.Since(begin)
			<-ctx.Done()
		})
		client := s.Dial()
		defer client.Close()
		io.WriteString(client, "GET /ws HTTP/1.1\r\nHost: socket.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		if _, err := http.ReadResponse(bufio.NewReaderSize(client, 16), nil); err != nil {
			t.Fatal(err)
		}
		if took := <-ended; took < 10*time.Second || took > 11*time.Second {
			t.Errorf("Send failed after %v", took)
		}
	})
}

// The deadline was for what was sent: what the library writes later has its own.
func TestSocketDeadlineIsLifted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := onSocket(t, func(socket *playground.Socket, conn *websocket.Conn) {
			ctx := conn.CloseRead(context.Background())
			for range 2 {
				if err := socket.Send(playground.TextFrame([]byte("hello")), 10*time.Second); err != nil {
					t.Error(err)
				}
				time.Sleep(40 * time.Second)
				if err := conn.Ping(ctx); err != nil {
					t.Errorf("after 40 s: %v", err)
				}
			}
		})
		conn := s.WebSocket(t, "/ws")
		for {
			if _, _, err := conn.Read(t.Context()); err != nil {
				return
			}
		}
	})
}
