// Package servers runs, for tests, what docs/host describes: one site on several
// servers. Each is a real process, as are the NATS server between them and the nginx in
// front, which gives every request to another one. All of them can be killed and come
// back, and a server can be cut off from NATS.
package servers

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"seewire/cmd/seewire/internal/sitetest"
)

// A Site is what visitors reach through nginx.
type Site struct {
	Base        string // http://localhost and a port
	Secure      string // the same through TLS
	Certificate []byte // of Secure
	Servers     []*Server
	NATS, Nginx *Process
}

// A Server is one of the processes behind it.
type Server struct {
	*Process
	*Relay        // between it and NATS
	Base   string // past nginx
}

// number is how many servers docs/host has.
const number = 3

// Start runs a site until the test ends. The servers get the flags, too.
func Start(t testing.TB, flags ...string) *Site {
	t.Helper()
	program(t, "nginx", noNginx)
	for i := range number {
		l, err := net.Listen("tcp", ip(i)+":0")
		if err != nil {
			t.Skip("this loopback has one address: a site on several servers is not tried")
		}
		l.Close()
	}
	binaries := build(t)
	ports := freePorts(t)
	nats := fmt.Sprintf("127.0.0.1:%d", ports[4])
	const password = "not-a-secret"
	s := &Site{Base: fmt.Sprintf("http://localhost:%d", ports[0]), Secure: fmt.Sprintf("https://localhost:%d", ports[3])}
	s.NATS = startNATS(t, filepath.Join(binaries, "nats-server"), nats, password)
	for i := range number {
		server := &Server{Relay: startRelay(t, nats), Base: fmt.Sprintf("http://%s:%d", ip(i), ports[0])}
		at := func(port int) string { return fmt.Sprintf("%s:%d", ip(i), port) }
		server.Process = start(t, fmt.Sprintf("seewire %d", i+1), append([]string{filepath.Join(binaries, "seewire"),
			"-open=false", "-tls", "off", "-addr", at(ports[0]), "-origins", at(ports[1]) + "," + at(ports[2]),
			"-trust-proxy", "127.0.0.1"}, flags...), // nginx
			[]string{fmt.Sprintf("SEEWIRE_NATS=nats://%s:%s@%s", user, password, server.Relay.addr())},
			func() error { _, err := server.Health(); return err })
		s.Servers = append(s.Servers, server)
	}
	s.Nginx = startNginx(t, sitetest.InModule("docs/host"), s, [4]int(ports[:4]))
	return s
}

// Health is what a server says of itself.
func (s *Server) Health() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	status, body, err := get(ctx, s.Base+"/healthz")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d: %s", s.Base, status, body)
	}
	return body, err
}

// get is a request of its own connection: what is kept open would be one to a process
// that was killed.
func get(ctx context.Context, address string) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		return 0, "", err
	}
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// ip is the address of a server, as machines have one each.
func ip(server int) string { return fmt.Sprintf("127.0.0.%d", server+2) }

// build builds the programs, into a folder that goes with the test.
func build(t testing.TB) (folder string) {
	t.Helper()
	folder = t.TempDir()
	out, err := exec.Command("go", "build", "-o", folder, "seewire/cmd/seewire", "github.com/nats-io/nats-server/v2").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return folder
}

// freePorts are numbers at which nobody listens, on all addresses of the servers. They
// are below those that systems choose for clients: a process that starts again must find
// its own free.
func freePorts(t testing.TB) (ports [5]int) {
	t.Helper()
	for i := range ports {
		for tries := 0; ports[i] == 0; tries++ {
			if tries == 1000 {
				t.Fatal("no free port")
			}
			port := 20_000 + rand.IntN(10_000)
			if !slices.Contains(ports[:i], port) && free(port) {
				ports[i] = port
			}
		}
	}
	return ports
}

func free(port int) bool {
	for i := range number + 1 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:%d", i+1, port))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}
