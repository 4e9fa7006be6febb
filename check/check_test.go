package check

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// keys runs a check, and returns the keys of what it has found.
func keys(t *testing.T, address string, o Options) (found []string) {
	t.Helper()
	for _, f := range run(t, address, o) {
		found = append(found, f.Key)
	}
	return found
}

func run(t *testing.T, address string, o Options) []Finding {
	t.Helper()
	var err error
	if o.Address, err = url.Parse(address); err != nil {
		t.Fatal(err)
	}
	if o.Listen == 0 {
		o.Listen = 2 * time.Second
	}
	report, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report.Findings
}

func has(t *testing.T, found []string, want ...string) {
	t.Helper()
	for _, key := range want {
		if unwanted, ok := strings.CutPrefix(key, "-"); ok == slices.Contains(found, strings.TrimPrefix(key, "-")) {
			t.Errorf("%s: found %v", unwanted, found)
		}
	}
}

// numbers is a stream of numbers that each have an ID.
func numbers(from, to int, end func(http.ResponseWriter)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "retry: 1500\n\n")
		http.NewResponseController(w).Flush()
		for n := from; n <= to; n++ {
			fmt.Fprintf(w, "id: %d\ndata: %d\n\n", n, n)
			http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
		end(w)
	}
}

func done(http.ResponseWriter) {}

// What has no ID of its own is not lost by a resume that leaves it out.
func TestResumeBetweenBeats(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		var last int
		fmt.Sscan(r.Header.Get("Last-Event-ID"), &last)
		for n := last + 1; n <= 5; n++ {
			fmt.Fprintf(w, "id: %d\ndata: %d\n\nevent: beat\ndata: b\n\nevent: beat\ndata: b\n\n", n, n)
		}
	}))
	defer server.Close()
	has(t, keys(t, server.URL, Options{}), "resume.ok")
}

func TestStream(t *testing.T) {
	open := func(r *http.Request) func(http.ResponseWriter) {
		return func(http.ResponseWriter) { <-r.Context().Done() }
	}
	for _, c := range []struct {
		name   string
		handle http.HandlerFunc
		want   []string
	}{
		{"resumes and stays open", func(w http.ResponseWriter, r *http.Request) {
			last, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
			numbers(last+1, 6, open(r))(w, r)
		}, []string{"status.ok", "type.ok", "cache.ok", "head.first", "flow.each", "format.ok", "id.all", "retry.set", "resume.ok", "end.open", "compress.none", "h2.none", "-end.clean"}},
		{"answers 204 at the end", func(w http.ResponseWriter, r *http.Request) {
			last, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
			if last == 4 {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			numbers(last+1, 4, done)(w, r)
		}, []string{"end.clean", "after.done", "resume.ok"}},
		{"starts over", numbers(1, 5, done), []string{"resume.again", "after.again"}},
		{"skips", func(w http.ResponseWriter, r *http.Request) {
			last, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
			if last > 0 {
				last++
			}
			numbers(last+1, 7, done)(w, r)
		}, []string{"resume.lost"}},
		{"goes on with what is new", func(w http.ResponseWriter, r *http.Request) {
			last, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
			if last > 0 {
				last += 100
			}
			numbers(last+1, last+4, done)(w, r)
		}, []string{"resume.new"}},
		{"all at once", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			time.Sleep(400 * time.Millisecond)
			io.WriteString(w, strings.Repeat("data: x\n\n", 9))
		}, []string{"head.waits", "flow.burst", "id.none", "cache.missing", "accel.missing", "cors.none"}},
		{"a page", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<p>no") }, []string{"type.other", "-format.ok"}},
		{"an error", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusUnauthorized) }, []string{"status.other", "-type.ok"}},
		{"a charset", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream; charset=gbk")
		}, []string{"charset.other", "events.none"}},
		{"broken off", numbers(1, 3, func(http.ResponseWriter) { panic(http.ErrAbortHandler) }), []string{"end.broken", "-end.clean"}},
		{"no blank line at the end", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, "data: 1\n\nDATA: 2\ndata: 3\n")
		}, []string{"format.cut", "format.ignored"}},
		{"a compressor that holds back", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			if r.Header.Get("Accept-Encoding") == "gzip" {
				w.Header().Set("Content-Encoding", "gzip")
				packed := gzip.NewWriter(w)
				io.WriteString(packed, "data: 1\n\n")
				packed.Flush() // of it, and not of the response
				<-r.Context().Done()
				return
			}
			io.WriteString(w, "data: 1\n\n")
		}, []string{"compress.holds"}},
		{"any origin with its cookies", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			numbers(1, 1, done)(w, r)
		}, []string{"cors.echoed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.handle)
			defer server.Close()
			server.Config.ErrorLog = nil
			has(t, keys(t, server.URL, Options{}), c.want...)
		})
	}
}

func TestPost(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPost && string(body) == `{"stream":true}` && r.Header.Get("Authorization") == "Bearer key" {
			numbers(1, 3, done)(w, r)
			return
		}
		http.Error(w, "no", http.StatusMethodNotAllowed)
	}))
	defer server.Close()
	found := keys(t, server.URL, Options{Body: `{"stream":true}`, Header: http.Header{"Authorization": {"Bearer key"}}})
	has(t, found, "status.ok", "flow.each", "preflight.none")
}

func TestUnreached(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(numbers(1, 1, done))
	defer plain.Close()
	secure := httptest.NewTLSServer(numbers(1, 1, done))
	defer secure.Close()
	secure.Config.ErrorLog = nil
	closed, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	trusted := &tls.Config{RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	for _, c := range []struct {
		name, address string
		trust         *tls.Config
		want          string
	}{
		{"TLS where there is none", strings.Replace(plain.URL, "http", "https", 1), nil, "reach.plain"},
		{"no TLS where there is", strings.Replace(secure.URL, "https", "http", 1), nil, "status.other"}, // 400: "Client sent an HTTP request to an HTTPS server."
		{"a certificate of its own", secure.URL, nil, "reach.certificate"},
		{"one that is trusted", secure.URL, trusted, "status.ok"},
		{"nobody", "http://" + closed.Addr().String(), nil, "reach.failed"},
		{"nobody, for WebSocket", "ws://" + closed.Addr().String(), nil, "reach.failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			has(t, keys(t, c.address, Options{TLS: c.trust, Listen: time.Minute}), c.want)
		})
	}
	_, err = Run(t.Context(), Options{Address: &url.URL{Scheme: "ftp", Host: "example.com"}})
	if !errors.Is(err, ErrAddress) {
		t.Errorf("got %v", err)
	}
}

// The end of the context ends the check, whatever the server does.
func TestEnds(t *testing.T) {
	server := httptest.NewServer(numbers(1, 1, func(http.ResponseWriter) {}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	address, _ := url.Parse(server.URL)
	if _, err := Run(ctx, Options{Address: address}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSocket(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			return
		}
		for {
			if _, _, err := conn.Read(context.WithoutCancel(r.Context())); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	var found []string
	for _, f := range run(t, strings.Replace(server.URL, "http", "ws", 1), Options{Strict: true}) {
		found = append(found, f.Key)
		// What coder/websocket lets through, and the lesson frames names.
		if lets := f.Args["what"] == "unmasked" || f.Args["what"] == "not_utf8"; lets != (f.Key == "ws.strict.survived") {
			t.Errorf("%v: %s", f.Args["what"], f.Key)
		}
	}
	has(t, found, "ws.status.ok", "ws.accept.ok", "ws.deflate.agreed", "ws.ping.answered", "ws.beat.silent", "ws.close.answered", "ws.frames.ok",
		"ws.key.refused", "ws.version.refused", "ws.origin.refused", "ws.strict.refused", "-ws.close.left",
		"ws.fragments.ok", "ws.size.ok", "ws.size.limit", "left.unknown") // coder/websocket reads 32 KiB
}

// A server by hand does what no library would.
func TestSocketOfNoLibrary(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				http.ReadRequest(bufio.NewReader(conn))
				io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: wrong\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: zip\r\n\r\n\x8a\x01x\x83\x00")
				io.Copy(io.Discard, conn)
			}()
		}
	}()
	found := keys(t, "ws://"+listener.Addr().String(), Options{})
	has(t, found, "ws.head.wrong", "ws.accept.wrong", "ws.protocol.unasked", "ws.extension.unasked", "ws.ping.other", "ws.frames.violation",
		"ws.close.unanswered", "ws.key.accepted", "ws.version.accepted", "ws.origin.accepted")
}

func TestNoSocket(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	has(t, keys(t, strings.Replace(server.URL, "http", "ws", 1), Options{}), "ws.status.other", "-ws.ping.answered")
}
