package wire

import (
	"maps"
	"net"
	"slices"
	"sync"
)

// A Listener taps the connections that another listener accepts.
type Listener struct {
	net.Listener

	mu   sync.Mutex
	open map[*Conn]struct{}
}

// Listen returns a listener whose connections can be recorded. For the
// http.Server that serves it, set ConnContext and ConnState to those of this
// package.
func Listen(l net.Listener) *Listener {
	return &Listener{Listener: l, open: make(map[*Conn]struct{})}
}

// Accept waits for the next connection and returns it as a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: accepted, listener: l}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[c] = struct{}{}
	return c, nil
}

// CloseConns closes every connection that is open, also those that were
// hijacked, of which http.Server.Close knows nothing any more.
func (l *Listener) CloseConns() {
	l.mu.Lock()
	open := slices.Collect(maps.Keys(l.open))
	l.mu.Unlock()

	for _, c := range open {
		c.Close()
	}
}

func (l *Listener) forget(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
}
