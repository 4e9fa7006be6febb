package wire

import (
	"net"
	"testing"
)

// A listener forgets the connections that are closed.
func TestListenerForgets(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(inner)
	defer l.Close()
	for range 3 {
		client, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		server.Close()
		server.Close()
	}
	if n := len(l.open); n != 0 {
		t.Errorf("%d connections are still there", n)
	}
}
