package proxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the lesson says of other people's middleware, proxies and servers, tried
// with them. No clock judges: a chunk of the response is what the server has handed
// on at once, and of threads and proxies it is told what they do.

func TestCompressionOfExpress(t *testing.T) {
	t.Parallel()
	server := startOther(t, "node", "testdata/compression.mjs", npm(t, "express", "compression"))
	for _, c := range []struct{ remedy, coding, told string }{
		{"none", "gzip", "3"},
		{"flush", "gzip", "1 2 3"},
		{"no-transform", "", "1 2 3"},
	} {
		if coding, told := server.tells(t, "/"+c.remedy); coding != c.coding || told != c.told {
			t.Errorf("%s: the events come as %q in %q, want %q in %q", c.remedy, told, coding, c.told, c.coding)
		}
	}
}

func TestGZipMiddlewareOfStarlette(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // Debian's, which is the one that has Debian's libraries
	if exec.Command(python, "-c", "import starlette, uvicorn").Run() != nil {
		t.Skip("no Starlette: apt-get install python3-starlette python3-uvicorn")
	}
	server := startOther(t, python, "testdata/compressing.py")
	var minor int
	if _, err := fmt.Sscanf(server.says(t), "0.%d.", &minor); err != nil {
		minor = 46 // 1.0, or later
	}
	wantCoding, want := "gzip", "3"
	if minor >= 46 {
		wantCoding, want = "", "1 2 3"
	}
	if coding, told := server.tells(t, "/"); coding != wantCoding || told != want {
		t.Errorf("the events come as %q in %q, want %q in %q", told, coding, want, wantCoding)
	}
}

// A fifth request waits for one of four threads, whatever it asks for.
func TestAThreadForEachRequest(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if exec.Command(python, "-c", "import http.server").Run() != nil {
		t.Skip("no Python: apt-get install python3")
	}
	server := startOther(t, python, "testdata/threads.py", "4")
	var streams []net.Conn
	for n := range 4 {
		streams = append(streams, server.dial(t, fmt.Sprintf("/stream%d", n)))
		server.says(t, "accepts")
		server.says(t, fmt.Sprintf("begins /stream%d", n))
	}
	picture := server.dial(t, "/picture")
	server.says(t, "accepts")
	streams[2].(*net.TCPConn).SetLinger(0) // the server hears of it at its next heartbeat
	streams[2].Close()
	server.says(t, "ends /stream2") // nothing has begun in between
	server.says(t, "begins /picture")
	response, err := http.ReadResponse(bufio.NewReader(picture), nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the picture: %v, %v", response, err)
	}
}

// The proxy of Vite's development server passes events on as they come. It tells
// the server that the page has left, and not the page that the server has broken off.
func TestDevelopmentProxyOfVite(t *testing.T) {
	t.Parallel()
	modules := npm(t, "http-proxy-3")
	next, left := make(chan bool), make(chan bool, 2)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for n := 1; ; n++ {
			fmt.Fprintf(w, "data: %d\n\n", n)
			http.NewResponseController(w).Flush()
			select {
			case <-next:
			case <-r.Context().Done():
				left <- true
				return
			}
			if r.URL.Path == "/breaks" {
				panic(http.ErrAbortHandler)
			}
		}
	}))
	t.Cleanup(backend.Close) // after the proxy has ended, also where the test has failed
	server := startOther(t, "node", "testdata/development.mjs", modules, backend.URL)

	page := server.dial(t, "/")
	events := bufio.NewReader(page)
	untilLine(t, events, "data: 1")
	next <- true
	untilLine(t, events, "data: 2")
	page.Close()
	<-left
	server.says(t, "over")

	page = server.dial(t, "/breaks")
	untilLine(t, bufio.NewReader(page), "data: 1")
	next <- true
	server.says(t, "still open")
}

// untilLine reads up to a line that is this.
func untilLine(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("before %q: %v", want, err)
		}
		if strings.TrimSpace(line) == want {
			return
		}
	}
}

// npm returns the folder of the npm packages, if it has these.
func npm(t *testing.T, packages ...string) string {
	t.Helper()
	modules, err := filepath.Abs(filepath.Join(os.Getenv("SEEWIRE_NPM"), "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range packages {
		if _, err := os.Stat(filepath.Join(modules, name)); err != nil {
			t.Skipf("no %s package: npm install --prefix DIR %[1]s, and set SEEWIRE_NPM to DIR", name)
		}
	}
	return modules
}

// An other is a program of others', which first prints where it listens.
type other struct {
	addr  string
	lines *bufio.Scanner
}

func startOther(t *testing.T, name string, args ...string) *other {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // a program that does not say what it has to is ended
	command := exec.CommandContext(ctx, name, args...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		cancel()
		t.Skip(err)
	}
	t.Cleanup(func() {
		cancel()
		command.Wait()
	})
	o := &other{lines: bufio.NewScanner(out)}
	o.addr = o.says(t)
	return o
}

// says returns the next line that the program prints, which may have to be this.
func (o *other) says(t *testing.T, want ...string) string {
	t.Helper()
	if !o.lines.Scan() {
		t.Fatalf("it has ended (%v), and was to say %q", o.lines.Err(), want)
	}
	if line := o.lines.Text(); want != nil && !slices.Contains(want, line) {
		t.Fatalf("it says %q, want %q", line, want)
	}
	return o.lines.Text()
}

// dial asks for a path as a browser does, on a connection that the test's end closes.
func (o *other) dial(t *testing.T, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", o.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n", path, o.addr)
	return conn
}

// tells returns how a stream is encoded, and how many of its events can be told
// after each of its chunks: "1 2 3" if they come one by one, "3" if together.
func (o *other) tells(t *testing.T, path string) (coding, told string) {
	t.Helper()
	all, err := io.ReadAll(o.dial(t, path))
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(all, []byte("\r\n\r\n"))
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(append(slices.Clip(head), "\r\n\r\n"...))), nil)
	if err != nil || !slices.Equal(response.TransferEncoding, []string{"chunked"}) {
		t.Fatalf("%v: %s", err, head)
	}
	coding = response.Header.Get("Content-Encoding")
	var came []byte
	var last int
	var steps []string
	for {
		size, rest, _ := bytes.Cut(body, []byte("\r\n"))
		var n int
		if _, err := fmt.Sscanf(string(size), "%x", &n); err != nil {
			t.Fatalf("no size of a chunk: %q", size)
		}
		if n == 0 {
			return coding, strings.Join(steps, " ")
		}
		came = append(came, rest[:n]...)
		body = rest[n+2:]
		if count := strings.Count(inflated(came, coding), "data: "); count > last {
			steps = append(steps, fmt.Sprint(count))
			last = count
		}
	}
}
