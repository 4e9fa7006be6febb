package watch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A script is what a server of bytes does with a connection.
type script func(t *testing.T, conn *net.TCPConn)

// serveBytes serves connections with a script, until the test ends.
func serveBytes(t *testing.T, do script) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				do(t, conn.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn.(*net.TCPConn)
}

// readUntil reads until the bytes end with a text.
func readUntil(conn io.Reader, end string) string {
	var got []byte
	one := make([]byte, 1)
	for !strings.HasSuffix(string(got), end) {
		n, err := conn.Read(one)
		got = append(got, one[:n]...)
		if err != nil {
			return string(got)
		}
	}
	return string(got)
}

func readHead(conn io.Reader) string { return readUntil(conn, "\r\n\r\n") }

const streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

func chunk(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }

// What goes through is what goes around: byte by byte, with how it ends.
func TestUnchanged(t *testing.T) {
	cases := map[string]struct {
		sends string // by the client, all at once
		does  script
	}{
		"chunks as they were, with extensions and trailers": {
			"GET /a HTTP/1.1\r\nhOsT:  x\r\nX-Odd : 1\r\n\r\n", func(t *testing.T, conn *net.TCPConn) {
				readHead(conn)
				io.WriteString(conn, streamHead+"00A;note=\"x\"\r\ndata: 1\n\n\n\r\n")
				io.WriteString(conn, "1\r\n:\r\n2\r\n\n\n\r\n0\r\nDigest: abc\r\n\r\n")
			},
		},
		"a body up to the end": {
			"GET / HTTP/1.0\r\n\r\n", func(t *testing.T, conn *net.TCPConn) {
				readHead(conn)
				io.WriteString(conn, "HTTP/1.0 200 OK\nServer: old\n\nall of it")
			},
		},
		"pipelined requests, with bodies": {
			"POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcPOST /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n",
			func(t *testing.T, conn *net.TCPConn) {
				got := readUntil(conn, "GET /3 HTTP/1.1\r\n") + readHead(conn)
				for _, part := range []string{"POST /1", "abcPOST /2", "2\r\nde\r\n0\r\n\r\nGET /3"} {
					if !strings.Contains(got, part) {
						t.Errorf("%q has no %q", got, part)
					}
				}
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n3")
			},
		},
		"interim responses": {
			"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", func(t *testing.T, conn *net.TCPConn) {
				readHead(conn)
				io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
				readUntil(conn, "hi")
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
			},
		},
		"any protocol behind an upgrade": {
			"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: mine\r\n\r\n", func(t *testing.T, conn *net.TCPConn) {
				readHead(conn)
				io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mine\r\n\r\n\x00\x01HTTP/1.1 no\r\n\r\n")
			},
		},
		"what is no HTTP": {
			"GET / HTTP/1.1\r\nHost: x\r\n\r\n", func(t *testing.T, conn *net.TCPConn) {
				readHead(conn)
				io.WriteString(conn, "SSH-2.0-OpenSSH_9.9\r\n\x00\xff")
			},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			target := serveBytes(t, test.does)
			_, through := start(t, "http://"+target)
			get := func(address string) (got []byte, err error) {
				conn := dial(t, address)
				io.WriteString(conn, test.sends)
				return io.ReadAll(conn)
			}
			around, ended := get(target)
			got, err := get(through)
			if !bytes.Equal(got, around) || err != nil || ended != nil {
				t.Errorf("through it %q, %v; around it %q, %v", got, err, around, ended)
			}
		})
	}
}

// Each flush passes at once, and so does what the client says after it has ended its side.
func TestAtOnce(t *testing.T) {
	target := serveBytes(t, func(t *testing.T, conn *net.TCPConn) {
		readHead(conn)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: te") // half a head, too
		readUntil(conn, "1")
		io.WriteString(conn, "xt/event-stream\r\n\r\ndata: ")
		readUntil(conn, "2")
		io.WriteString(conn, "x\n\n")
		if rest, err := io.ReadAll(conn); len(rest) > 0 || err != nil { // the client has ended its side
			t.Errorf("%q, %v", rest, err)
		}
		io.WriteString(conn, "data: last\n\n")
	})
	_, through := start(t, "http://"+target)
	conn := dial(t, through)
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
	for i, want := range []string{"HTTP/1.1 200 OK\r\nContent-Type: te", "xt/event-stream\r\n\r\ndata: ", "x\n\n"} {
		if got := readUntil(conn, want); got != want {
			t.Fatalf("part %d is %q, want %q", i, got, want)
		}
		if i < 2 {
			fmt.Fprint(conn, i+1)
		}
	}
	conn.CloseWrite()
	if got, err := io.ReadAll(conn); string(got) != "data: last\n\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// A reset arrives as a reset.
func TestReset(t *testing.T) {
	target := serveBytes(t, func(t *testing.T, conn *net.TCPConn) {
		readHead(conn)
		io.WriteString(conn, streamHead+chunk("data: 1\n\n"))
		readUntil(conn, "x") // the client has read it: a reset throws away what was not read
		conn.SetLinger(0)
	})
	_, through := start(t, "http://"+target)
	conn := dial(t, through)
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
	if got := readUntil(conn, "data: 1\n\n\r\n"); got != streamHead+chunk("data: 1\n\n") {
		t.Fatalf("got %q", got)
	}
	io.WriteString(conn, "x")
	if got, err := io.ReadAll(conn); len(got) > 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%q, %v", got, err)
	}
}

// What names this program names the target; all else of a head stays.
func TestRewritten(t *testing.T) {
	heads := make(chan string, 1)
	target := serveBytes(t, func(t *testing.T, conn *net.TCPConn) {
		heads <- readHead(conn)
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
	})
	_, through := start(t, "http://"+target+"/api/")
	conn := dial(t, through)
	io.WriteString(conn, "GET /events?a=/b HTTP/1.1\r\nhost:\t"+through+" \r\nOrigin: http://"+through+"\r\nReferer: http://"+through+"/\r\nx:  y \r\n\r\n")
	want := "GET /api/events?a=/b HTTP/1.1\r\nhost:\t" + target + " \r\nOrigin: http://" + target + "\r\nReferer: http://" + through + "/\r\nx:  y \r\n\r\n"
	if got := <-heads; got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
