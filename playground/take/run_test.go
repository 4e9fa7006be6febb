package take

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"seewire/playground"
)

// TestProjectsRun unpacks each project outside of this module, builds and starts
// it, asks it what the lesson asks, sends it what no client of ours would send,
// and asks it to end.
func TestProjectsRun(t *testing.T) {
	for _, e := range all() {
		if os.Getenv("SEEWIRE_FULL") == "" && e.ID != "reconnect" && e.ID != "choose" {
			continue // to build them all takes a minute of the processor
		}
		for _, p := range Projects(e) {
			t.Run(p.Name, func(t *testing.T) {
				t.Parallel()
				s := start(t, p)
				asks := s.asks
				if has(e, "main") {
					s.follows(t)
					asks = s.asksLog
				}
				asks(t, e)
				s.suffers(t, e)
				asks(t, e) // it is as well as before
				s.ends(t)
			})
		}
	}
}

// A server is a project that runs.
type server struct {
	command *exec.Cmd
	addr    string
	said    *bytes.Buffer
	read    chan struct{} // closed when all that it says has been read
}

// addressSaid is what a project says when it listens.
var addressSaid = regexp.MustCompile(`open http://(\S+)`)

// start builds a project and starts it; it skips the test where that takes
// something that this machine does not have.
func start(t *testing.T, p Project) *server {
	t.Helper()
	dir := unzip(t, p)
	s := &server{command: build(t, p, dir), said: new(bytes.Buffer), read: make(chan struct{})}
	s.command.Dir = dir
	out, err := s.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.command.Process.Kill()
		<-s.read
		if t.Failed() {
			t.Logf("the program said:\n%s", s.said)
		}
	})
	lines := bufio.NewScanner(out)
	for s.addr == "" && lines.Scan() {
		fmt.Fprintln(s.said, lines.Text())
		if said := addressSaid.FindStringSubmatch(lines.Text()); said != nil {
			s.addr = said[1]
		}
	}
	go func() {
		defer close(s.read)
		for lines.Scan() {
			fmt.Fprintln(s.said, lines.Text())
		}
	}()
	if s.addr == "" {
		t.Fatal("it does not start")
	}
	return s
}

// build returns the command that starts a project.
func build(t *testing.T, p Project, dir string) *exec.Cmd {
	t.Helper()
	switch p.Language {
	case "node":
		node, err := exec.LookPath("node")
		if err != nil {
			t.Skip("no node: apt-get install nodejs")
		}
		modules := filepath.Join(os.Getenv("SEEWIRE_NPM"), "node_modules")
		if _, err := os.Stat(filepath.Join(modules, "ws")); err != nil {
			t.Skip("no ws package: npm install --prefix DIR ws, and set SEEWIRE_NPM to DIR")
		}
		if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
		return withSettings(exec.Command(node, "main.mjs"))
	case "python":
		const python = "/usr/bin/python3" // Debian's, which is the one that has Debian's libraries
		if exec.Command(python, "-c", "import starlette, uvicorn, websockets").Run() != nil {
			t.Skip("no Starlette: apt-get install python3-starlette python3-uvicorn python3-websockets")
		}
		return withSettings(exec.Command(python, "main.py"))
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	build := exec.Command(tool, "build", "-ldflags=-s -w", "-o", "program", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off") // what it needs was needed to build this test
	if out, err := build.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "GOPROXY=off") {
			t.Skip("the module cache does not have what the project needs")
		}
		t.Fatalf("%v\n%s", err, out)
	}
	command := exec.Command(filepath.Join(dir, "program"), "-addr", "127.0.0.1:0")
	if has(p.experiment, "main") {
		command.Args = append(command.Args, "-lines", lines, "-every", every+"ms", "-beat", beat+"ms")
	}
	return command
}

// A log is to be over soon, and not without heartbeats.
const lines, every, beat = "12", "250", "100"

func withSettings(command *exec.Cmd) *exec.Cmd {
	command.Env = append(os.Environ(), "PORT=0", "LINES="+lines, "EVERY="+every, "BEAT="+beat)
	return command
}

// dial opens a connection that the test's end closes.
func (s *server) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

// asks asks for the lesson's recorded run again: what the browser sent is sent
// to the project, and what begins with the same status and type is right.
func (s *server) asks(t *testing.T, e playground.Experiment) {
	t.Helper()
	text, err := fs.ReadFile(e.Source, "recording.json")
	if err != nil {
		t.Fatal(err)
	}
	var recording struct {
		ID          string
		Connections []struct{ Client, Server []byte }
	}
	if err := json.Unmarshal(text, &recording); err != nil {
		t.Fatal(err)
	}
	// The project is another host, of which the page that asks is one, too, and
	// this is another run.
	host := regexp.MustCompile(`(?m)^(Host: |Origin: http://)localhost:\d+\r$`)
	run := fmt.Sprintf("run-%d", time.Now().UnixNano())

	// A session has another ID, and its requests come one after the other.
	session := regexp.MustCompile(`(?m)^(Mcp-Session-Id: ).*\r$`)
	var id []byte

	// All are open at once, as in a browser: some wait for what others send.
	type exchange struct{ want, got *bufio.Reader }
	var open []exchange
	for i, c := range recording.Connections {
		sent := host.ReplaceAll(c.Client, []byte("${1}"+s.addr+"\r"))
		sent = bytes.ReplaceAll(sent, []byte(recording.ID), []byte(run))
		if session.Match(c.Client) {
			if id == nil {
				id = s.beginSession(t, e, sent)
			}
			sent = session.ReplaceAll(sent, append([]byte("${1}"), append(id, '\r')...))
			conn := s.dial(t)
			if _, err := conn.Write(sent); err != nil {
				t.Fatal(err)
			}
			want, got := bufio.NewReader(bytes.NewReader(c.Server)), bufio.NewReader(conn)
			for !compare(t, fmt.Sprintf("%s, connection %d", e.ID, i+1), want, got) {
			}
			continue
		}
		conn := s.dial(t)
		if _, err := conn.Write(sent); err != nil {
			t.Fatal(err)
		}
		x := exchange{bufio.NewReader(bytes.NewReader(c.Server)), bufio.NewReader(conn)}
		x.got.Peek(1)
		open = append(open, x)
	}
	for i, x := range open {
		for !compare(t, fmt.Sprintf("%s, connection %d", e.ID, i+1), x.want, x.got) {
		}
	}
}

// beginSession sends the first POST of a connection by itself, and returns the ID of the
// session that the project gives it.
func (s *server) beginSession(t *testing.T, e playground.Experiment, requests []byte) []byte {
	t.Helper()
	all := bufio.NewReader(bytes.NewReader(requests))
	for {
		r, err := http.ReadRequest(all)
		if err != nil {
			t.Fatalf("%s: no request begins the session: %v", e.ID, err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if r.Method != http.MethodPost {
			continue
		}
		r.Body, r.RequestURI, r.URL.Scheme, r.URL.Host = io.NopCloser(bytes.NewReader(body)), "", "http", s.addr
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return []byte(resp.Header.Get("Mcp-Session-Id"))
	}
}

// compare compares one response with the recorded one: its status, its type, and
// whether something comes of it. It reports whether that was the last to compare.
func compare(t *testing.T, name string, want, got *bufio.Reader) bool {
	t.Helper()
	if _, err := want.Peek(1); err != nil {
		return true
	}
	recorded, err := http.ReadResponse(want, nil)
	if err != nil {
		t.Fatalf("%s: recorded: %v", name, err)
	}
	answer, err := http.ReadResponse(got, nil)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return true
	}
	const typ = "Content-Type"
	if answer.StatusCode != recorded.StatusCode || answer.Header.Get(typ) != recorded.Header.Get(typ) {
		t.Errorf("%s: %s %s, recorded were %s %s", name, answer.Status, answer.Header.Get(typ), recorded.Status, recorded.Header.Get(typ))
		return true
	}
	if recorded.StatusCode == http.StatusSwitchingProtocols {
		_, wantErr := want.ReadByte()
		if _, err := got.ReadByte(); wantErr == nil && err != nil {
			t.Errorf("%s: no frame: %v", name, err)
		}
		return true
	}
	if strings.HasPrefix(recorded.Header.Get(typ), "text/event-stream") {
		_, wantErr := recorded.Body.Read(make([]byte, 1))
		if _, err := answer.Body.Read(make([]byte, 1)); wantErr == nil && err != nil {
			t.Errorf("%s: no event: %v", name, err)
		}
		return true
	}
	io.Copy(io.Discard, recorded.Body)
	io.Copy(io.Discard, answer.Body)
	return false
}

// paths are where a project has its two sides.
func paths(e playground.Experiment) (sse, ws string) {
	if has(e, "main") {
		return "/sse", "/ws"
	}
	return "/play/" + e.ID + "/sse", "/play/" + e.ID + "/ws"
}

// suffers sends a project what none of its clients would send.
func (s *server) suffers(t *testing.T, e playground.Experiment) {
	t.Helper()
	sse, ws := paths(e)
	upgrade := "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://" + s.addr + "\r\n"
	request := func(target, head string) net.Conn {
		conn := s.dial(t)
		io.WriteString(conn, "GET "+target+" HTTP/1.1\r\nHost: "+s.addr+"\r\n"+head+"\r\n")
		return conn
	}
	status := func(conn net.Conn) int {
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return 0
		}
		return answer.StatusCode
	}

	for _, bad := range []struct{ target, head string }{
		{"//", ""},
		{"//", upgrade},
		{"/nowhere", ""},
		{sse + "?%zz", ""},
		{ws + "?%zz", upgrade},
		{sse + "?from=10.5", ""},
		{sse + "?from=-1e308", ""},
		{sse + "?from=NaN", ""},
		{ws + "?from=10.5", upgrade},
		{ws + "?from=-1e308", upgrade},
		{sse, "Last-Event-ID: " + strings.Repeat("9", 5000) + "\r\n"},
		{ws, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\n"},
	} {
		if got := status(request(bad.target, bad.head)); got == 0 || got >= 500 && got != http.StatusServiceUnavailable && got != http.StatusBadGateway {
			t.Errorf("%s with %.60q: status %d", bad.target, bad.head, got)
		}
	}

	mask := []byte{0, 0, 0, 0}
	for name, frame := range map[string][]byte{
		"broken UTF-8":     append([]byte{0x81, 0x82}, append(mask, 0xc3, 0x28)...),
		"a long message":   append(append([]byte{0x81, 0xff, 0, 0, 0, 0, 0, 1, 0x11, 0x70}, mask...), bytes.Repeat([]byte("x"), 70_000)...),
		"binary":           append([]byte{0x82, 0x83}, append(mask, 1, 2, 3)...),
		"an unmasked text": {0x81, 2, 'h', 'i'},
		"a reserved one":   append([]byte{0xf3, 0x80}, mask...),
		"half a frame":     {0x81, 0xfe, 0xff},
		"a close of 1":     append([]byte{0x88, 0x81}, append(mask, 3)...),
	} {
		conn := request(ws, upgrade)
		if got := status(conn); got != http.StatusSwitchingProtocols {
			t.Errorf("%s: the handshake has status %d", name, got)
		}
		conn.Write(frame)
		if name == "half a frame" {
			conn.Close()
		}
	}

	// Clients that never read stay until the end.
	for target, head := range map[string]string{sse: "", ws: upgrade} {
		conn := request(target, head)
		conn.(*net.TCPConn).SetReadBuffer(4096)
	}
}

// ends asks the program to end, which it is to do in good order.
func (s *server) ends(t *testing.T) {
	t.Helper()
	s.command.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(20*time.Second, func() { s.command.Process.Kill() }) // it promises five
	defer late.Stop()
	<-s.read
	if err := s.command.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}
