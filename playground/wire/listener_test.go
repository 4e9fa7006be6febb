package wire

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
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

// A connection that takes its time to close keeps no other one open.
func TestConnsCloseAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen(slowClosers{})
		for range 10 {
			l.Accept()
		}
		began := time.Now()
		l.CloseConns()
		if took := time.Since(began); took != time.Second || len(l.open) != 0 {
			t.Errorf("%v, and %d are still open", took, len(l.open))
		}
	})
}

// slowClosers are connections that need a second to close.
type slowClosers struct{ net.Listener }

func (slowClosers) Accept() (net.Conn, error) { return slowCloser{}, nil }

type slowCloser struct{ net.Conn }

func (slowCloser) Close() error { time.Sleep(time.Second); return nil }
