package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground/wire"
)

func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, message, err := c.Read(context.Background())
		if err != nil {
			return
		}
		if err := c.Write(context.Background(), kind, message); err != nil {
			return
		}
	}
}

// The capture has byte for byte what the client's end of the connection saw:
// the handshake, masked frames, the closing handshake.
func TestWebSocket(t *testing.T) {
	s := newSite(t, limits, echo)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()

	seen := new(tee)
	c, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/?capture=capture-a", &websocket.DialOptions{HTTPClient: seen.client(s.addr)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for _, size := range []int{0, 1, 125, 126, 5000, 32_000} {
		want := bytes.Repeat([]byte("x"), size)
		if err := c.Write(ctx, websocket.MessageBinary, want); err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Read(ctx); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, %v; want %d", len(got), err, size)
		}
	}
	c.Close(websocket.StatusNormalClosure, "done")

	got := s.await(t, "capture-a", ended(wire.Server, "fin"))[0]
	written, read := seen.bytes()
	check(t, got, written, read)
	if n := len(got.Client) - strings.Index(string(got.Client), "\r\n\r\n"); n < 37_000 {
		t.Errorf("only %d bytes after the client's handshake", n)
	}
	for _, end := range got.Ends {
		if end.How != "fin" {
			t.Errorf("ended by %s; the read that a hijack interrupts is no end", end.How)
		}
	}
}

// A client may send frames before it has read the answer to its handshake.
// Whether net/http has read none of them, one byte, or all, they are in their
// place.
func TestFramesBeforeTheHandshakeIsOver(t *testing.T) {
	handshake := get("capture=capture-a", "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	frame := "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58" // "Hello", masked: RFC 6455 §5.7
	const hello = "\x81\x05Hello"

	for name, send := range map[string]func(io.Writer, func()){
		"with it": func(w io.Writer, ready func()) { io.WriteString(w, handshake+frame); ready() },
		"a little": func(w io.Writer, ready func()) {
			io.WriteString(w, handshake+frame[:3])
			ready()
			io.WriteString(w, frame[3:])
		},
		"after it": func(w io.Writer, ready func()) {
			io.WriteString(w, handshake)
			time.Sleep(time.Second)
			go ready()
			io.WriteString(w, frame)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				accept := make(chan struct{})
				l := newPipes()
				s := serve(t, l, limits, func(w http.ResponseWriter, r *http.Request) { <-accept; echo(w, r) })
				c := l.dial()
				go send(c, sync.OnceFunc(func() { time.Sleep(time.Second); close(accept) }))

				var got strings.Builder
				for !strings.HasSuffix(got.String(), hello) {
					p := make([]byte, 1000)
					n, err := c.Read(p)
					if err != nil {
						t.Fatalf("%v after %q", err, got.String())
					}
					got.Write(p[:n])
				}
				c.Close()
				synctest.Wait()
				check(t, s.await(t, "capture-a", ended(wire.Server, "fin"))[0], handshake+frame, got.String())
			})
		})
	}
}

// After a hijack there is no background read any more: what is read byte by
// byte is recorded byte by byte.
func TestHijackedReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := serve(t, l, limits, func(w http.ResponseWriter, r *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer c.Close()
			for p := make([]byte, 1); ; {
				if _, err := c.Read(p); err != nil {
					return
				}
			}
		})
		c := l.dial()
		request := get("capture=capture-a", "Upgrade: bytes")
		io.WriteString(c, request)
		for _, b := range []byte("bytes") {
			request += string(b)
			c.Write([]byte{b})
			synctest.Wait()
			check(t, s.await(t, "capture-a", exists)[0], request, "")
		}
		c.Close()
	})
}

// What becomes of a connection that went on without being recorded is not a
// capture's business.
func TestHijackedUnrecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := serve(t, l, limits, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "" {
				echo(w, r)
			}
		})
		c := l.dial()
		r := bufio.NewReader(c)
		request := get("capture=capture-a")
		io.WriteString(c, request)
		response := readResponse(t, r)
		io.WriteString(c, get("", "Connection: Upgrade", "Upgrade: websocket",
			"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
		if answer := readResponse(t, r); !strings.HasPrefix(answer, "HTTP/1.1 101 ") {
			t.Errorf("answer to the handshake: %q", answer)
		}
		synctest.Wait() // the 101 comes before the hijack
		c.Close()
		synctest.Wait()

		got := s.await(t, "capture-a", exists)[0]
		check(t, got, request, response)
		if len(got.Ends) != 0 {
			t.Errorf("ends: %v", got.Ends)
		}
	})
}

// CloseConns reaches the connections that http.Server has forgotten.
func TestCloseConns(t *testing.T) {
	s := newSite(t, limits, echo)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/?capture=capture-a", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	s.server.Close()
	s.tap.CloseConns()
	if _, _, err := c.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("after CloseConns: %v", err)
	}
	s.await(t, "capture-a", ended(wire.Server, "fin"))
}

// An hour of heartbeats, in virtual time: the segments have their times.
func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := serve(t, l, limits, func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer c.CloseNow()
			ctx := c.CloseRead(context.Background())
			for range 60 {
				time.Sleep(time.Minute)
				if err := c.Ping(ctx); err != nil {
					t.Error(err)
				}
			}
			c.Close(websocket.StatusNormalClosure, "")
		})
		started := time.Now()
		seen := new(tee)
		client := seen.wrap(func() (net.Conn, error) { return l.dial(), nil })
		c, _, err := websocket.Dial(t.Context(), "ws://pipe/?capture=capture-a", &websocket.DialOptions{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		c.Read(t.Context())
		c.CloseNow()
		synctest.Wait()

		got := s.await(t, "capture-a", ended(wire.Server, "fin"))[0]
		written, read := seen.bytes()
		check(t, got, written, read)
		last := started
		for _, s := range got.Segments {
			if s.At.Before(last) {
				t.Errorf("segment at %v after one at %v", s.At, last)
			}
			last = s.At
		}
		if last.Sub(started) < time.Hour {
			t.Errorf("the last segment came after %v", last.Sub(started))
		}
	})
}

// A tee notes what a client writes and reads.
type tee struct {
	mu            sync.Mutex
	written, read strings.Builder
}

func (t *tee) client(addr string) *http.Client {
	return t.wrap(func() (net.Conn, error) { return net.Dial("tcp", addr) })
}

func (t *tee) wrap(dial func() (net.Conn, error)) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			conn, err := dial()
			return teeConn{conn, t}, err
		},
	}}
}

// A teeConn is a connection of the client. It may have several: it dials one for a request
// that finds none free, and then takes what is free first.
type teeConn struct {
	net.Conn
	tee *tee
}

func (c teeConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tee.mu.Lock()
	defer c.tee.mu.Unlock()
	c.tee.read.Write(p[:n])
	return n, err
}

// Write notes the bytes before they leave: the answer to them can have another
// goroutine write before this one goes on.
func (c teeConn) Write(p []byte) (int, error) {
	c.tee.mu.Lock()
	c.tee.written.Write(p)
	c.tee.mu.Unlock()
	return c.Conn.Write(p)
}

func (t *tee) bytes() (written, read string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written.String(), t.read.String()
}
