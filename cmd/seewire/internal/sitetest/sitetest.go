// Package sitetest runs the program for tests, and reads what it captured.
package sitetest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/serve"
)

// A program is the real one, started through run.
type Program struct {
	Base   string
	Secure string       // through TLS; "" for none
	Stop   func() error // as Ctrl-C does; returns what run returned
}

var (
	Said     = regexp.MustCompile(`Seewire is at (\S+)`)
	secureAt = regexp.MustCompile(`and at (https:\S+), with HTTP/2`)
)

// SiteVariable names a site that runs already, such as http://localhost:8080, and is to
// be tested in place of programs that tests start: package servers runs the tests of the
// course so, on several servers. A test that needs a site of its own skips, and says why.
const SiteVariable = "SEEWIRE_SITE"

// Start runs the program on a free port until the test ends, without TLS
// unless the test wants it.
func Start(t testing.TB, args ...string) *Program {
	t.Helper()
	if site := os.Getenv(SiteVariable); site != "" {
		if args != nil {
			t.Skipf("it needs a site with flags of its own: %v", args)
		}
		t.Cleanup(http.DefaultClient.CloseIdleConnections) // the site does not end
		return &Program{Base: site, Stop: func() error {
			t.Skip("it ends the site")
			return nil
		}}
	}
	said, stop := start(t, program.Run, append([]string{"-addr", "localhost:0", "-tls", "off", "-open=false"}, args...))
	s := &Program{Base: Said.FindStringSubmatch(said)[1], Stop: stop}
	if m := secureAt.FindStringSubmatch(said); m != nil {
		s.Secure = m[1]
	}
	return s
}

// NeedsDirect skips a test where a proxy is between it and the site, for a reason.
func NeedsDirect(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv(SiteVariable) != "" {
		t.Skip(reason)
	}
}

// StartWatch runs `seewire watch`, as Start runs the program. Page is the path of its
// page, with the key, and through is where clients come.
func StartWatch(t testing.TB, target string, args ...string) (s *Program, page, through string) {
	t.Helper()
	said, stop := start(t, program.Watch, append([]string{"-addr", "localhost:0", "-listen", "localhost:0", "-open=false", target}, args...))
	m := watches.FindStringSubmatch(said)
	return &Program{Base: m[2], Stop: stop}, m[3], m[1]
}

var watches = regexp.MustCompile(`(?s)through (\S+):.*shows it at (http://[^/]+)(\S+)`)

// start runs a command until the test ends, and returns what it has said once it is
// ready.
func start(t testing.TB, run func(ctx context.Context, args []string, out io.Writer) error, args []string) (said string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out := &lockedBuffer{wrote: make(chan struct{}, 1)}
	done := make(chan error, 1)
	go func() { done <- run(ctx, args, out) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	for {
		if said := out.String(); strings.Contains(said, "Press Ctrl-C") {
			return said, stop
		}
		select {
		case <-out.wrote:
		case err := <-done:
			done <- err
			t.Fatalf("the program ended: %v\n%s", err, out)
		}
	}
}

// Socket is the site's address for WebSocket.
func (s *Program) Socket() string { return "ws" + strings.TrimPrefix(s.Base, "http") }

// A lockedBuffer is a program's output, read while it runs.
type lockedBuffer struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	wrote chan struct{}
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.wrote <- struct{}{}:
	default:
	}
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// A secureSite is a site with TLS, and a client that trusts it.
type secureSite struct {
	*Program
	Secure    string // its address
	Authority string // the file with its certificate
	Client    *http.Client
}

func StartSecure(t *testing.T) *secureSite {
	t.Helper()
	free, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("localhost:%d", free.Addr().(*net.TCPAddr).Port)
	free.Close()

	_, text, err := serve.MakeCertificate([]string{"localhost"})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	s := &secureSite{Secure: "https://" + addr, Authority: filepath.Join(folder, "certificate.pem")}
	if err := os.WriteFile(s.Authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	s.Client = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true,
	}}
	s.Program = Start(t, "-tls", addr, "-cert", s.Authority, "-key", s.Authority)
	t.Cleanup(s.Client.CloseIdleConnections)
	return s
}

// Stream runs an experiment and reads its event stream to the end, which comes
// after a line. What came before the end is in the capture by then.
func (s *secureSite) Stream(t *testing.T, query, last string) {
	resp, err := s.Client.Get(s.Secure + "/play/reconnect/sse?" + query)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("the protocol is %s", resp.Proto)
	}
	if events, err := io.ReadAll(resp.Body); err != nil || !strings.HasSuffix(string(events), last+"\n\n") {
		t.Errorf("the stream ended with %v before %q:\n%s", err, last, events)
	}
}

// AskAs makes a request with headers as a browser, or a program, sends them, and
// reads what comes first.
func AskAs(t *testing.T, address string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	bufio.NewReader(resp.Body).ReadString('\n')
	return resp
}

// Watch opens the feed of a capture as a page of the site does.
func (s *Program) Watch(t *testing.T, id string) {
	t.Helper()
	feed, _, err := websocket.Dial(t.Context(), s.Socket()+"/captures/"+id+"/live", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {s.Base}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { feed.CloseNow() })
	if _, _, err := feed.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
}
