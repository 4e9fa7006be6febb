package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/sitetest"
)

// A name that somebody else's DNS made lead here reaches nothing.
func TestRebinding(t *testing.T) {
	s := sitetest.Start(t, "-host", "course.example.com,seewire.example")
	for _, path := range []string{"/en/", "/play/framing/sse?capture=rebinding", "/captures/rebinding.json", "/metrics", "/sandbox"} {
		for host, want := range map[string]bool{"evil.example": false, "evil.example:8080": false, "course.example.com": true, "localhost:1": true} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", s.Base+path, nil)
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
	_, resp, err := websocket.Dial(t.Context(), s.Socket()+"/captures/rebinding/live", &websocket.DialOptions{Host: "evil.example", HTTPHeader: http.Header{"Origin": {"http://evil.example"}}})
	if err == nil || resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("the feed: %v", err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", s.Base+"/healthz", nil)
	r.Host = "probe.example"
	if resp, err := http.DefaultClient.Do(r); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("the health check: %v %v", resp, err)
	}
}

func TestRefusesNames(t *testing.T) {
	for _, name := range []string{"", "https://course.example.com", "course.example.com:8080", "a b"} {
		if _, err := program.ParseFlags([]string{"-host", name}, new(strings.Builder)); err == nil {
			t.Errorf("-host %q was taken", name)
		}
	}
	o, err := program.ParseFlags([]string{"-host", "A.example, b.example", "-host", "*"}, new(strings.Builder))
	if err != nil || strings.Join(o.Site.Hosts, " ") != "a.example b.example *" {
		t.Errorf("%q, %v", o.Site.Hosts, err)
	}
}
