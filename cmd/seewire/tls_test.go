package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/sitetest"
)

func TestHTTP2IsCaptured(t *testing.T) {
	s := sitetest.StartSecure(t)
	s.Stream(t, "total=3&every=50&cut=0&capture=over-http2-1", "data: 3")
	s.Stream(t, "total=2&every=50&cut=0&capture=over-http2-2", "data: 2")

	for id, events := range map[string]int{"over-http2-1": 3, "over-http2-2": 2} {
		c := sitetest.GetCapture(t, s.Program, id)
		sitetest.CheckTiling(t, c)
		if len(c.Connections) != 1 || c.Connections[0].Protocol != "h2" {
			t.Fatalf("%s: %d connections, the first of %q", id, len(c.Connections), c.Connections[0].Protocol)
		}
		if len(c.Events) != events || c.LastEventID != fmt.Sprint(events) {
			t.Errorf("%s: %d events up to %s, want %d", id, len(c.Events), c.LastEventID, events)
		}
		for _, f := range c.Frames {
			if f.Protocol == "data" || len(f.Violations) > 0 {
				t.Errorf("%s: %+v", id, f)
			}
		}
		if c.Frames[0].Value("http2.magic") == "" {
			t.Errorf("%s does not begin with the preface: %+v", id, c.Frames[0])
		}
	}
}

// The streams of one capture share a connection, and each event belongs to one.
func TestHTTP2StreamsAreToldApart(t *testing.T) {
	s := sitetest.StartSecure(t)
	const id = "three-at-once"
	done := make(chan struct{})
	for i := range 3 {
		go func() {
			defer func() { done <- struct{}{} }()
			s.Stream(t, fmt.Sprintf("total=4&every=60&cut=0&run=%d&capture=%s", i, id), "data: 4")
		}()
	}
	for range 3 {
		<-done
	}
	c := sitetest.GetCapture(t, s.Program, id)
	sitetest.CheckTiling(t, c)
	streams := map[string]int{} // events of each
	for _, f := range c.Frames {
		if f.Protocol == "http2" && f.From == "server" && f.Value("http2.type") == "0" && f.Length > 9 {
			streams[fmt.Sprint(f.Connection, ".", f.Value("http2.streamid"))]++
		}
	}
	if len(streams) != 3 || len(c.Events) != 12 {
		t.Errorf("streams %v, %d events, want 12 of 3", streams, len(c.Events))
	}
}

// A run that is cut ends its own stream; the connection goes on.
func TestHTTP2Cut(t *testing.T) {
	s := sitetest.StartSecure(t)
	resp, err := s.Client.Get(s.Secure + "/play/reconnect/sse?cut=2&how=reset&every=50&capture=cut-over-http2")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the stream ended in good order")
	}
	s.Stream(t, "total=1&cut=0", "data: 1")
	c := sitetest.GetCapture(t, s.Program, "cut-over-http2")
	sitetest.CheckTiling(t, c)
	var errors []string
	for _, f := range c.Frames {
		if code := f.Value("http2.rst_stream.error"); code != "" && f.From == "server" {
			errors = append(errors, code)
		}
	}
	if !slices.Equal(errors, []string{"2"}) || len(c.Connections) != 1 {
		t.Errorf("RST_STREAM with %q on %d connections, want one INTERNAL_ERROR on one", errors, len(c.Connections))
	}
}

// A WebSocket takes a connection of its own, which speaks HTTP/1.1.
func TestWebSocketThroughTLS(t *testing.T) {
	s := sitetest.StartSecure(t)
	transport := s.Client.Transport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = false
	transport.TLSClientConfig.NextProtos = []string{"http/1.1"}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "wss"+strings.TrimPrefix(s.Secure, "https")+"/play/reconnect/ws?total=2&every=50&cut=0&capture=wss-capture",
		&websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if _, _, err := conn.Read(ctx); err != nil {
		t.Fatal(err)
	}
	c := sitetest.GetCapture(t, s.Program, "wss-capture")
	sitetest.CheckTiling(t, c)
	if c.Connections[0].Protocol != "http/1.1" || c.Frames[0].Value("http.sec_websocket_key") == "" {
		t.Errorf("%s: %+v", c.Connections[0].Protocol, c.Frames[0])
	}
	conn.Close(websocket.StatusNormalClosure, "")
}

// Bad requests are answered on HTTP/2 as they are on HTTP/1.1.
func TestHTTP2Problems(t *testing.T) {
	s := sitetest.StartSecure(t)
	for path, want := range map[string]int{
		"/play/reconnect/sse?capture=bad": 400, "/play/reconnect/sse?cut=9999&capture=bad-control": 400, "/healthz": 200,
		"/play/reconnect/ws": 400, // with header fields that HTTP/2 has, as curl insists
	} {
		resp, err := s.Client.Get(s.Secure + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want || resp.Header.Get("Upgrade") != "" {
			t.Errorf("%s: %s, %v, want %d", path, resp.Status, resp.Header, want)
		}
	}
	// The page knows that it came through TLS.
	resp, err := s.Client.Get(s.Secure + "/en/lessons/reconnect")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if page, _ := io.ReadAll(resp.Body); !strings.Contains(string(page), s.Secure+"/play/") {
		t.Error("the commands for a terminal do not name the secure address")
	}
}

func TestCurlSpeaksHTTP2(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip(err)
	}
	s := sitetest.StartSecure(t)
	out, err := exec.CommandContext(t.Context(), curl, "-sSN", "--http2", "--cacert", s.Authority, "-w", "%{http_version}",
		s.Secure+"/play/reconnect/sse?total=2&every=50&cut=0&capture=curl-http2").CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "data: 2\n\n2") {
		t.Fatalf("%v\n%s", err, out)
	}
	c := sitetest.GetCapture(t, s.Program, "curl-http2")
	sitetest.CheckTiling(t, c)
	if len(c.Events) != 2 {
		t.Errorf("%d events", len(c.Events))
	}
}

// A connection that has carried very much makes place for a new one, which can
// be recorded again.
func TestHTTP2WornConnection(t *testing.T) {
	s := sitetest.StartSecure(t)
	connections := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if !info.Reused {
			connections++
		}
	}})
	for range 60 {
		req, _ := http.NewRequestWithContext(ctx, "GET", s.Secure+"/healthz?"+strings.Repeat("~", 4000), nil)
		resp, err := s.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if connections < 2 || connections > 6 {
		t.Errorf("60 requests of 6.5 KB took %d connections", connections)
	}
	s.Stream(t, "total=1&cut=0&capture=after-the-worn", "data: 1")
	sitetest.CheckTiling(t, sitetest.GetCapture(t, s.Program, "after-the-worn"))
}

// Clients that don't get through their handshake are no trouble to others.
func TestHandshakesThatGoNowhere(t *testing.T) {
	s := sitetest.StartSecure(t)
	addr := strings.TrimPrefix(s.Secure, "https://")
	for range 300 { // silent
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	began := time.Now()
	garbage, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer garbage.Close()
	io.WriteString(garbage, "\xff\xff\xff\xff\xff\xff\xff\xff")
	if _, err := io.Copy(io.Discard, garbage); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("garbage was not hung up on")
	}
	resp, err := http.Get("http://" + addr + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if p, _ := io.ReadAll(resp.Body); !strings.Contains(string(p), "https") {
		t.Errorf("HTTP on the port of TLS is answered with %q", p)
	}
	s.Stream(t, "total=1&cut=0", "data: 1")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("others waited %v for those that say nothing", took)
	}
}

// homeAt makes a folder the user's own, in which a certificate is kept.
func homeAt(t *testing.T, home string) {
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("AppData", home)
}

func TestTLSIsThereBesideTheAddress(t *testing.T) {
	for _, c := range []struct {
		name, home string
		taken      bool // port 8443
	}{
		{"a home", t.TempDir(), false},
		{"nowhere to keep anything", os.DevNull, false},
		{"another program on the port", t.TempDir(), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			homeAt(t, c.home)
			if c.taken {
				if l, err := net.Listen("tcp", "127.0.0.1:8443"); err == nil {
					defer l.Close()
				}
			}
			s := sitetest.Start(t, "-tls", "auto")
			client := &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
			}}
			defer client.CloseIdleConnections()
			resp, err := client.Get(s.Secure + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.ProtoMajor != 2 || resp.TLS.PeerCertificates[0].VerifyHostname("localhost") != nil {
				t.Errorf("%s at %s", resp.Proto, s.Secure)
			}
		})
	}
}

// Each listener's pages may connect to the other one, and to no third.
func TestPagesMayUseBothListeners(t *testing.T) {
	s := sitetest.StartSecure(t)
	for _, c := range []struct{ from, other string }{{s.Base, s.Secure}, {s.Secure, s.Base}} {
		for _, path := range []string{"/en/", "/sandbox"} {
			resp, err := s.Client.Get(c.from + path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			sources := strings.Fields(policy(resp, "connect-src"))
			for _, source := range []string{c.other, "ws" + strings.TrimPrefix(c.other, "http")} {
				if !slices.Contains(sources, source) {
					t.Errorf("%s of %s may not connect to %s: %q", path, c.from, source, sources)
				}
			}
			for _, source := range sources {
				if _, host, ok := strings.Cut(source, "//"); ok && !strings.HasSuffix(c.from, host) && !strings.HasSuffix(c.other, host) {
					t.Errorf("%s of %s may connect to %s", path, c.from, source)
				}
			}
		}
	}
}

// policy is a directive of a response's Content-Security-Policy.
func policy(resp *http.Response, name string) string {
	for directive := range strings.SplitSeq(resp.Header.Get("Content-Security-Policy"), "; ") {
		if what, ok := strings.CutPrefix(directive, name+" "); ok {
			return what
		}
	}
	return ""
}
