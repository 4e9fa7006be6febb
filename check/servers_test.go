package check

import (
	"bufio"
	"fmt"
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

// Echoes by libraries that people use: what a check says of each.
func TestLibraries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		command func(*testing.T) *exec.Cmd
		want    []string
		lets    []string // what must not be sent, and passes
	}{
		{"ws", func(t *testing.T) *exec.Cmd {
			modules := filepath.Join(os.Getenv("SEEWIRE_NPM"), "node_modules")
			if _, err := os.Stat(filepath.Join(modules, "ws")); err != nil {
				t.Skip("no ws package: npm install --prefix DIR ws, and set SEEWIRE_NPM to DIR")
			}
			return exec.Command("node", "testdata/ws.mjs", modules)
		}, []string{"ws.deflate.none", "ws.origin.accepted", "ws.version.refused"}, nil},
		{"websockets", func(t *testing.T) *exec.Cmd {
			const python = "/usr/bin/python3" // Debian's, which is the one that has Debian's libraries
			if exec.Command(python, "-c", "import websockets").Run() != nil {
				t.Skip("no websockets: apt-get install python3-websockets")
			}
			return exec.Command(python, "testdata/echo.py")
		}, []string{"ws.deflate.agreed", "ws.origin.accepted", "ws.version.silent"}, nil},
		{"gorilla", func(t *testing.T) *exec.Cmd {
			program := filepath.Join(t.TempDir(), "gorilla")
			build := exec.Command("go", "build", "-o", program, ".")
			build.Dir = "testdata/gorilla" // a module of its own: ours does not need the library
			build.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off")
			if out, err := build.CombinedOutput(); err != nil {
				if strings.Contains(string(out), "GOPROXY=off") {
					t.Skip("no gorilla/websocket: go -C check/testdata/gorilla mod download")
				}
				t.Fatalf("%v\n%s", err, out)
			}
			return exec.Command(program)
		}, []string{"ws.deflate.none", "ws.origin.refused", "ws.version.refused"}, []string{"not_utf8"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			command := c.command(t)
			address := started(t, command)
			var found, lets []string
			for _, f := range run(t, "ws://"+address, Options{Strict: true, PID: command.Process.Pid}) {
				found = append(found, f.Key)
				if f.Key == "ws.strict.survived" {
					lets = append(lets, fmt.Sprint(f.Args["what"]))
				}
			}
			has(t, found, append(c.want, "ws.status.ok", "ws.accept.ok", "ws.ping.answered", "ws.beat.silent", "ws.close.answered", "ws.frames.ok",
				"ws.key.refused", "ws.fragments.ok", "ws.size.ok", "left.noticed", "-ws.size.limit", "-ws.close.left", "-ws.message.refused", "-ws.message.silent")...)
			if !slices.Equal(lets, c.lets) {
				t.Errorf("passes: %v, want %v", lets, c.lets)
			}
		})
	}
}

// started starts a server, which first says where it listens.
func started(t *testing.T, command *exec.Cmd) (address string) {
	t.Helper()
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("it does not start")
	}
	return lines.Text()
}

// What nginx does to a stream as Debian configures it, and what it leaves alone when
// it is asked to.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx" // not in everybody's PATH
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("no nginx (on Debian: apt-get install nginx-light)")
	}
	slow := numbersEach(100 * time.Millisecond)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/asked" {
			w.Header().Set("X-Accel-Buffering", "no")
		}
		slow(w, r)
	}))
	defer server.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().String()
	listener.Close()
	dir := t.TempDir()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += fmt.Sprintf("%s_temp_path %s; ", kind, filepath.Join(dir, kind))
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log; events {}\nhttp { access_log off; %[2]s server { listen %[3]s; location / { proxy_pass %[4]s; } } }\n",
		dir, temporary, port, server.URL)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	nginx := exec.Command(path, "-p", dir, "-c", conf)
	nginx.Stderr = os.Stderr
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- nginx.Wait() }()
	t.Cleanup(func() {
		nginx.Process.Kill()
		<-ended
	})
	for { // another program's start: there is nothing to wait on
		if conn, err := net.Dial("tcp", port); err == nil {
			conn.Close()
			break
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("nginx ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	for _, c := range []struct {
		path string
		want []string
	}{
		{"/", []string{"flow.burst", "accel.missing", "-flow.each"}},
		{"/asked", []string{"flow.each", "resume.ok", "-flow.burst"}},
	} {
		found := keys(t, "http://"+port+c.path, Options{Listen: 20 * time.Second})
		has(t, found, append(c.want, "status.ok", "type.ok", "end.clean")...)
	}
}

// numbersEach is a stream of ten numbers, one each so often; asked to, it goes on
// behind the last that a client had.
func numbersEach(every time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		var from int
		fmt.Sscan(r.Header.Get("Last-Event-ID"), &from)
		for n := from + 1; n <= 10; n++ {
			fmt.Fprintf(w, "id: %d\ndata: %d\n\n", n, n)
			http.NewResponseController(w).Flush()
			select {
			case <-time.After(every):
			case <-r.Context().Done():
				return
			}
		}
	}
}

// A server that writes notices a client that has left; one that holds the connection
// and does nothing does not.
func TestLeft(t *testing.T) { // not beside others: their sockets are of this process, too
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("no /proc: sockets are seen on Linux only")
	}
	notices := httptest.NewServer(numbersEach(300 * time.Millisecond))
	defer notices.Close()
	has(t, keys(t, notices.URL, Options{PID: os.Getpid()}), "left.noticed")

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
			defer conn.Close() // not before the test's end
			go func() {
				http.ReadRequest(bufio.NewReader(conn))
				fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
			}()
		}
	}()
	has(t, keys(t, "http://"+listener.Addr().String(), Options{PID: os.Getpid(), Listen: time.Second}), "left.held")
	has(t, keys(t, notices.URL, Options{PID: 1 << 30}), "left.unseen")
}
