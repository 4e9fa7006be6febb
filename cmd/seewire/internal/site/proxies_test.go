package site

import (
	"net/http"
	"testing"
)

func TestForwarded(t *testing.T) {
	trusted, err := ParseProxies("127.0.0.1,10.0.0.0/8,2001:db8::/32")
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
	if got := Proxies(nil).client("127.0.0.1:1", http.Header{"X-Forwarded-For": {"192.0.2.1"}}); got != "127.0.0.1:1" {
		t.Errorf("nobody is trusted, but the client is %s", got)
	}
}
