package watch

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"seewire/playground/wire"
)

// Whatever is wrong with one end is a sentence at the other, and a notice; the next client is served.
func TestBadEnds(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	only := httptest.NewUnstartedServer(http.NotFoundHandler())
	only.StartTLS()
	only.TLS.NextProtos = []string{"other"} // beside h2 alone crypto/tls takes http/1.1
	defer only.Close()
	settings := serveBytes(t, func(t *testing.T, conn *net.TCPConn) {
		io.WriteString(conn, "\x00\x00\x00\x04\x00\x00\x00\x00\x00")
		readHead(conn)
	})
	const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for name, test := range map[string]struct {
		target, sends string
		answer        string // its beginning
		notice        string
	}{
		"away":                     {"http://" + closed.Addr().String(), get, "HTTP/1.1 502 Bad Gateway\r\n", "away"},
		"no such name":             {"http://there-is.invalid", get, "HTTP/1.1 502 Bad Gateway\r\n", "away"},
		"TLS where plain was said": {secure.URL[:4] + secure.URL[5:], get, "HTTP/1.0 400 Bad Request\r\n", "tls"},
		"plain where TLS was said": {"https" + plain.URL[4:], get, "HTTP/1.1 502 Bad Gateway\r\n", "plain"},
		"a certificate of nobody":  {secure.URL, get, "HTTP/1.1 502 Bad Gateway\r\n", "certificate"},
		"HTTP/2 alone":             {"http://" + settings, get, "\x00\x00\x00\x04\x00", "onlyh2"},
		"HTTP/2 alone, with TLS":   {only.URL, get, "HTTP/1.1 502 Bad Gateway\r\n", "onlyh2"},
		"a client with TLS":        {plain.URL, "\x16\x03\x01\x00\x05hello", "HTTP/1.1 400 Bad Request\r\n", "clienttls"},
		"a client with garbage":    {plain.URL, "\x00\x01\x02", "HTTP/1.1 400 Bad Request\r\n", "noclient"},
		"a head without an end":    {plain.URL, "GET / HTTP/1.1\r\nX: " + strings.Repeat("x", maxHead), "HTTP/1.1 431 ", "noclient"},
	} {
		t.Run(name, func(t *testing.T) {
			w, through := start(t, test.target, func(o *Options) { o.Insecure = test.notice == "onlyh2" })
			for range 2 {
				conn := dial(t, through)
				go io.WriteString(conn, test.sends)
				got, err := io.ReadAll(conn)
				if !strings.HasPrefix(string(got), test.answer) || err != nil {
					t.Errorf("got %q, %v", got, err)
				}
			}
			rows := w.until(t, "ended", func(rows []Row) bool { return len(rows) == 2 && !rows[0].Open && !rows[1].Open })
			if got := keys(rows[0]); got != test.notice {
				t.Errorf("notices %q, want %q", got, test.notice)
			}
		})
	}
}

// A target that leads back is noticed where it is dialed, whatever its name is.
func TestLoop(t *testing.T) {
	l := listen(t)
	w, through := startOn(t, l, limits, fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port))
	got, err := io.ReadAll(ask(t, through))
	if !strings.HasPrefix(string(got), "HTTP/1.1 502 ") || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if rows := w.until(t, "there", func(rows []Row) bool { return len(rows) == 1 && !rows[0].Open }); keys(rows[0]) != "loop" {
		t.Errorf("%+v", rows[0])
	}
}

// Through TLS the bytes are the same, and both hops are recorded above it.
func TestTLS(t *testing.T) {
	target := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: "+r.Host+"\n\n")
	}))
	defer target.Close()
	w, through := start(t, target.URL, func(o *Options) { o.Insecure = true })
	conn := dial(t, through)
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	got, err := io.ReadAll(conn)
	if want := "data: " + strings.TrimPrefix(target.URL, "https://") + "\n\n"; !strings.Contains(string(got), want) || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	w.until(t, "ended", func(rows []Row) bool { return len(rows) == 1 && !rows[0].Open })
	capture := w.rows[0].capture
	for changed := capture.Changed(); len(capture.Snapshot()[0].Ends) == 0; changed = capture.Changed() { // the end is noted last
		<-changed
	}
	hops := capture.Snapshot()
	if len(hops) != 2 || hops[0].Hop != "" || hops[1].Hop != Hop || !bytes.Equal(hops[0].Server, hops[1].Server) || !bytes.Equal(hops[0].Server, got) {
		t.Errorf("recorded %+v", hops)
	}
}

// What is kept stays within its bounds: a long stream has its beginning and its newest,
// and the oldest exchanges go and are counted.
func TestBounds(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3000 {
			fmt.Fprintf(w, "id: %d\ndata: %s\n\n", i, strings.Repeat("x", 100))
		}
	}))
	defer target.Close()
	small := wire.Limits{CaptureBytes: 200 << 10, Captures: 10, TotalBytes: 1 << 20, Connections: 10, Age: limits.Age}
	w, through := startOn(t, listen(t), small, target.URL)
	const count = 20
	for range count {
		resp, err := http.Get("http://" + through + "/")
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if n < 3000*100 || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
		if _, held := w.store.Held(); held > small.TotalBytes+64<<10 {
			t.Fatalf("%d bytes are held", held)
		}
	}
	w.until(t, "ended", func(rows []Row) bool { return !rows[len(rows)-1].Open })
	w.mu.Lock()
	w.letGo()
	rows, gone, total := w.rows, w.gone, w.total
	w.mu.Unlock()
	if len(rows) > small.Captures || gone != count-len(rows) || total != count {
		t.Errorf("%d rows, %d gone of %d", len(rows), gone, total)
	}
	capture := rows[len(rows)-1].capture
	for { // what was written to the client is noted right after it
		changed := capture.Changed()
		newest := capture.Snapshot()[0]
		if bytes.HasPrefix(newest.Server, []byte("HTTP/1.1 200 OK")) && bytes.Contains(newest.Server, []byte("id: 2999\n")) && len(newest.Gaps) > 0 {
			return
		}
		select {
		case <-changed:
		case <-time.After(30 * time.Second):
			t.Fatalf("of the newest %d bytes are kept, with gaps %v", len(newest.Server), newest.Gaps)
		}
	}
}

// Rows are let go where no page asks for them, too.
func TestRowsAreLetGo(t *testing.T) {
	for name, small := range map[string]wire.Limits{
		"of the watch":      {CaptureBytes: 1 << 10, Captures: 2 * MostRows, TotalBytes: 1 << 30, Connections: 1, Age: limits.Age},
		"of the store":      {CaptureBytes: 1 << 10, Captures: 100, TotalBytes: 1 << 20, Connections: 1, Age: limits.Age},
		"of what they hold": {CaptureBytes: 1 << 10, Captures: 2 * MostRows, TotalBytes: 100 << 10, Connections: 1, Age: limits.Age},
	} {
		t.Run(name, func(t *testing.T) {
			store := wire.NewStore(small)
			defer store.Close()
			w, err := New(Options{Target: &url.URL{Scheme: "http", Host: "x"}}, store, &net.TCPAddr{})
			if err != nil {
				t.Fatal(err)
			}
			const count = 2 * MostRows
			first := w.fill(1)
			first.Open, first.release = true, first.capture.Follow()
			w.fill(count - 1)
			_, held := store.Held()
			if len(w.rows) > MostRows || len(w.byID) != len(w.rows) || w.gone+len(w.rows) != count || held > small.TotalBytes {
				t.Errorf("%d rows, %d gone, %d bytes", len(w.rows), w.gone, held)
			}
			if w.rows[0] != first {
				t.Error("what is open is let go")
			}
		})
	}
}

// fill makes so many rows that have ended, and returns the last.
func (w *Watch) fill(count int) (r *row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range count {
		r = w.newRow(Row{})
		if recorder, err := r.capture.Record(&net.TCPAddr{}, &net.TCPAddr{}, "", true); err == nil {
			recorder.Add(wire.Client, time.Now(), []byte("GET"))
		}
	}
	return r
}

// A first byte through it beside one around it: go test ./watch -bench FirstByte
func BenchmarkFirstByte(b *testing.B) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: 1\n\n")
	}))
	defer target.Close()
	// As it is after days: with all rows that there may be.
	w, through := startOn(b, listen(b), wire.Limits{CaptureBytes: 8 << 20, Captures: 2 * MostRows, TotalBytes: 256 << 20, Connections: 1000, Age: time.Hour}, target.URL)
	w.fill(MostRows)
	for name, address := range map[string]string{"around": target.Listener.Addr().String(), "through": through} {
		b.Run(name, func(b *testing.B) {
			conn := dial(b, address)
			buffer := make([]byte, 4096)
			for b.Loop() {
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				if _, err := conn.Read(buffer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
