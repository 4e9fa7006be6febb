package watch

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"seewire/playground/wire"
)

// keys are those of a row's notices.
func keys(r Row) string {
	var all []string
	for _, n := range r.Notices {
		if lessonOf[n.Key] == "" {
			panic(n.Key + " has no lesson")
		}
		all = append(all, n.Key)
	}
	return strings.Join(all, " ")
}

const (
	source = "GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
	socket = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
	agreed = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
)

// What is noticed of an exchange in which a server does something, and then ends.
func TestNotices(t *testing.T) {
	cases := map[string]struct {
		asks string
		does []any // text to write, or a time to wait
		want string
	}{
		"all is well":                  {source + "\r\n", []any{streamHead, chunk("data: 1\n\n"), time.Second, chunk("data: 2\n\n"), "0\r\n\r\n"}, ""},
		"a buffer":                     {source + "\r\n", []any{30 * time.Second, streamHead, chunk("data: 1\n\ndata: 2\n\ndata: 3\n\n"), "0\r\n\r\n"}, "burst"},
		"a buffer behind a head":       {source + "\r\n", []any{streamHead, 3 * time.Second, chunk("data: 1\n\ndata: 2\n\ndata: 3\n\n"), 3 * time.Second, chunk("data: 1\n\ndata: 2\n\ndata: 3\n\n"), "0\r\n\r\n"}, "burst"},
		"three events of one moment":   {source + "\r\n", []any{streamHead, 3 * time.Second, chunk("data: 1\n\ndata: 2\n\ndata: 3\n\n"), 3 * time.Second, chunk("data: 4\n\n"), "0\r\n\r\n"}, ""},
		"no heartbeat for a minute":    {source + "\r\n", []any{streamHead, 75 * time.Second, chunk("data: 1\n\n"), "0\r\n\r\n"}, "silence"},
		"a socket without a ping":      {socket, []any{agreed, 75 * time.Second, "\x88\x02\x03\xe8"}, "silence"},
		"a proxy's limit":              {source + "\r\n", []any{streamHead, chunk("data: 1\n\n"), 100 * time.Second}, "silence cut timeout"},
		"no type":                      {source + "\r\n", []any{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, "type"},
		"another type":                 {source + "\r\n", []any{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"}, "type"},
		"another type for a fetch":     {"GET / HTTP/1.1\r\nHost: x\r\nAccept: application/json, text/event-stream\r\n\r\n", []any{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"}, ""},
		"an EventSource that gives up": {source + "\r\n", []any{"HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n"}, "status"},
		"it is over":                   {source + "\r\n", []any{"HTTP/1.1 204 No Content\r\n\r\n"}, ""},
		"a close frame":                {socket, []any{agreed, "\x81\x01a\x88\x02\x03\xe8"}, ""},
		"no close frame":               {socket, []any{agreed, "\x81\x01a"}, "close.server"},
		"a stream that breaks off":     {source + "\r\n", []any{streamHead, chunk("data: 1\n\n") + "5\r\nda"}, "cut"},
		"a stream up to the end":       {source + "\r\n", []any{"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"}, ""},
		"no HTTP":                      {source + "\r\n", []any{"220 smtp.example ESMTP\r\n"}, "garbage"},
		"TLS in place of plain":        {source + "\r\n", []any{"\x15\x03\x01\x00\x02\x02\x46"}, "tls"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client, server := piped(t)
				go func() {
					readHead(server)
					for _, do := range test.does {
						switch do := do.(type) {
						case string:
							io.WriteString(server, do)
						case time.Duration:
							time.Sleep(do)
						}
					}
					server.Close()
				}()
				go io.WriteString(client, test.asks)
				io.Copy(io.Discard, client)
				synctest.Wait()
				w.mu.Lock()
				defer w.mu.Unlock()
				if got := keys(w.rows[0].Row); got != test.want {
					t.Errorf("%q, want %q: %+v", got, test.want, w.rows[0].Row)
				}
			})
		})
	}
}

// Under a content coding the same is noticed; what is not the coding is passed on, and
// so is what would become too much.
func TestNoticesUnderCoding(t *testing.T) {
	type flusher interface {
		io.WriteCloser
		Flush() error
	}
	const event = "id: %d\ndata: x\n\n"
	for name, make := range map[string]func(w io.Writer) flusher{
		"gzip":    func(w io.Writer) flusher { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) flusher { return zlib.NewWriter(w) },
		"br":      func(w io.Writer) flusher { return brotli.NewWriter(w) },
		"zstd": func(w io.Writer) flusher {
			z, _ := zstd.NewWriter(w)
			return z
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client, server := piped(t)
				go func() {
					readHead(server)
					io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: "+name+"\r\n\r\n")
					z := make(server)
					for group := range 2 {
						time.Sleep(3 * time.Second)
						for i := range 3 {
							fmt.Fprintf(z, event, 3*group+i)
						}
						z.Flush()
					}
					io.WriteString(z, ": ping\n\n")
					z.Flush()
					time.Sleep(75 * time.Second)
					z.Close()
					server.Close()
				}()
				go io.WriteString(client, source+"\r\n")
				io.Copy(io.Discard, client)
				synctest.Wait()
				w.mu.Lock()
				defer w.mu.Unlock()
				if r := w.rows[0].Row; keys(r) != "burst silence" || r.Events != 6 || r.Comments != 1 {
					t.Errorf("%q: %+v", keys(r), r)
				}
				if n := w.decoding.Load(); n != 0 {
					t.Errorf("%d bytes are held", n)
				}
			})
		})
	}
	t.Run("bombs and garbage", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, client, server := piped(t)
			go func() {
				readHead(server)
				io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n")
				z := gzip.NewWriter(server)
				io.WriteString(z, "data: 1\n\n")
				z.Write(bytes.Repeat([]byte("x"), 32<<20))
				io.WriteString(z, "\n\ndata: 2\n\n")
				z.Close()
				io.WriteString(server, "no gzip")
				server.Close()
			}()
			go io.WriteString(client, source+"\r\n")
			io.Copy(io.Discard, client)
			synctest.Wait()
			w.mu.Lock()
			defer w.mu.Unlock()
			if r := w.rows[0].Row; keys(r) != "" || r.Events != 1 || r.Bytes < 30<<10 {
				t.Errorf("%q: %+v", keys(r), r)
			}
		})
	})
}

// piped is a watch with one client and one server, in a bubble of time.
func piped(t *testing.T) (w *Watch, client, server net.Conn) {
	t.Helper()
	store := wire.NewStore(limits)
	w, err := New(Options{Target: &url.URL{Scheme: "http", Host: "target"}}, store, &net.TCPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	server, behind := net.Pipe()
	client, front := net.Pipe()
	w.dial = func(context.Context, []string) (net.Conn, error) { return behind, nil }
	s := newSession(w, front, "http")
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(t.Context(), nil, nil)
	}()
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(lookEvery):
				w.look(time.Now())
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		client.Close()
		server.Close()
		<-done
		store.Close()
	})
	return w, client, server
}

// A client that comes back with an ID is in the same row, and what was lost or came
// again is said.
func TestResumed(t *testing.T) {
	for name, test := range map[string]struct {
		resumes, next int
		want          string
	}{
		"goes on":     {3, 4, ""},
		"lost":        {3, 6, "lost"},
		"comes again": {3, 2, "again"},
	} {
		t.Run(name, func(t *testing.T) {
			times := 0
			target := serveBytes(t, func(t *testing.T, conn *net.TCPConn) {
				readHead(conn)
				from := 1
				if times++; times > 1 {
					from = test.next
				}
				io.WriteString(conn, streamHead)
				for id := from; id < from+3; id++ {
					io.WriteString(conn, chunk(fmt.Sprintf("id: %d\ndata: x\n\n", id)))
				}
				io.WriteString(conn, "0\r\n\r\n")
			})
			w, through := start(t, "http://"+target)
			for i, more := range []string{"", fmt.Sprintf("Last-Event-ID: %d\r\n", test.resumes)} {
				conn := dial(t, through)
				io.WriteString(conn, source+more+"\r\n")
				io.ReadAll(conn)
				w.until(t, "ended", func(rows []Row) bool { return len(rows) == 1 && rows[0].Connections == i+1 && !rows[0].Open })
			}
			rows := w.until(t, "there", func(rows []Row) bool { return true })
			if got := keys(rows[0]); got != test.want || rows[0].Events != 6 {
				t.Errorf("%q, want %q: %+v", got, test.want, rows[0])
			}
		})
	}
}
