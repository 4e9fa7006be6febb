package main

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestNames(t *testing.T) {
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	loopback, network := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, &net.TCPAddr{IP: net.IPv6zero}
	for _, c := range []struct {
		host             string
		names            []string
		alone, inNetwork bool
	}{
		{"localhost", nil, true, true},
		{"LocalHost.", nil, true, true},
		{"app.localhost", nil, true, true},
		{"127.0.0.1", nil, true, true},
		{"127.1.2.3", nil, true, true},
		{"[::1]", nil, true, true},
		{"192.168.1.5", nil, false, true},
		{"[2001:db8::1]", nil, false, true},
		{"seewire", nil, false, true},
		{machine, nil, machine == "localhost", true},
		{strings.Split(machine, ".")[0] + ".local", nil, false, true},
		{"evil.example", nil, false, false},
		{"localhost.evil.example", nil, false, false},
		{"127.0.0.1.evil.example", nil, false, false},
		{"course.example.com", []string{"course.example.com"}, true, true},
		{"Course.Example.COM", []string{"other", "course.example.com"}, true, true},
		{"a.course.example.com", []string{"course.example.com"}, false, false},
		{"evil.example", []string{anyHost}, true, true},
	} {
		alone := &listeners{plain: loopback, secure: loopback, names: c.names}
		if got := alone.answersTo(c.host); got != c.alone {
			t.Errorf("on the loopback, with %q: answers to %s: %v", c.names, c.host, got)
		}
		for _, l := range []*listeners{{plain: network, names: c.names}, {plain: loopback, secure: network, names: c.names}} {
			if got := l.answersTo(c.host); got != c.inNetwork {
				t.Errorf("in a network, with %q: answers to %s: %v", c.names, c.host, got)
			}
		}
	}
}

// A name that somebody else's DNS made lead here reaches nothing.
func TestRebinding(t *testing.T) {
	s := startSite(t, "-host", "course.example.com,seewire.example")
	for _, path := range []string{"/en/", "/play/framing/sse?capture=rebinding", "/captures/rebinding.json", "/metrics", "/sandbox"} {
		for host, want := range map[string]bool{"evil.example": false, "evil.example:8080": false, "course.example.com": true, "localhost:1": true} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", s.base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if got := resp.StatusCode != http.StatusMisdirectedRequest; got != want {
				t.Errorf("%s of %s: %s", path, host, resp.Status)
			}
			resp.Body.Close()
		}
	}
	_, resp, err := websocket.Dial(t.Context(), s.socket()+"/captures/rebinding/live", &websocket.DialOptions{Host: "evil.example", HTTPHeader: http.Header{"Origin": {"http://evil.example"}}})
	if err == nil || resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("the feed: %v", err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", s.base+"/healthz", nil)
	r.Host = "probe.example"
	if resp, err := http.DefaultClient.Do(r); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("the health check: %v %v", resp, err)
	}
}

func TestRefusesNames(t *testing.T) {
	for _, name := range []string{"", "https://course.example.com", "course.example.com:8080", "a b"} {
		if _, err := parseFlags([]string{"-host", name}, new(strings.Builder)); err == nil {
			t.Errorf("-host %q was taken", name)
		}
	}
	o, err := parseFlags([]string{"-host", "A.example, b.example", "-host", "*"}, new(strings.Builder))
	if err != nil || strings.Join(o.hosts, " ") != "a.example b.example *" {
		t.Errorf("%q, %v", o.hosts, err)
	}
}
