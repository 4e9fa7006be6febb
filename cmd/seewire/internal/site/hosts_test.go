package site

import (
	"net"
	"os"
	"strings"
	"testing"
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
		{"evil.example", []string{AnyHost}, true, true},
	} {
		alone := &Listeners{Plain: loopback, Secure: loopback, names: c.names}
		if got := alone.answersTo(c.host); got != c.alone {
			t.Errorf("on the loopback, with %q: answers to %s: %v", c.names, c.host, got)
		}
		for _, l := range []*Listeners{{Plain: network, names: c.names}, {Plain: loopback, Secure: network, names: c.names}} {
			if got := l.answersTo(c.host); got != c.inNetwork {
				t.Errorf("in a network, with %q: answers to %s: %v", c.names, c.host, got)
			}
		}
	}
}
