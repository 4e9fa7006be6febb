package echo

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// The sizes at which something changes (RFC 6455 §5.2).
var sizes = []int{0, 1, 125, 126, 65535, 65536, maxMessage}

func TestSocketSaysItBack(t *testing.T) {
	url, _ := onLoopback(t)
	for _, query := range []string{"", "fragments=2", "fragments=10", "deflate=on", "deflate=on&fragments=3", "ping=off"} {
		conn := dial(t, url+"?"+query)
		for _, size := range sizes {
			for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
				want := bytes.Repeat([]byte{'a', 0}, size)[:size]
				if err := conn.Write(t.Context(), kind, want); err != nil {
					t.Fatal(err)
				}
				if got, data, err := conn.Read(t.Context()); got != kind || !bytes.Equal(data, want) || err != nil {
					t.Errorf("%s: of %d bytes of %v, %d of %v came back: %v", query, size, kind, len(data), got, err)
				}
			}
		}
	}
}

// The close frame arrives, however much was still on its way.
func TestSocketChecks(t *testing.T) {
	url, _ := onLoopback(t)
	for _, test := range []struct {
		kind websocket.MessageType
		data string
		want websocket.StatusCode
	}{
		{websocket.MessageText, "\xc3\x28", websocket.StatusInvalidFramePayloadData},
		{websocket.MessageText, "帧"[:2], websocket.StatusInvalidFramePayloadData},
		{websocket.MessageText, strings.Repeat("x", maxMessage+1), websocket.StatusMessageTooBig},
		{websocket.MessageBinary, strings.Repeat("x", 4<<20), websocket.StatusMessageTooBig},
	} {
		for _, query := range []string{"", "deflate=on"} {
			conn := dial(t, url+"?"+query)
			written := make(chan error)
			go func() { written <- conn.Write(context.Background(), test.kind, []byte(test.data)) }()
			if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != test.want {
				t.Errorf("%s: %.10q ended with %v, want %d", query, test.data, err, test.want)
			}
			<-written
		}
	}
}

// The server closes with what the client has closed with.
func TestSocketCloses(t *testing.T) {
	url, _ := onLoopback(t)
	for _, code := range []websocket.StatusCode{1000, 1001, 3000, 4999, websocket.StatusNoStatusRcvd} {
		if err := dial(t, url).Close(code, ""); err != nil {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestSocketPings(t *testing.T) {
	url, _ := onLoopback(t)
	for query, pings := range map[string]bool{"": true, "ping=off": false} {
		pinged := make(chan struct{}, 10)
		conn, _, err := websocket.Dial(t.Context(), url+"?"+query, &websocket.DialOptions{
			OnPingReceived: func(context.Context, []byte) bool { pinged <- struct{}{}; return true },
		})
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(t.Context(), websocket.MessageText, []byte("x"))
		conn.Read(t.Context())
		conn.CloseRead(t.Context())
		if pings {
			<-pinged // it may come before the echo or after it
		}
		conn.Close(websocket.StatusNormalClosure, "")
		if n := len(pinged); n > 0 {
			t.Errorf("%q: %d pings too many", query, n)
		}
	}
}

func TestSocketOfAServerThatCloses(t *testing.T) {
	url, closing := onLoopback(t)
	conn := dial(t, url)
	closing()
	if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the socket got %v", err)
	}
}

// Whoever never answers a ping or a close, or stops inside a frame, does not
// stay for ever.
func TestSilentClient(t *testing.T) {
	for name, frames := range map[string]string{
		"says nothing more":        "\x81\x82\x00\x00\x00\x00\xc3\x28",
		"stops inside a header":    "\x81\x82\x00\x00\x00\x00\xc3\x28" + "\x82",
		"stops inside a payload":   "\x81\x82\x00\x00\x00\x00\xc3\x28" + "\x82\x82\x00\x00\x00\x00a",
		"stops inside a large one": "\x82\xff\x00\x00\x00\x00\x00\x02\x00\x00" + "\x00\x00\x00\x00" + strings.Repeat("a", maxMessage+10),
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t)
			conn := s.Dial()
			defer conn.Close()
			go io.Copy(io.Discard, conn)
			fmt.Fprint(conn, "GET /ws HTTP/1.1\r\nHost: experiment.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+frames)
			synctest.Wait()
			if n := s.Runner.Open(); n != 1 {
				t.Errorf("%s: %d are open while the server waits for the client's close frame", name, n)
			}
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if n := s.Runner.Open(); n != 0 {
				t.Errorf("%s: %d are still open", name, n)
			}
		})
	}
}

func TestSubprotocol(t *testing.T) {
	url, _ := onLoopback(t)
	for _, test := range []struct {
		offered []string
		want    string
	}{
		{nil, ""}, {[]string{"echo.v1"}, "echo.v1"}, {[]string{"echo.v2"}, ""}, {[]string{"echo.v2", "echo.v1"}, "echo.v1"},
	} {
		conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: test.offered})
		if err != nil {
			t.Fatal(err)
		}
		if got := conn.Subprotocol(); got != test.want {
			t.Errorf("of %q the server chose %q, want %q", test.offered, got, test.want)
		}
		conn.Close(websocket.StatusNormalClosure, "")
	}
}

func TestStreamSaysItBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		_, text := s.listen(t, "capture=capture-1")
		_, binary := s.listen(t, "capture=capture-2&kind=binary&ping=off")
		for _, size := range sizes {
			data := strings.Repeat("a", size)
			if status := s.send(t, "capture=capture-1", data); status != http.StatusNoContent {
				t.Fatalf("%d bytes: status %d", size, status)
			}
			if got := block(text); got != "data: "+data+"\n" {
				t.Errorf("of %d bytes of text, %d came back", size, len(got))
			}
			data = strings.Repeat("\xff", size)
			s.send(t, "capture=capture-2&kind=binary", data)
			if got := block(binary); got != "data: "+base64.StdEncoding.EncodeToString([]byte(data))+"\n" {
				t.Errorf("of %d bytes of binary, %d came back", size, len(got))
			}
		}
		s.send(t, "capture=capture-1", "two\nlines")
		if got := block(text); got != "data: two\ndata: lines\n" {
			t.Errorf("two lines came back as %q", got)
		}
	})
}

func TestStreamIsCompressed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		resp, lines := s.listen(t, "deflate=on&ping=off") // Go's client inflates it
		if !resp.Uncompressed {
			t.Error("the stream is not compressed")
		}
		for _, data := range []string{"hello", strings.Repeat("a", maxMessage)} {
			s.send(t, "", data)
			if got := block(lines); got != "data: "+data+"\n" {
				t.Errorf("%.10q came back as %.20q", data, got)
			}
		}
	})
}

func TestStreamForWhomDoesNotInflate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		r, _ := http.NewRequest("GET", "http://experiment.test/sse?deflate=on", nil)
		r.Header.Set("Accept-Encoding", "identity")
		if got := s.Do(t, r).Header.Get("Content-Encoding"); got != "" {
			t.Errorf("the stream comes under %q", got)
		}
	})
}

// Compressed streams are bounded, and give their place back.
func TestCompressedStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		var all []*http.Response
		for range maxCompressed + 1 {
			resp, _ := s.listen(t, "deflate=on")
			all = append(all, resp)
		}
		compressed := func(r *http.Response) bool { return r.Uncompressed }
		if last := all[maxCompressed]; compressed(last) || !compressed(all[maxCompressed-1]) {
			t.Error("the bound is another")
		}
		all[0].Body.Close()
		synctest.Wait()
		if resp, _ := s.listen(t, "deflate=on"); !compressed(resp) {
			t.Error("a place that was left is not given again")
		}
	})
}

func TestSendRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		if status := s.send(t, "capture=capture-1", "x"); status != http.StatusConflict {
			t.Errorf("with nobody there: %d", status)
		}
		s.listen(t, "capture=capture-1")
		for _, test := range []struct {
			query, body string
			want        int
		}{
			{"", "\xff", http.StatusBadRequest},
			{"&kind=binary", "\xff", http.StatusNoContent},
			{"", strings.Repeat("x", maxMessage+1), http.StatusRequestEntityTooLarge},
			{"&kind=film", "x", http.StatusBadRequest},
		} {
			if got := s.send(t, "capture=capture-1"+test.query, test.body); got != test.want {
				t.Errorf("%s, %.10q: %d, want %d", test.query, test.body, got, test.want)
			}
		}
	})
}

// What waits for a stream is bounded, and the newest stream of a capture gets it.
func TestStreams(t *testing.T) {
	s := newStreams()
	r, _ := http.NewRequest("GET", "/?capture=capture-1", nil)
	old, _ := s.open(r)
	newest, _ := s.open(r)
	for i := range maxWaiting + 1 {
		if err := s.pass(r, nil); errors.Is(err, errBusy) != (i == maxWaiting) {
			t.Errorf("message %d: %v", i+1, err)
		}
	}
	if len(old) > 0 || len(newest) != maxWaiting {
		t.Errorf("the old stream has %d messages, the newest %d", len(old), len(newest))
	}
	s.close(r, old)
	if err := s.pass(r, nil); !errors.Is(err, errBusy) {
		t.Errorf("the old stream has left, and with it the newest: %v", err)
	}
	s.close(r, newest)
	if err := s.pass(r, nil); !errors.Is(err, errNobody) {
		t.Errorf("with nobody there: %v", err)
	}
	for range maxStreams {
		if _, err := s.open(r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.open(r); !errors.Is(err, errFull) {
		t.Errorf("one stream more: %v", err)
	}
}

func TestStreamOfAServerThatCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		_, lines := s.listen(t, "ping=off")
		s.Close()
		if _, err := lines.ReadByte(); err != io.EOF {
			t.Errorf("the stream ended with %v", err)
		}
	})
}

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		data string
		n    int
		want []string
	}{
		{"abcd", 1, []string{"abcd"}},
		{"abcde", 2, []string{"ab", "cde"}},
		{"a", 3, []string{"", "", "a"}},
		{"", 2, []string{"", ""}},
	} {
		var got []string
		for _, part := range split([]byte(test.data), test.n) {
			got = append(got, string(part))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q in %d: %q, want %q", test.data, test.n, got, test.want)
		}
	}
}
