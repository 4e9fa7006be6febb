package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"seewire/playground/wire"
)

func TestEventStream(t *testing.T) {
	s := newSite(t, limits, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			fmt.Fprintf(w, "id: %d\ndata: hello\n\n", i)
			w.(http.Flusher).Flush()
		}
	})
	c := s.dial(t)
	request := get("capture=stream-1", "Connection: close")
	io.WriteString(c, request)
	response, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}

	got := s.await(t, "stream-1", ended(wire.Server, "fin"))[0]
	check(t, got, request, string(response))
	if n := strings.Count(string(got.Server), "\r\n13\r\nid: "); n != 3 {
		t.Errorf("%d chunks of 0x13 bytes in %q", n, got.Server)
	}
	if got.Peer != c.LocalAddr().String() || got.Local != c.RemoteAddr().String() || got.Protocol != "http/1.1" || got.Number != 1 {
		t.Errorf("connection %d, %s, of %s to %s", got.Number, got.Protocol, got.Peer, got.Local)
	}
}

// A connection that is kept alive serves requests of several captures, and of
// none. Each capture has its own, whole.
func TestKeepAlive(t *testing.T) {
	s := newSite(t, limits, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "answer to "+r.URL.RawQuery)
	})
	c := s.dial(t)
	r := bufio.NewReader(c)
	ask := func(query string) (request, response string) {
		t.Helper()
		request = get(query)
		io.WriteString(c, request)
		return request, readResponse(t, r)
	}
	request1, response1 := ask("capture=capture-a&n=1")
	ask("n=2")
	request3, response3 := ask("capture=capture-a&n=3")
	request4, response4 := ask("capture=capture-b&n=4")
	ask("n=5")
	c.Close()

	b := s.await(t, "capture-b", ended(wire.Server, "fin"))
	if len(b) != 1 {
		t.Fatalf("%d connections in b", len(b))
	}
	check(t, b[0], request4, response4)

	a := s.await(t, "capture-a", func([]wire.Connection) bool { return true })
	if len(a) != 1 {
		t.Fatalf("%d connections in a", len(a))
	}
	check(t, a[0], request1+request3, response1+response3)
	if len(a[0].Ends) != 0 {
		t.Errorf("the connection went on elsewhere, but in a it has ended: %v", a[0].Ends)
	}
}

// While a handler runs, net/http reads one byte in the background. It belongs
// to the next request.
func TestRequestSentBeforeTheResponseWasOver(t *testing.T) {
	for _, first := range []string{"", "capture=capture-a"} {
		t.Run(first, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := make(chan struct{})
				l := newPipes()
				s := serve(t, l, limits, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.RawQuery == first {
						<-sent
					}
				})
				c := l.dial()
				request1, request2 := get(first), get("capture=capture-b")
				io.WriteString(c, request1)
				go io.WriteString(c, request2)
				synctest.Wait() // of the second, one byte is read
				close(sent)
				r := bufio.NewReader(c)
				response1, response2 := readResponse(t, r), readResponse(t, r)
				c.Close()

				b := s.await(t, "capture-b", ended(wire.Server, "fin"))[0]
				check(t, b, request2, response2)
				if b.Segments[0].Length != 1 {
					t.Errorf("the first segment has %d bytes", b.Segments[0].Length)
				}
				if first != "" {
					check(t, s.await(t, "capture-a", exists)[0], request1, response1)
				}
			})
		})
	}
}

// A request that nobody says anything about is not recorded, and leaves nothing
// behind.
func TestUnclaimed(t *testing.T) {
	s := newSite(t, limits, func(http.ResponseWriter, *http.Request) {})
	c := s.dial(t)
	r := bufio.NewReader(c)
	io.WriteString(c, get(unclaimed))
	readResponse(t, r)
	request := get("capture=capture-a")
	io.WriteString(c, request)
	response := readResponse(t, r)
	c.Close()

	check(t, s.await(t, "capture-a", ended(wire.Server, "fin"))[0], request, response)
}

// Requests that come in one piece are taken apart.
func TestPipelined(t *testing.T) {
	s := newSite(t, limits, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %q", r.URL.RawQuery, body)
	})
	requests := []string{
		get("n=1"),
		get("capture=capture-a&n=2"),
		post("capture=capture-b&n=3", "the body of the third"),
		"POST /?n=4 HTTP/1.1\r\nHost: seewire\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n",
		post("n=5", "not recorded either"),
		get("capture=capture-a&n=6"),
	}
	c := s.dial(t)
	io.WriteString(c, strings.Join(requests, ""))
	r := bufio.NewReader(c)
	var responses []string
	for range requests {
		responses = append(responses, readResponse(t, r))
	}
	c.Close()

	a := s.await(t, "capture-a", ended(wire.Server, "fin"))
	b := s.await(t, "capture-b", exists)
	check(t, b[0], requests[2], responses[2])
	if len(a) != 2 {
		t.Fatalf("%d connections in a; it came back after b", len(a))
	}
	check(t, a[0], requests[1], responses[1])
	check(t, a[1], requests[5], responses[5])
}

func TestBody(t *testing.T) {
	for _, read := range []bool{true, false} {
		t.Run(fmt.Sprint("read=", read), func(t *testing.T) {
			s := newSite(t, limits, func(w http.ResponseWriter, r *http.Request) {
				if read {
					io.Copy(io.Discard, r.Body)
				}
			})
			c := s.dial(t)
			request := post("capture=capture-a", strings.Repeat("0123456789", 10_000))
			io.WriteString(c, request)
			response := readResponse(t, bufio.NewReader(c))
			c.Close()

			check(t, s.await(t, "capture-a", ended(wire.Server, "fin"))[0], request, response)
		})
	}
}

// A head that comes byte by byte is one Read for each of them.
func TestHeadInPieces(t *testing.T) {
	l := newPipes()
	s := serve(t, l, limits, func(http.ResponseWriter, *http.Request) {})
	c := l.dial()
	request := get("capture=capture-a")
	for i := range request {
		io.WriteString(c, request[i:i+1])
	}
	response := readResponse(t, bufio.NewReader(c))
	c.Close()

	got := s.await(t, "capture-a", ended(wire.Server, "fin"))[0]
	check(t, got, request, response)
	if n := len(got.Segments); n != len(request)+1 {
		t.Errorf("%d segments for %d bytes in single reads and one write", n, len(request))
	}
}

func TestEnds(t *testing.T) {
	flush := func(w http.ResponseWriter) { w.(http.Flusher).Flush() }
	cases := map[string]struct {
		handler http.HandlerFunc
		client  func(*net.TCPConn)
		want    []wire.End
	}{
		"the client closes": {
			handler: func(w http.ResponseWriter, r *http.Request) { flush(w); <-r.Context().Done() },
			client:  func(c *net.TCPConn) { c.Close() },
			want:    []wire.End{{From: wire.Client, How: "fin"}, {From: wire.Server, How: "fin"}},
		},
		"the client resets": {
			handler: func(w http.ResponseWriter, r *http.Request) { flush(w); <-r.Context().Done() },
			client:  func(c *net.TCPConn) { c.SetLinger(0); c.Close() },
			want:    []wire.End{{From: wire.Client, How: "reset"}, {From: wire.Server, How: "fin"}},
		},
		"the client sends no more, but reads": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				flush(w)
				<-r.Context().Done()
				io.WriteString(w, "last words")
				flush(w)
				panic(http.ErrAbortHandler)
			},
			client: func(c *net.TCPConn) { c.CloseWrite(); io.Copy(io.Discard, c) },
			want:   []wire.End{{From: wire.Client, How: "fin"}, {From: wire.Server, How: "fin"}},
		},
		"the server resets": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				flush(w)
				c, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					panic(err)
				}
				c.(interface{ SetLinger(int) error }).SetLinger(0)
				c.Close()
			},
			client: func(c *net.TCPConn) { io.Copy(io.Discard, c) },
			want:   []wire.End{{From: wire.Server, How: "reset"}},
		},
		"the server sends no more, but reads": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				flush(w)
				c, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					panic(err)
				}
				c.(interface{ CloseWrite() error }).CloseWrite()
				io.Copy(io.Discard, c)
				c.Close()
			},
			client: func(c *net.TCPConn) { io.Copy(io.Discard, c); c.Close() },
			want:   []wire.End{{From: wire.Server, How: "fin"}, {From: wire.Client, How: "fin"}},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, limits, test.handler)
			c := s.dial(t)
			io.WriteString(c, get("capture=capture-a"))
			if _, err := c.Read(make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			test.client(c.(*net.TCPConn))

			got := s.await(t, "capture-a", func(c []wire.Connection) bool { return len(c) > 0 && len(c[0].Ends) >= len(test.want) })[0].Ends
			got = slices.Clone(got)
			for i := range got {
				if got[i].At.IsZero() {
					t.Errorf("end %d has no time", i)
				}
				got[i].At = test.want[0].At
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("ends: %v\nwant: %v", got, test.want)
			}
		})
	}
}

// What net/http answers by itself belongs to nobody.
func TestMalformedRequest(t *testing.T) {
	s := newSite(t, limits, func(http.ResponseWriter, *http.Request) {})
	c := s.dial(t)
	r := bufio.NewReader(c)
	request := get("capture=capture-a")
	io.WriteString(c, request)
	response := readResponse(t, r)
	io.WriteString(c, "nonsense\r\n\r\n")
	if got := readResponse(t, r); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
		t.Errorf("answer to nonsense: %q", got)
	}
	check(t, s.await(t, "capture-a", ended(wire.Server, "fin"))[0], request, response)
}

func get(query string, headers ...string) string {
	return "GET /?" + query + " HTTP/1.1\r\nHost: seewire\r\n" + lines(headers) + "\r\n"
}

func post(query, body string, headers ...string) string {
	return fmt.Sprintf("POST /?%s HTTP/1.1\r\nHost: seewire\r\nContent-Length: %d\r\n%s\r\n%s", query, len(body), lines(headers), body)
}

func lines(headers []string) string {
	var b strings.Builder
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	return b.String()
}

// readResponse reads one response and returns its bytes.
func readResponse(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	var b strings.Builder
	tee := bufio.NewReaderSize(io.TeeReader(oneByte{r}, &b), 16)
	response, err := http.ReadResponse(tee, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// oneByte reads single bytes, so that nobody reads further than they need.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }
