package choose

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"seewire/playground"
)

// The servers in other languages do the job of sse.go and ws.go, to the byte:
// each is run and asked the same as ours.
func TestServersInOtherLanguages(t *testing.T) {
	runner, e := playground.NewRunner(playground.Limits{}), New()
	mux := http.NewServeMux()
	mux.Handle("/sse", runner.SSE(e))
	mux.Handle("/ws", runner.WS(e))
	ours := httptest.NewServer(mux)
	t.Cleanup(ours.Close) // after the parallel tests

	for _, file := range []string{"sse.mjs", "sse.py"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			base := start(t, file)
			for _, ask := range []struct{ query, header string }{{"from=10", ""}, {"from=0", "11"}, {"", "999"}} {
				got, want := answer(t, base+"/?"+ask.query, ask.header), answer(t, ours.URL+"/sse?reset=0&silence=0&"+ask.query, ask.header)
				if got != want {
					t.Errorf("%s, Last-Event-ID %q:\n got %q\nwant %q", ask.query, ask.header, got, want)
				}
			}
		})
	}
	for _, file := range []string{"ws.mjs", "ws.py"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			base := start(t, file)
			for _, query := range []string{"from=10", "from=12"} {
				got, want := messages(t, base+"/?"+query), messages(t, ours.URL+"/ws?reset=0&silence=0&"+query)
				if got != want {
					t.Errorf("%s:\n got %s\nwant %s", query, got, want)
				}
			}
		})
	}
}

// start runs a server until the test ends, and returns its address. It skips
// the test where the language or a library is missing.
func start(t *testing.T, file string) string {
	t.Helper()
	dir := t.TempDir() // with the library beside it, as npm would put it
	for _, name := range []string{"sse.mjs", "ws.mjs", "sse.py", "ws.py"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name, ending, _ := strings.Cut(file, ".")
	var command *exec.Cmd
	if ending == "mjs" {
		node, err := exec.LookPath("node")
		if err != nil {
			t.Skip("no node: apt-get install nodejs")
		}
		if name == "ws" {
			modules := filepath.Join(os.Getenv("SEEWIRE_NPM"), "node_modules")
			if _, err := os.Stat(filepath.Join(modules, "ws")); err != nil {
				t.Skip("no ws package: npm install --prefix DIR ws, and set SEEWIRE_NPM to DIR")
			}
			if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
				t.Fatal(err)
			}
		}
		command = exec.Command(node, file)
	} else {
		const python = "/usr/bin/python3" // Debian's, which is the one that has Debian's libraries
		if exec.Command(python, "-c", "import starlette, uvicorn, websockets").Run() != nil {
			t.Skip("no Starlette: apt-get install python3-starlette python3-uvicorn python3-websockets")
		}
		command = exec.Command(python, "-m", "uvicorn", name+":app", "--port", "0")
	}
	command.Dir = dir
	command.Env = append(os.Environ(), "PORT=0", "PYTHONUNBUFFERED=1")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})

	// Node prints the port, uvicorn a line with the address in it.
	var said bytes.Buffer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		said.WriteString(line + "\n")
		if _, at, ok := strings.Cut(line, "running on http://127.0.0.1:"); ok {
			line, _, _ = strings.Cut(at, " ")
		}
		if _, err := strconv.Atoi(line); err == nil {
			go io.Copy(io.Discard, out) // until Cleanup
			return "http://127.0.0.1:" + line
		}
	}
	t.Fatalf("%s does not start:\n%s", file, said.String())
	return ""
}

// answer is the status, the type and the body of an answer, whole.
func answer(t *testing.T, address, lastEventID string) string {
	t.Helper()
	r, err := http.NewRequest("GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	typ, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
	return response.Status + " " + typ + "\n" + string(body)
}

// messages are all that a WebSocket says, and how it ends.
func messages(t *testing.T, address string) string {
	t.Helper()
	conn, _, err := websocket.Dial(context.Background(), "ws"+strings.TrimPrefix(address, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	var all strings.Builder
	for {
		_, message, err := conn.Read(context.Background())
		if err != nil {
			return all.String() + websocket.CloseStatus(err).String()
		}
		all.WriteString(string(message) + "\n")
	}
}
