package servers

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A Relay passes connections on between a server and NATS, until it is cut.
type Relay struct {
	l  net.Listener
	to string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
	done  sync.WaitGroup
}

func startRelay(t testing.TB, to string) *Relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{l: l, to: to, conns: map[net.Conn]bool{}}
	r.done.Go(r.accept)
	t.Cleanup(func() {
		l.Close()
		r.Cut()
		r.done.Wait()
	})
	return r
}

func (r *Relay) addr() string { return r.l.Addr().String() }

// Cut ends the connections, and every new one, until Join.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = true
	for conn := range r.conns {
		conn.Close()
	}
}

// Join lets connections through again.
func (r *Relay) Join() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = false
}

func (r *Relay) accept() {
	for {
		from, err := r.l.Accept()
		if err != nil {
			return
		}
		r.done.Go(func() { r.pass(from) })
	}
}

func (r *Relay) pass(from net.Conn) {
	defer r.drop(from)
	if !r.take(from) {
		return
	}
	to, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer r.drop(to)
	if !r.take(to) {
		return
	}
	r.done.Go(func() {
		io.Copy(from, to)
		from.Close()
	})
	io.Copy(to, from)
}

func (r *Relay) take(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.cut {
		r.conns[conn] = true
	}
	return !r.cut
}

func (r *Relay) drop(conn net.Conn) {
	conn.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, conn)
}
