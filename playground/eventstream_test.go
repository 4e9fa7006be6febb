package playground_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground"
	"seewire/playground/experimenttest"
	"seewire/playground/stream"
	"seewire/playground/wire"
)

// streaming is an experiment whose SSE side is a handler.
func streaming(sse http.HandlerFunc) playground.Experiment {
	return playground.Experiment{SSE: sse, WS: func(http.ResponseWriter, *http.Request) {}}
}

const getStream = "GET /sse HTTP/1.1\r\nHost: a\r\n\r\n"

// short is a stream that ends by itself.
func short(w http.ResponseWriter, r *http.Request) {
	stream.New(w).Send(stream.Event{Data: r.URL.RawQuery})
}

// A tappedSite serves streams on TCP, recorded by a tap, with their connections taken
// over, or all by net/http.
type tappedSite struct {
	address string
	store   *wire.Store
	runner  *playground.Runner
	server  *http.Server
	close   func()
}

func startTapped(t *testing.T, takeOver bool, sse http.HandlerFunc) *tappedSite {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	life, end := context.WithCancelCause(context.Background())
	s := &tappedSite{
		address: l.Addr().String(), runner: playground.NewRunner(playground.Limits{}),
		store: wire.NewStore(wire.Limits{CaptureBytes: 8 << 20, Captures: 10, TotalBytes: 64 << 20, Connections: 100, Age: time.Hour}),
		close: func() { end(playground.ErrServerClosing) },
	}
	handler := s.runner.SSE(streaming(sse))
	s.server = &http.Server{
		BaseContext: func(net.Listener) context.Context { return life },
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			if ctx = wire.ConnContext(ctx, conn); takeOver {
				ctx = playground.ConnContext(ctx, conn)
			}
			return ctx
		},
		ConnState: wire.ConnState,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if id := r.URL.Query().Get("capture"); id != "" {
				capture, _ := s.store.Claim(id, netip.Prefix{})
				wire.FromContext(r.Context()).Record(capture)
			} else {
				wire.FromContext(r.Context()).Ignore()
			}
			handler.ServeHTTP(w, r)
		}),
	}
	tap, served := wire.Listen(l), make(chan error)
	go func() { served <- s.server.Serve(tap) }()
	t.Cleanup(func() {
		s.close()
		s.runner.Wait(context.Background())
		s.server.Close()
		<-served
		tap.CloseConns()
		s.store.Close()
	})
	return s
}

// captured returns what was recorded of the one connection of a capture, once it
// satisfies.
func (s *tappedSite) captured(t *testing.T, id string, enough func(wire.Connection) bool) wire.Connection {
	t.Helper()
	capture, err := s.store.Claim(id, netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		changed := capture.Changed()
		if all := capture.Snapshot(); len(all) == 1 && enough(all[0]) {
			return all[0]
		}
		<-changed
	}
}

// What is written reaches the connection in the writes that net/http makes of it.
func TestEventStreamIsWrittenAsNetHTTPWrites(t *testing.T) {
	text := func(n int) []byte { return []byte(strings.Repeat("x", n)) }
	writes := map[string][][]byte{ // nil flushes
		"events":                     {text(20), nil, text(300), nil},
		"no flush at the end":        {nil, text(20), nil, text(30)},
		"several writes to a flush":  {nil, text(20), text(30), nil, text(1), text(1), nil},
		"an empty flush":             {nil, nil, text(5), nil, nil},
		"as much as the buffer":      {nil, text(2048), nil, text(2047), text(2), nil, text(2049), nil},
		"more than the connection's": {nil, text(4096), nil, text(5000), text(5000), nil, text(1000), text(4000), nil, text(4089), nil, text(100000), text(1)},
		"nothing":                    {nil},
		"many, and never a flush":    {nil, text(700), text(700), text(700), text(700), text(700), text(700), text(700), text(700)},
	}
	for name, list := range writes {
		t.Run(name, func(t *testing.T) {
			handler := func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				for _, p := range list {
					if p == nil {
						http.NewResponseController(w).Flush()
					} else if n, err := w.Write(p); n != len(p) || err != nil {
						t.Errorf("Write: %d, %v", n, err)
					}
				}
			}
			var got [2]wire.Connection
			for i, takeOver := range []bool{false, true} {
				s := startTapped(t, takeOver, handler)
				conn, err := net.Dial("tcp", s.address)
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, "GET /?capture=capture-1 HTTP/1.1\r\nHost: a\r\n\r\n")
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil {
					t.Fatal(err)
				}
				conn.Close()
				got[i] = s.captured(t, "capture-1", func(c wire.Connection) bool { return len(c.Ends) == 2 })
			}
			lengths := func(c wire.Connection) (all []string) {
				for _, s := range c.Segments {
					all = append(all, fmt.Sprint(s.From, s.Offset, s.Length))
				}
				return append(all, fmt.Sprint(c.Ends[0].From, c.Ends[0].How, c.Ends[1].From, c.Ends[1].How))
			}
			if a, b := lengths(got[0]), lengths(got[1]); !slices.Equal(a, b) {
				t.Errorf("net/http writes %v\ntaken over      %v", a, b)
			}
			undated := func(p []byte) string {
				at := strings.Index(string(p), "Date: ")
				return string(p[:at]) + string(p[at+35:])
			}
			if a, b := undated(got[0].Server), undated(got[1].Server); a != b {
				t.Errorf("net/http writes %.300q\ntaken over      %.300q", a, b)
			}
		})
	}
}

// The connection goes back to the server: the next request on it is answered, in the
// writes that net/http makes of it, and recorded as it came.
func TestConnectionComesBackAfterAnEventStream(t *testing.T) {
	var got [2][]string
	for i, takeOver := range []bool{false, true} {
		s := startTapped(t, takeOver, short)
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		for n, query := range []string{"capture=capture-1", "n=2", "capture=capture-1&n=3", "capture=capture-1&n=4"} {
			io.WriteString(conn, "GET /?"+query+" HTTP/1.1\r\nHost: a\r\n\r\n")
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("response %d: %v", n, err)
			}
			if body, err := io.ReadAll(resp.Body); string(body) != "data: "+query+"\n\n" || err != nil {
				t.Errorf("%s: %q, %v", query, body, err)
			}
		}
		conn.Close()
		c := s.captured(t, "capture-1", func(c wire.Connection) bool { return len(c.Ends) == 2 })
		for _, s := range c.Segments {
			if s.From == wire.Server {
				got[i] = append(got[i], fmt.Sprint(s.Offset, s.Length))
			} else if takeOver && !strings.HasPrefix(string(c.Client[s.Offset:][:s.Length]), "GET /") {
				t.Errorf("a request is in pieces: %d bytes at %d", s.Length, s.Offset)
			}
		}
		if n := strings.Count(string(c.Client), "GET /"); n != 3 {
			t.Errorf("%d requests are recorded", n)
		}
	}
	if !slices.Equal(got[0], got[1]) {
		t.Errorf("net/http: %v\ntaken over: %v", got[0], got[1])
	}
}

// Requests that come before the response is complete are answered after it.
func TestRequestsDuringAnEventStream(t *testing.T) {
	for name, apart := range map[string]bool{"with the first": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{}, 3)
			s := startTapped(t, true, func(w http.ResponseWriter, r *http.Request) {
				out := stream.New(w)
				<-release
				out.Send(stream.Event{Data: r.URL.RawQuery})
			})
			conn, err := net.Dial("tcp", s.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			request := func(n int) string {
				return fmt.Sprintf("GET /?capture=capture-1&n=%d HTTP/1.1\r\nHost: a\r\n\r\n", n)
			}
			first, rest := request(1)+request(2)+request(3), ""
			if apart {
				first, rest = request(1), request(2)+request(3)
			}
			io.WriteString(conn, first)
			for n := 1; n <= 3; n++ {
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				if n == 1 {
					io.WriteString(conn, rest)
				}
				release <- struct{}{}
				if body, err := io.ReadAll(resp.Body); string(body) != fmt.Sprintf("data: capture=capture-1&n=%d\n\n", n) || err != nil {
					t.Errorf("response %d: %q, %v", n, body, err)
				}
			}
			conn.Close()
			c := s.captured(t, "capture-1", func(c wire.Connection) bool { return len(c.Ends) == 2 })
			if got := string(c.Client); got != first+rest {
				t.Errorf("recorded is %q", got)
			}
		})
	}
}

// Where the request or the response says so, and where the server closes, the
// connection ends with the response.
func TestConnectionEndsWithAnEventStream(t *testing.T) {
	for name, c := range map[string]struct {
		request string
		sse     func(s *experimenttest.Server) http.HandlerFunc
	}{
		"the request says so": {"GET /sse HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
			func(*experimenttest.Server) http.HandlerFunc { return short }},
		"the response says so": {getStream, func(*experimenttest.Server) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Connection", "close")
				short(w, r)
			}
		}},
		"the server closes": {getStream, func(s *experimenttest.Server) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				short(w, r)
				s.Close()
				<-r.Context().Done()
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s *experimenttest.Server
				s = experimenttest.Start(t, streaming(func(w http.ResponseWriter, r *http.Request) { c.sse(s)(w, r) }), playground.Limits{})
				client := s.Dial()
				defer client.Close()
				io.WriteString(client, c.request)
				if all, err := io.ReadAll(client); err != nil || !strings.HasSuffix(string(all), "\r\n0\r\n\r\n") {
					t.Errorf("%q, %v", all, err)
				}
			})
		})
	}
}

// A connection on which nothing more is asked is closed when net/http would close it,
// and with the server.
func TestIdleConnectionAfterAnEventStream(t *testing.T) {
	for name, c := range map[string]struct {
		end   func(*experimenttest.Server)
		after time.Duration
	}{
		"idle timeout":  {func(*experimenttest.Server) {}, experimenttest.IdleTimeout},
		"server closes": {(*experimenttest.Server).Close, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := experimenttest.Start(t, streaming(short), playground.Limits{})
				client := s.Dial()
				defer client.Close()
				io.WriteString(client, getStream)
				resp, err := http.ReadResponse(bufio.NewReader(client), nil)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				begun := time.Now()
				time.Sleep(time.Second)
				c.end(s)
				if _, err := client.Read(make([]byte, 1)); err != io.EOF || time.Since(begun) != c.after {
					t.Errorf("the connection ended after %v: %v", time.Since(begun), err)
				}
			})
		})
	}
}

// A panic leaves the response without its last chunk, and is told of, if it is not a
// handler's way to break off.
func TestEventStreamPanics(t *testing.T) {
	for fault, told := range map[any]int{"a mistake": 1, http.ErrAbortHandler: 0} {
		t.Run(fmt.Sprint(fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := experimenttest.Start(t, streaming(func(w http.ResponseWriter, r *http.Request) {
					short(w, r)
					panic(fault)
				}), playground.Limits{})
				faults := make(chan any, 1)
				s.Runner.Panicked = func(_, _ string, fault any, _ []byte) { faults <- fault }
				client := s.Dial()
				defer client.Close()
				io.WriteString(client, getStream)
				if all, err := io.ReadAll(client); err != nil || !strings.HasSuffix(string(all), "\r\n8\r\ndata: \n\n\r\n") {
					t.Errorf("%q, %v", all, err)
				}
				synctest.Wait()
				if len(faults) != told || s.Runner.Open() != 0 {
					t.Errorf("%d panics were told of, %d runs are open", len(faults), s.Runner.Open())
				}
			})
		})
	}
}

// A deadline that the handler has set holds on although the connection was taken over
// in between.
func TestDeadlineOfAnEventStreamStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan time.Duration, 1)
		s := experimenttest.Start(t, streaming(func(w http.ResponseWriter, r *http.Request) {
			begun := time.Now()
			w.Header().Set("Content-Type", "text/event-stream")
			rc := http.NewResponseController(w)
			rc.SetWriteDeadline(begun.Add(10 * time.Second))
			rc.Flush()
			w.Write([]byte("data: nobody reads this\n\n"))
			if err := rc.Flush(); err != nil {
				failed <- time.Since(begun)
			}
		}), playground.Limits{})
		client := s.Dial()
		defer client.Close()
		io.WriteString(client, getStream)
		client.Read(make([]byte, 1000)) // the head
		if after := <-failed; after < 9*time.Second || after > 11*time.Second {
			t.Errorf("the write failed after %v", after)
		}
	})
}
