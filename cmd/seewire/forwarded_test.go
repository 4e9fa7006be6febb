package main

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/cmd/seewire/internal/terminal"
	"seewire/playground"
)

// Behind a proxy that is trusted, each client has a share; where none is, what a
// client says of itself makes no difference.
func TestSharesBehindAProxy(t *testing.T) {
	for _, test := range []struct {
		args []string
		want int
	}{{nil, 5}, {[]string{"-trust-proxy", "127.0.0.1,::1"}, 7}} {
		s := sitetest.Start(t, append(test.args, "-streams", "10", "-origins", "off")...)
		open := 0
		for i := range 10 {
			r, _ := http.NewRequest("GET", s.Base+"/play/silence/sse?then=dead&after=1", nil)
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
	if _, err := program.ParseFlags([]string{"-trust-proxy", "nginx"}, &out); !errors.Is(err, terminal.ErrUsage) {
		t.Errorf("-trust-proxy nginx: %v", err)
	}
	if playground.PeerAt("192.0.2.1:0") != playground.PeerAt("192.0.2.1:5000") {
		t.Error("a client that a proxy tells of is another one than without the proxy")
	}
}
