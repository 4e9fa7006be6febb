package site

import (
	"net"
	"net/http/httptest"
	"testing"
)

func TestOriginsByNameOfTheVisit(t *testing.T) {
	l := Listeners{Own: &net.TCPAddr{Port: 1}, Foreign: &net.TCPAddr{Port: 2}}
	for _, c := range []struct {
		host, proto     string
		own, port, site string
	}{
		{"localhost:8080", "", "http://localhost:1", "http://localhost:2", "http://127.0.0.1:2"},
		{"127.0.0.1:8080", "", "http://127.0.0.1:1", "http://127.0.0.1:2", "http://localhost:2"},
		{"192.168.1.5:8080", "", "http://192.168.1.5:1", "http://192.168.1.5:2", ""},
		{"seewire.example", "https", "https://seewire.example:1", "https://seewire.example:2", ""}, // a proxy has TLS there too
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = c.host
		r.Header.Set("X-Forwarded-Proto", c.proto)
		if got := l.origins(r); got["own"] != c.own || got["port"] != c.port || got["site"] != c.site {
			t.Errorf("%s: %v", c.host, got)
		}
	}
	// A page that came through TLS has none: these listeners have no TLS.
	r := httptest.NewRequest("GET", "https://localhost:8443/", nil)
	if got := l.origins(r); len(got) != 0 || l.ownOrigins(r) != nil {
		t.Errorf("through TLS: %v", got)
	}
}
