package proxy

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// What the lesson says of nginx, tried with Debian's: the servers of this
// experiment behind it, the faults that it comes with, and the configuration
// that the lesson shows.

// sites are nginx's configurations of a server, each on a port of its own.
var sites = map[string]string{
	"default":       `proxy_http_version 1.0;`, // it was the default before 1.29.7
	"small buffers": `proxy_http_version 1.0; proxy_buffer_size 1k; proxy_buffers 8 1k; proxy_busy_buffers_size 2k;`,
	"http/1.1":      `proxy_http_version 1.1;`,
	"gzip":          `gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length 0;`,
	"gzip and buffering off": `gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length 0;
		proxy_buffering off;`,
	// Less than a second would not do: a timer that would move by less than 300 ms
	// nginx leaves as it is.
	"impatient": `proxy_read_timeout 1s; proxy_http_version 1.1; proxy_buffering off;
		proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;`,
	"impatient and buffering": `proxy_read_timeout 1s;`,
}

func TestNginx(t *testing.T) {
	base := startNginx(t)
	const (
		steady = "/sse?every=60&total=8"            // half a second
		quiet  = "/sse?every=60&total=4&pause=1500" // 1, 2, and then a silence
		socket = "/ws?every=60&total=4&pause=1500"
	)

	// All at once: they only wait.
	var all sync.WaitGroup
	defer all.Wait()
	for _, c := range []struct {
		name, site, path string
		numbers          string // that arrive
		inTime, broken   bool
		coding           string
	}{
		{"buffers", "default", steady, "12345678", false, false, ""},
		{"passes on a buffer that is full", "small buffers", "/sse?every=20&total=99", numbers(1, 99), true, false, ""},
		{"is asked not to buffer", "default", steady + "&remedy=header", "12345678", true, false, ""},
		{"passes chunks on", "http/1.1", steady, "12345678", true, false, ""},
		{"buffers what it compresses", "gzip", steady, "12345678", false, false, "gzip"},
		{"flushes what it compresses, if asked not to buffer", "gzip", steady + "&remedy=header", "12345678", true, false, "gzip"},
		{"flushes what it compresses, without buffering", "gzip and buffering off", steady, "12345678", true, false, "gzip"},
		{"cuts a silence", "impatient", quiet, "12", true, true, ""},
		{"cuts a silence, and what it held is lost", "impatient and buffering", quiet, "", false, true, ""},
		{"waits where there are heartbeats", "impatient", quiet + "&remedy=heartbeat&timeout=800", "1234", true, false, ""},
		{"passes on that the server broke off", "lesson", "/hasty/sse?fault=deadline&every=60&total=4&pause=1500", "12", true, true, ""},
		{"is right in the lesson", "lesson", steady, "12345678", true, false, ""},
		{"is right in the lesson, with a silence", "lesson", quiet, "1234", true, false, ""},
	} {
		all.Go(func() {
			r, _ := http.NewRequest("GET", base[c.site]+c.path, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			begun := time.Now()
			response, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				return
			}
			got := read(response, begun)
			// The first number comes long before the answer is over, or not.
			first, _, _ := strings.Cut(got.reads, ":")
			after, _ := time.ParseDuration(first)
			inTime := got.reads != "" && got.took-after > 200*time.Millisecond
			came := numbersIn(got.reads)
			if header := got.Get("X-Accel-Buffering"); header != "" {
				t.Errorf("%s: X-Accel-Buffering: %s goes on to the client", c.name, header)
			}
			if came != c.numbers || inTime != c.inTime || got.broken != c.broken || got.Get("Content-Encoding") != c.coding {
				t.Errorf("%s: in time: %v, broken off: %v, %q, after %v: %s", c.name, inTime, got.broken, got.Get("Content-Encoding"), got.took, got.reads)
			}
		})
	}
	for _, c := range []struct {
		name, site, path string
		status           int
		numbers          string
		code             websocket.StatusCode
	}{
		{"does not forward Upgrade", "default", socket, http.StatusUpgradeRequired, "", 0},
		{"nor with HTTP/1.1 alone", "http/1.1", socket, http.StatusUpgradeRequired, "", 0},
		{"cuts a silence", "impatient", socket, 101, "12", -1},
		{"waits where there are pings", "impatient", socket + "&remedy=heartbeat&timeout=800", 101, "1234", websocket.StatusNormalClosure},
		{"is right in the lesson", "lesson", socket, 101, "1234", websocket.StatusNormalClosure},
		{"has a server with a WriteTimeout behind it", "lesson", "/hasty/ws?fault=deadline&every=150&total=9", 101, "123456789", websocket.StatusNormalClosure},
	} {
		all.Go(func() {
			ctx := context.Background()
			conn, response, err := websocket.Dial(ctx, base[c.site]+c.path, nil)
			if response == nil || response.StatusCode != c.status {
				t.Errorf("%s: %v, want a status of %d", c.name, err, c.status)
			}
			if err != nil {
				return
			}
			defer conn.CloseNow()
			var numbers []byte
			for {
				_, message, err := conn.Read(ctx)
				if err != nil {
					if code := websocket.CloseStatus(err); code != c.code || string(numbers) != c.numbers {
						t.Errorf("%s: %s, closed with %d (%v)", c.name, numbers, code, err)
					}
					return
				}
				numbers = append(numbers, message...)
			}
		})
	}
}

// numbers are those from first to last, one after the other.
func numbers(first, last int) string {
	var all strings.Builder
	for n := first; n <= last; n++ {
		fmt.Fprint(&all, n)
	}
	return all.String()
}

// numbersIn are the data of reads, without the times.
func numbersIn(reads string) string {
	var numbers strings.Builder
	for part := range strings.FieldsSeq(reads) {
		if !strings.Contains(part, ":") {
			numbers.WriteString(part)
		}
	}
	return numbers.String()
}

// startNginx runs nginx in front of the experiment's servers until the test
// ends, and returns where each of the sites is; "lesson" is nginx.conf.
func startNginx(t *testing.T) map[string]string {
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx" // not in everybody's PATH
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("no nginx: what the lesson says of it is not tried (on Debian: apt-get install nginx-light)")
	}

	runner, e := playground.NewRunner(playground.Limits{}), New(nil)
	origin := serve(t, runner, e, e.Backends[0], "")
	hasty := serve(t, runner, e, e.Backends[1], "/hasty")

	dir := t.TempDir()
	base, servers := map[string]string{}, ""
	for name, settings := range sites {
		port := freePort(t)
		base[name] = "http://" + port
		servers += fmt.Sprintf("server { listen %s; %s location / { proxy_pass http://%s; } }\n", port, settings, origin)
	}
	shown, err := os.ReadFile("nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	base["lesson"] = "http://" + port
	lesson := strings.NewReplacer("listen 80;", "listen "+port+";", "127.0.0.1:8080", origin).Replace(string(shown))
	// The same once more, for the server with a WriteTimeout.
	start, end := strings.Index(lesson, "    location / {"), strings.LastIndex(lesson, "}")
	again := strings.NewReplacer("location / {", "location /hasty/ {", origin, hasty).Replace(lesson[start:end])
	lesson = lesson[:end] + again + lesson[end:]

	conf := filepath.Join(dir, "nginx.conf")
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += fmt.Sprintf("%s_temp_path %s; ", kind, filepath.Join(dir, kind))
	}
	whole := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log; events {}\nhttp { access_log off; %[2]s\n%[3]s\n%[4]s }\n",
		dir, temporary, servers, lesson)
	if err := os.WriteFile(conf, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	nginx := exec.Command(path, "-p", dir, "-c", conf)
	nginx.Stderr = &said
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- nginx.Wait() }()
	t.Cleanup(func() {
		nginx.Process.Kill()
		<-ended
	})
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) { // another program's start: there is nothing to wait on
		if conn, err := net.Dial("tcp", port); err == nil {
			conn.Close()
			return base
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("nginx ended: %v\n%s", err, &said)
		default:
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("nginx does not listen\n%s", &said)
		}
	}
}

// serve serves one of the experiment's servers and returns its address.
func serve(t *testing.T, runner *playground.Runner, e playground.Experiment, b playground.Backend, prefix string) string {
	mux := http.NewServeMux()
	mux.Handle(prefix+"/sse", runner.Behind(e, b.SSE))
	mux.Handle(prefix+"/ws", runner.Behind(e, b.WS))
	s := httptest.NewUnstartedServer(mux)
	s.Config.WriteTimeout = b.WriteTimeout
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// freePort is an address that nobody listens on.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
