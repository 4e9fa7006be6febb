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

	// Hop names the part of the way that the connections are, where it is not
	// the one to the client: behind a proxy. It is set before the first Accept.
	Hop string

	// Shown says what is recorded although it looks like what lets people in,
	// because the server has made it up, by the path of a request; nil for nothing.
	// It is that of secret.NewHTTP1, and is set before the first Accept.
	Shown func(path string) []string

	choose func(Request) *Capture // of HTTP/2

	mu   sync.Mutex
	open map[*Conn]struct{}
}

// Listen returns a listener whose connections can be recorded. For the
// http.Server that serves it, set ConnContext and ConnState to those of this
// package.
func Listen(l net.Listener) *Listener {
	return &Listener{Listener: l, open: make(map[*Conn]struct{})}
}

// ListenHTTP2 is Listen for connections that speak HTTP/2 from their first
// byte. There a request is recorded into the capture that choose returns for it,
// or not at all for nil. Conn.Record then tells whether it is.
//
// Each connection keeps up to 256 KiB, usually a tenth of that, for captures
// that come later; Conn.Worn tells when it is time for a new one.
func ListenHTTP2(l net.Listener, choose func(Request) *Capture) *Listener {
	tap := Listen(l)
	tap.choose = choose
	return tap
}

// Accept waits for the next connection and returns it as a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: accepted, listener: l}
	if l.choose != nil {
		c.multiplex = newMultiplex(accepted, l)
		c.mode.Store(multiplexed)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[c] = struct{}{}
	return c, nil
}

// CloseConns closes every connection that is open, also those that were
// hijacked, of which http.Server.Close knows nothing any more. None waits for
// another: a Close returns when nobody reads or writes any more, and where the
// machine is busy that takes its time.
func (l *Listener) CloseConns() {
	l.mu.Lock()
	open := slices.Collect(maps.Keys(l.open))
	l.mu.Unlock()

	var all sync.WaitGroup
	for _, c := range open {
		all.Go(func() { c.Close() })
	}
	all.Wait()
}

func (l *Listener) forget(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
}
