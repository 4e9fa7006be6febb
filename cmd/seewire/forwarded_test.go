package main

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"seewire/playground"
)

func TestForwarded(t *testing.T) {
	trusted, err := parseProxies("127.0.0.1,10.0.0.0/8,2001:db8::/32")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		peer   string
		header []string
		want   string
	}{
		{"127.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1:0"},
		{"[::ffff:127.0.0.1]:1", []string{"192.0.2.1"}, "192.0.2.1:0"},
		{"127.0.0.1:1", []string{"198.51.100.7, 192.0.2.1"}, "192.0.2.1:0"}, // the first is what the client says
		{"127.0.0.1:1", []string{"198.51.100.7, 192.0.2.1, 10.1.2.3"}, "192.0.2.1:0"},
		{"127.0.0.1:1", []string{"192.0.2.1", "10.1.2.3"}, "192.0.2.1:0"},
		{"127.0.0.1:1", []string{"192.0.2.1:5000"}, "192.0.2.1:0"},
		{"[2001:db8::1]:1", []string{"[2001:db9::2]:5000"}, "[2001:db9::2]:0"},
		{"127.0.0.1:1", []string{"10.1.2.3"}, "10.1.2.3:0"},
		{"127.0.0.1:1", nil, "127.0.0.1:1"},
		{"127.0.0.1:1", []string{"192.0.2.1, unknown"}, "127.0.0.1:1"},
		{"192.0.2.9:1", []string{"192.0.2.1"}, "192.0.2.9:1"}, // who isn't a proxy may say what it likes
	} {
		if got := trusted.client(test.peer, http.Header{"X-Forwarded-For": test.header}); got != test.want {
			t.Errorf("%s with %q is %s, want %s", test.peer, test.header, got, test.want)
		}
	}
	if got := proxies(nil).client("127.0.0.1:1", http.Header{"X-Forwarded-For": {"192.0.2.1"}}); got != "127.0.0.1:1" {
		t.Errorf("nobody is trusted, but the client is %s", got)
	}
}

// Behind a proxy that is trusted, each client has a share; where none is, what a
// client says of itself makes no difference.
func TestSharesBehindAProxy(t *testing.T) {
	for _, test := range []struct {
		args []string
		want int
	}{{nil, 5}, {[]string{"-trust-proxy", "127.0.0.1,::1"}, 7}} {
		s := startSite(t, append(test.args, "-streams", "10", "-origins", "off")...)
		open := 0
		for i := range 10 {
			r, _ := http.NewRequest("GET", s.base+"/play/silence/sse?then=dead&after=1", nil)
			r.Header.Set("X-Forwarded-For", []string{"192.0.2.1", "192.0.2.2"}[i%2])
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				open++
			}
		}
		if open != test.want {
			t.Errorf("%v: %d streams are open, want %d", test.args, open, test.want)
		}
	}
	var out bytes.Buffer
	if _, err := parseFlags([]string{"-trust-proxy", "nginx"}, &out); !errors.Is(err, errUsage) {
		t.Errorf("-trust-proxy nginx: %v", err)
	}
	if playground.PeerAt("192.0.2.1:0") != playground.PeerAt("192.0.2.1:5000") {
		t.Error("a client that a proxy tells of is another one than without the proxy")
	}
}
