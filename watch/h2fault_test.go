package watch

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	h2 "golang.org/x/net/http2"

	"seewire/playground/http2frame"
)

// streams serves event streams over HTTP/2 that send what they are told to; what the
// target hears after two requests is in heard.
func streams(t *testing.T) (target string, send chan func(p *peer), heard chan string) {
	send, heard = make(chan func(p *peer)), make(chan string, 100)
	done := t.Context().Done()
	return serveFrames(t, func(p *peer) {
		p.says(h2.FrameHeaders)
		p.says(h2.FrameHeaders)
		go func() {
			for {
				said := p.says(h2.FrameRSTStream)
				heard <- said[len(said)-1]
				if !strings.HasPrefix(said[len(said)-1], "RST_STREAM") {
					return
				}
			}
		}()
		for {
			select {
			case do := <-send:
				do(p)
			case <-done:
				return
			}
		}
	}), send, heard
}

// Each way of cutting ends one stream, at the client as it is named; the other one on
// the same connection goes on.
func TestHTTP2Cut(t *testing.T) {
	for how, want := range map[string][]string{
		"end":     {`DATA 1 1 0 ""`},
		"reset":   {"RST_STREAM 0 1 4 INTERNAL_ERROR"},
		"silence": nil,
	} {
		t.Run(how, func(t *testing.T) {
			target, send, heard := streams(t)
			w, through := start(t, "http://"+target)
			p := dialHTTP2(t, through)
			p.asks(1, true, through)
			p.asks(3, true, through)
			send <- func(p *peer) {
				p.headers(1, false, ":status", "200", "content-type", streamType)
				p.WriteData(1, false, []byte("data: 1\n\n"))
			}
			p.says(h2.FrameData)
			rows := w.until(t, "open", func(rows []Row) bool { return len(rows) == 2 && rows[0].Events == 1 })
			if !w.Cut(rows[0].ID, how) {
				t.Fatal("nothing was cut")
			}
			if how != "silence" {
				if got := <-heard; got != "RST_STREAM 0 1 4 CANCEL" {
					t.Errorf("the target got %q", got)
				}
			}
			send <- func(p *peer) {
				p.WriteData(1, false, []byte("data: 2\n\n"))
				p.headers(3, true, ":status", "204")
			}
			said := p.says(h2.FrameHeaders)
			if got := strings.Join(said[:len(said)-1], "\n"); got != strings.Join(want, "\n") || !strings.Contains(said[len(said)-1], "204") {
				t.Errorf("the client got %q", said)
			}
			if how == "silence" {
				p.WriteRSTStream(1, h2.ErrCodeCancel)
				if got := <-heard; got != "RST_STREAM 0 1 4 CANCEL" {
					t.Errorf("the target got %q", got)
				}
			}
			rows = w.until(t, "ended", func(rows []Row) bool { return !rows[0].Open && !rows[1].Open })
			if len(rows[0].Notices) > 0 || len(rows[0].Faults) == 0 || rows[0].Faults[0] != how {
				t.Errorf("a fault of ours is told as the server's: %+v", rows[0])
			}
			if len(rows[1].Faults) > 0 {
				t.Errorf("another stream is cut: %+v", rows[1])
			}
		})
	}
}

// What is cut lets the other streams have its part of the connection's window.
func TestHTTP2CutWindow(t *testing.T) {
	target := serveHTTP2(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/after" {
			io.Copy(w, io.LimitReader(zeros{}, 3<<20))
			return
		}
		w.Header().Set("Content-Type", streamType)
		for {
			if _, err := w.Write(make([]byte, 8<<10)); err != nil {
				return
			}
		}
	})
	for _, how := range []string{"silence", "reset", "end"} {
		w, through := start(t, target.URL)
		client := plainHTTP2(t)
		resp, err := client.Get("http://" + through)
		if err != nil {
			t.Fatal(err)
		}
		rows := w.until(t, "open", func(rows []Row) bool { return rows[0].Bytes > 100<<10 })
		w.Cut(rows[0].ID, how)
		after, err := client.Get("http://" + through + "/after")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, after.Body); n != 3<<20 || err != nil {
			t.Errorf("after %s: %d bytes, %v", how, n, err)
		}
		after.Body.Close()
		resp.Body.Close()
		client.CloseIdleConnections()
	}
}

// What is held back on one stream leaves the others alone, and comes when there is
// enough of it, when its stream ends, or when it is no longer held.
func TestHTTP2Hold(t *testing.T) {
	target, send, _ := streams(t)
	w, through := start(t, "http://"+target)
	p := dialHTTP2(t, through)
	p.asks(1, true, through)
	p.asks(3, true, through)
	send <- func(p *peer) { p.headers(1, false, ":status", "200", "content-type", streamType) }
	p.says(h2.FrameHeaders)
	rows := w.until(t, "open", func(rows []Row) bool { return len(rows) == 2 && rows[0].Kind == EventStream })
	id := rows[0].ID
	w.mu.Lock()
	w.by["POST /events"] = Settings{Hold: true} // of the first alone, though both have the path
	hold := Settings{Hold: true}
	for e := range w.rows[0].open {
		e.settings.Store(&hold)
	}
	w.mu.Unlock()
	long := "data: " + strings.Repeat("x", heldBytes) + "\n\n"
	send <- func(p *peer) {
		p.WriteData(1, false, []byte("data: 1\n\n"))
		p.headers(3, false, ":status", "200", "content-type", streamType)
		p.WriteData(3, false, []byte("data: other\n\n"))
		p.WritePing(false, [8]byte{})
	}
	if said := p.says(h2.FramePing); len(said) != 3 || said[1] != `DATA 0 3 13 "data: other\n\n"` {
		t.Errorf("got %q", said)
	}
	send <- func(p *peer) { p.WriteData(1, false, []byte(long)) }
	if first, second := p.says(h2.FrameData), p.says(h2.FrameData); first[0] != `DATA 0 1 9 "data: 1\n\n"` || len(second[0]) < heldBytes {
		t.Errorf("got %q, %q", first, second)
	}
	send <- func(p *peer) {
		p.WriteData(1, false, []byte("data: 3\n\n"))
		p.WritePing(false, [8]byte{})
	}
	if said := p.says(h2.FramePing); len(said) != 1 {
		t.Errorf("got %q", said)
	}
	w.Set(id, Settings{})
	if got := p.says(h2.FrameData); got[0] != `DATA 0 1 9 "data: 3\n\n"` {
		t.Errorf("got %q", got)
	}
}

// Comments are left out of an event stream, and pings and pongs of a WebSocket; what they
// took of the windows is given back.
func TestHTTP2NoHeartbeats(t *testing.T) {
	target, send, _ := streams(t)
	w, through := start(t, "http://"+target)
	w.Set("", Settings{Quiet: true})
	p := dialHTTP2(t, through)
	p.asks(1, true, through)
	p.headers(3, false, ":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":path", "/ws", ":authority", through)
	send <- func(p *peer) {
		p.headers(1, false, ":status", "200", "content-type", streamType)
		p.WriteData(1, false, []byte(": ping\n\n"))
		p.WriteData(1, false, []byte("data: 1\n\n"))
		p.WriteData(1, true, []byte(": bye\n\n"))
		p.headers(3, false, ":status", "200")
		p.WriteData(3, false, []byte("\x89\x02hi\x81\x05Hello\x8a"))
		p.WriteData(3, false, []byte("\x00\x81\x01x"))
		p.WritePing(false, [8]byte{})
	}
	said := strings.Join(p.says(h2.FramePing), "\n")
	for _, want := range []string{
		`DATA 0 1 9 "data: 1\n\n"` + "\n" + `DATA 1 1 0 ""`,
		`DATA 0 3 7 "\x81\x05Hello"` + "\n" + `DATA 0 3 3 "\x81\x01x"`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("got %s\nwithout %s", said, want)
		}
	}
	rows := w.until(t, "there", func(rows []Row) bool { return len(rows) == 2 && rows[1].Events == 4 })
	if rows[1].Kind != WebSocket || rows[0].Comments != 2 {
		t.Errorf("%+v", rows)
	}
}

// A request gets the answer that was set, and the target does not see it. What it has
// sent along takes nothing from the others.
func TestHTTP2Answer(t *testing.T) {
	target := serveHTTP2(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	w, through := start(t, target.URL)
	client := plainHTTP2(t)
	for i, code := range []int{503, 204, 0} {
		w.Set("", Settings{Answer: code})
		for range 3 {
			resp, err := client.Post("http://"+through, "text/plain", io.LimitReader(zeros{}, 300<<10))
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if want := map[int]int64{503: int64(len(toldText)) + 1, 0: 300 << 10}[code]; n != want || err != nil {
				t.Errorf("%d: %d, %d bytes, %v", i, resp.StatusCode, n, err)
			}
			if code != 0 && resp.StatusCode != code {
				t.Errorf("got %d, want %d", resp.StatusCode, code)
			}
		}
	}
}

// A target that does not speak HTTP/2, or not at all, is a sentence to a client that
// does, and a notice; the connection is given up, so that the next one can be better.
func TestHTTP2BadEnds(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.StartTLS() // HTTP/1.1 alone
	defer secure.Close()
	silent := serveBytes(t, func(t *testing.T, conn *net.TCPConn) {})
	garbage := serveBytes(t, func(t *testing.T, conn *net.TCPConn) { io.WriteString(conn, "\xff\xfe garbage, and much of it") })
	for name, test := range map[string]struct{ target, notice string }{
		"away":                     {"http://127.0.0.1:1", "away"},
		"HTTP/1.1 alone":           {plain.URL, "noh2"},
		"HTTP/1.1 alone, with TLS": {secure.URL, "noh2"},
		"TLS where plain was said": {"http" + strings.TrimPrefix(secure.URL, "https"), "tls"},
		"plain where TLS was said": {"https" + strings.TrimPrefix(plain.URL, "http"), "plain"},
		"says nothing":             {"http://" + silent, "noh2"},
		"garbage":                  {"http://" + garbage, "noh2"},
	} {
		t.Run(name, func(t *testing.T) {
			w, through := start(t, test.target, func(o *Options) { o.Insecure = true })
			client := plainHTTP2(t)
			for range 2 {
				resp, err := client.Get("http://" + through)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if resp.StatusCode != 502 || !strings.HasPrefix(string(body), "watch can't reach "+test.target) || err != nil {
					t.Errorf("%d %q, %v", resp.StatusCode, body, err)
				}
			}
			// A request that has met GOAWAY is asked again on another connection.
			rows := w.until(t, "ended", func(rows []Row) bool {
				return len(rows) >= 2 && !slices.ContainsFunc(rows, func(r Row) bool { return r.Open })
			})
			for _, r := range rows {
				if got := keys(r); got != test.notice {
					t.Errorf("notices %q, want %q", got, test.notice)
				}
			}
		})
	}
}

// A client that sends what is no header block is told so, and so is a row.
func TestHTTP2Garbage(t *testing.T) {
	target := serveHTTP2(t, http.NotFound)
	for name, test := range map[string]struct{ sends, want string }{
		"no header block": {"\x00\x00\x01\x01\x05\x00\x00\x00\x01\xff", "COMPRESSION_ERROR"},
		"no end of it":    {strings.Repeat("\x00\x40\x00\x01\x00\x00\x00\x00\x01"+strings.Repeat("\x00", 1<<14), 1) + strings.Repeat("\x00\x40\x00\x09\x00\x00\x00\x00\x01"+strings.Repeat("\x00", 1<<14), 20), "ENHANCE_YOUR_CALM"},
		"a bomb":          {bomb(), "ENHANCE_YOUR_CALM"},
	} {
		t.Run(name, func(t *testing.T) {
			w, through := start(t, target.URL)
			p := dialHTTP2(t, through)
			io.WriteString(p.conn, test.sends)
			said := p.says(h2.FrameGoAway)
			if got := said[len(said)-1]; !strings.Contains(got, test.want) || !strings.Contains(got, "watch: ") {
				t.Errorf("got %q", said)
			}
			p.conn.Close()
			rows := w.until(t, "ended", func(rows []Row) bool { return len(rows) == 1 && !rows[0].Open })
			if got := keys(rows[0]); got != "noclient" {
				t.Errorf("notices %q", got)
			}
		})
	}
}

// bomb is a small block that says one large field again and again.
func bomb() string {
	value := strings.Repeat("x", 4000)
	block := "\x40\x01a\x7f\xa1\x1e" + value + strings.Repeat("\xbe", 5000)
	return string(makeFrame(http2frame.Headers, http2frame.EndHeaders, 1, []byte(block)))
}

// With a certificate a client speaks TLS, and gets the protocol that the target chooses.
func TestClientTLS(t *testing.T) {
	var own *tls.Certificate
	for _, both := range []bool{true, false} {
		target := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.Proto, " ", r.Header.Get("Origin") == "https://"+r.Host)
		}))
		target.EnableHTTP2 = both
		target.StartTLS()
		t.Cleanup(target.Close)
		own = &target.TLS.Certificates[0]
		w, through := start(t, target.URL, func(o *Options) { o.Insecure, o.Certificate = true, own })
		for _, protocol := range []string{"HTTP/2.0", "HTTP/1.1"} {
			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: protocol == "HTTP/2.0"}
			r, _ := http.NewRequestWithContext(t.Context(), "GET", "https://"+through, nil)
			r.Header.Set("Origin", "https://"+through)
			resp, err := transport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			transport.CloseIdleConnections()
			want := protocol
			if !both {
				want = "HTTP/1.1"
			}
			if resp.Proto != want || string(body) != want+" true" {
				t.Errorf("to a client of %s: %s, %s", protocol, resp.Proto, body)
			}
		}
		w.until(t, "ended", func(rows []Row) bool { return len(rows) == 2 && rows[0].HTTP2 == both })
	}
}
