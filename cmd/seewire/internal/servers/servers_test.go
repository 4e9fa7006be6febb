package servers_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/servers"
	"seewire/cmd/seewire/internal/sitetest"
)

// patience is how long a test waits for a state: it is long because the machine may do
// much else, and short enough to leave a message in the log of CI.
const patience = time.Minute

// TestServers does to one site on three servers what can happen to it. What comes later
// finds everything running again.
func TestServers(t *testing.T) {
	if os.Getenv("SEEWIRE_FULL") == "" && os.Getenv("SEEWIRE_LOAD") == "" {
		t.Skip("it is for SEEWIRE_FULL=1: it builds two programs, and takes half a minute")
	}
	s := servers.Start(t)
	together(t, s)
	t.Run("TLS", func(t *testing.T) { throughTLS(t, s) })
	t.Run("ACaptureOnThreeServers", func(t *testing.T) { captureOnThree(t, s) })
	t.Run("AServerIsCutOff", func(t *testing.T) { cutOff(t, s) })
	t.Run("NATSIsKilled", func(t *testing.T) { withoutNATS(t, s) })
	t.Run("TwoBuilds", func(t *testing.T) { twoBuilds(t, s) })
	t.Run("AClassAndFaults", func(t *testing.T) { classAndFaults(t, s) })
}

// together waits until the servers know of each other.
func together(t *testing.T, s *servers.Site) {
	t.Helper()
	for _, server := range s.Servers {
		says(t, server, fmt.Sprintf("with %d servers", len(s.Servers)))
	}
}

// says waits until a server says something of itself. It answers 200 whatever happens to
// the others: the site works.
func says(t *testing.T, server *servers.Server, what string) {
	t.Helper()
	await(t, server.Base+"/healthz says "+what, func() error {
		health, err := server.Health()
		if err == nil && !strings.Contains(health, what) {
			err = errors.New(health)
		}
		return err
	})
}

// throughTLS visits the site as somebody does who came by https.
func throughTLS(t *testing.T, s *servers.Site) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.Certificate)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	resp, err := client.Get(s.Secure + "/en/lessons/reconnect")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(page), s.Secure+"/") {
		t.Errorf("%s, %v: the page does not say that it is at %s", resp.Status, err, s.Secure)
	}
}

// cutOff has a server lose NATS, and find back.
func cutOff(t *testing.T, s *servers.Site) {
	alone, others := s.Servers[1], []*servers.Server{s.Servers[0], s.Servers[2]}
	alone.Cut()
	says(t, alone, "cut off from NATS")
	for _, other := range others {
		says(t, other, "with 2 servers")
	}
	id := rand.Text()
	fed := follow(t, alone, id)
	runAt(t, alone.Base, "sse", id)
	fed(1)
	wants(t, alone, id, 1)
	alone.Join()
	together(t, s)
}

// withoutNATS kills NATS: every server goes on alone, also one that starts meanwhile, and
// all find back.
func withoutNATS(t *testing.T, s *servers.Site) {
	s.NATS.Kill()
	s.Servers[0].Kill()
	s.Servers[0].Start()
	for _, server := range s.Servers {
		says(t, server, "cut off from NATS")
		id := rand.Text()
		fed := follow(t, server, id)
		runAt(t, server.Base, "ws", id)
		fed(1)
		wants(t, server, id, 1)
	}
	s.NATS.Start()
	together(t, s)
}

// captureOnThree has the connections of one run on three servers: it is one capture at
// each of them.
func captureOnThree(t *testing.T, s *servers.Site) {
	id := rand.Text()
	fed := follow(t, s.Servers[2], id)
	for i, side := range []string{"sse", "ws", "sse"} {
		runAt(t, s.Servers[i].Base, side, id)
	}
	fed(3)
	for _, server := range s.Servers {
		wants(t, server, id, 3)
	}
	// Without a feed: who asks first, and for a file, gets all of it.
	id = rand.Text()
	for range s.Servers { // nginx gives each to another server
		runAt(t, s.Base, "sse", id)
	}
	wants(t, s.Servers[1], id, len(s.Servers))
}

// runAt runs a side of an experiment to its end.
func runAt(t *testing.T, base, side, id string) {
	t.Helper()
	address := base + "/play/reconnect/" + side + "?cut=0&total=3&every=50&capture=" + id
	if side == "sse" {
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), "id: 3\n") {
			t.Fatalf("%v: %s", err, body)
		}
		return
	}
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(address, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for err == nil {
		_, _, err = conn.Read(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Fatal(err)
	}
}

// follow opens the feed of a capture at a server. What it returns waits until the feed
// has told of so many requests.
func follow(t *testing.T, server *servers.Server, id string) (wait func(requests int)) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	t.Cleanup(stop)
	feed, _, err := websocket.Dial(ctx, strings.Replace(server.Base, "http", "ws", 1)+"/captures/"+id+"/live",
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {server.Base}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { feed.CloseNow() })
	feed.SetReadLimit(-1)
	seen := 0
	read := func() {
		t.Helper()
		_, data, err := feed.Read(ctx)
		if err != nil {
			t.Fatalf("the feed has told of %d requests, and ends: %v", seen, err)
		}
		var c sitetest.Capture
		json.Unmarshal(data, &c)
		for _, f := range c.Frames {
			if strings.Contains(f.Value("http.request.uri"), id) {
				seen++
			}
		}
	}
	read()
	return func(requests int) {
		t.Helper()
		for seen < requests {
			read()
		}
	}
}

// wants looks at a capture at a server: it has so many connections, each whole, and every
// byte of them is explained.
func wants(t *testing.T, server *servers.Server, id string, connections int) {
	t.Helper()
	c := sitetest.GetCapture(t, &sitetest.Program{Base: server.Base}, id)
	if len(c.Connections) != connections {
		t.Errorf("%s has %d connections of the capture, want %d", server.Base, len(c.Connections), connections)
	}
	for _, conn := range c.Connections {
		if !strings.Contains(string(conn.Client), id) || !strings.Contains(string(conn.Server), "3") {
			t.Errorf("%s has of connection %d: %q, %q", server.Base, conn.Number, conn.Client, conn.Server)
		}
	}
	sitetest.CheckTiling(t, c)
}

// twoBuilds has one server be of another build, as in the middle of an upgrade: the scripts
// of a page come from those that have them, whichever is asked first.
func twoBuilds(t *testing.T, s *servers.Site) {
	const script = "/static/another-build/js/main.js"
	upgraded := s.Servers[2]
	upgraded.Kill()
	l, err := net.Listen("tcp", strings.TrimPrefix(upgraded.Base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	other := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != script {
			http.NotFound(w, r)
		}
	})}}
	other.Start()
	_, page := (&sitetest.Program{Base: s.Servers[0].Base}).Get(t, http.DefaultClient, "/en/", "en")
	own := regexp.MustCompile(`/static/[^"]+/main\.js`).FindString(page)
	for range s.Servers {
		for _, path := range []string{script, own} {
			resp, err := http.Get(s.Base + path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%q: %s", path, resp.Status)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()
	other.Close()
	upgraded.Start()
	together(t, s)
}

// await waits for a state of other processes.
func await(t *testing.T, what string, state func() error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	if err := servers.Until(ctx, state); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
