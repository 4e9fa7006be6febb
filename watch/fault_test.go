package watch

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serveStream serves an event stream that sends what it is told to, until the test ends.
func serveStream(t *testing.T) (target string, send chan string, ended chan error) {
	send, ended = make(chan string), make(chan error, 1)
	t.Cleanup(func() { close(send) })
	return serveBytes(t, func(t *testing.T, conn *net.TCPConn) {
		readHead(conn)
		go func() {
			_, err := io.Copy(io.Discard, conn)
			ended <- err
		}()
		io.WriteString(conn, streamHead)
		for s := range send {
			if _, err := io.WriteString(conn, s); err != nil {
				return
			}
		}
	}), send, ended
}

func ask(t *testing.T, address string) *net.TCPConn {
	conn := dial(t, address)
	io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
	return conn
}

// Each way of cutting looks at the client as it is named, and the server learns it.
func TestCut(t *testing.T) {
	for how, want := range map[string]string{"end": "0\r\n\r\n", "reset": "reset", "silence": "timeout"} {
		t.Run(how, func(t *testing.T) {
			target, send, ended := serveStream(t)
			w, through := start(t, "http://"+target)
			conn := ask(t, through)
			send <- chunk("data: 1\n\n")
			if got := readUntil(conn, "data: 1\n\n\r\n"); got != streamHead+chunk("data: 1\n\n") {
				t.Fatalf("got %q", got)
			}
			rows := w.until(t, "open", func(rows []Row) bool { return len(rows) == 1 && rows[0].Events == 1 })
			if !w.Cut(rows[0].ID, how) {
				t.Fatal("nothing was cut")
			}
			if how == "silence" {
				send <- chunk("data: 2\n\n") // the server notices nothing
				w.until(t, "seen", func(rows []Row) bool { return rows[0].Events == 2 })
				conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			}
			rest, err := io.ReadAll(conn)
			got := string(rest)
			switch {
			case errors.Is(err, syscall.ECONNRESET):
				got += "reset"
			case err != nil && err.(net.Error).Timeout():
				got += "timeout"
			}
			if got != want {
				t.Errorf("the client got %q, want %q", got, want)
			}
			conn.Close()
			<-ended
			rows = w.until(t, "ended", func(rows []Row) bool { return !rows[0].Open })
			if len(rows[0].Notices) > 0 || rows[0].Faults[0] != how {
				t.Errorf("a fault of ours is told as the server's: %+v", rows[0])
			}
		})
	}
}

// What is held back comes when there is enough of it, or when it is no longer held.
func TestHold(t *testing.T) {
	target, send, _ := serveStream(t)
	w, through := start(t, "http://"+target)
	conn := ask(t, through)
	readHead(conn)
	rows := w.until(t, "open", func(rows []Row) bool { return rows[0].Kind == EventStream })
	w.Set(rows[0].ID, Settings{Hold: true})
	send <- chunk("data: 1\n\n")
	w.until(t, "there", func(rows []Row) bool { return rows[0].Events == 1 })
	conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 1)); n > 0 {
		t.Fatalf("it passed: %v", err)
	}
	conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	long := chunk("data: " + strings.Repeat("x", heldBytes) + "\n\n")
	send <- long
	want := chunk("data: 1\n\n") + long
	if got := readUntil(conn, "x\n\n\r\n"); got != want {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
	send <- chunk("data: 2\n\n")
	w.until(t, "there", func(rows []Row) bool { return rows[0].Events == 3 })
	w.Set(rows[0].ID, Settings{})
	if got := readUntil(conn, "data: 2\n\n\r\n"); got != chunk("data: 2\n\n") {
		t.Errorf("got %q", got)
	}
}

// Comments are left out with their chunks, however they are cut; all else stays.
func TestNoHeartbeats(t *testing.T) {
	sent := chunk(": ping\n\n") + chunk("data: 1\n\n") + chunk(":\n\n") + chunk(": with\ndata: 2\n\n") + "0\r\n\r\n"
	want := chunk("data: 1\n\n") + chunk(": with\ndata: 2\n\n") + "0\r\n\r\n"
	for size := 1; size < len(sent); size++ {
		o := outlet{kind: EventStream, body: body{kind: chunked}}
		var got []byte
		for p := []byte(sent); len(p) > 0; p = p[min(size, len(p)):] {
			got = append(got, o.chunks(p[:min(size, len(p))], true)...)
		}
		if string(got) != want {
			t.Fatalf("in pieces of %d: %q", size, got)
		}
	}
}

// Of a WebSocket pings and pongs are left out, from one frame to the next.
func TestNoPings(t *testing.T) {
	text, ping, pong, long := "\x81\x05Hello", "\x89\x02hi", "\x8a\x00", "\x82\x7e\x00\x80"+strings.Repeat("\x89", 128)
	sent, want := ping+text+pong+long+ping+text, text+long+text
	for size := 1; size < len(sent); size++ {
		o := outlet{kind: WebSocket}
		var got []byte
		for p := []byte(sent); len(p) > 0; p = p[min(size, len(p)):] {
			got = append(got, o.frames(p[:min(size, len(p))], true)...)
		}
		if string(got) != want {
			t.Fatalf("in pieces of %d: %q", size, got)
		}
	}
}

// A request gets the answer that was set, and the server does not see it.
func TestAnswer(t *testing.T) {
	target := serveBytes(t, func(t *testing.T, conn *net.TCPConn) { t.Error("the server was asked") })
	w, through := start(t, "http://"+target)
	for code, want := range map[int]string{503: "HTTP/1.1 503 Service Unavailable\r\n", 204: "HTTP/1.1 204 No Content\r\n"} {
		w.Set("", Settings{Answer: code})
		got, err := io.ReadAll(ask(t, through))
		if !strings.HasPrefix(string(got), want) || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}
