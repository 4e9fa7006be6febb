package wire

import (
	"net"
	"sync"
	"time"

	"seewire/playground/secret"
)

// A Recorder records a connection of HTTP/1.1 whose bytes somebody else moves, such
// as a proxy, from a request on. Its methods may be called from any goroutine. Once
// the capture has expired they do nothing.
type Recorder struct {
	mu         sync.Mutex
	capture    *Capture
	connection *Connection
	cover      *secret.HTTP1 // nil where secrets stay
}

// Record adds a connection to the capture. Hop is that of a Listener. What lets
// people in is covered, unless open is set. The error is ErrFull or ErrExpired.
func (c *Capture) Record(peer, local net.Addr, hop string, open bool) (*Recorder, error) {
	connection, err := c.connect(peer, local, hop, "http/1.1")
	if err != nil {
		return nil, err
	}
	r := &Recorder{capture: c, connection: connection}
	if !open {
		r.cover = secret.NewHTTP1(nil)
	}
	return r, nil
}

// Add takes what a side has sent.
func (r *Recorder) Add(from Side, at time.Time, p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cover == nil {
		r.keep(from, secret.Segment{At: at, Bytes: p})
		return
	}
	r.keep(from, r.covering(from).Add(at, p)...)
}

// Upgraded says that another protocol has begun: what the client sends is no
// request any more.
func (r *Recorder) Upgraded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cover != nil {
		r.cover.Hijacked()
	}
}

// End notes how a side has stopped sending (see [End]).
func (r *Recorder) End(from Side, at time.Time, how string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cover != nil {
		r.keep(from, r.covering(from).End()...)
	}
	r.capture.end(r.connection, from, at, how)
}

func (r *Recorder) covering(from Side) *secret.Covering {
	if from == Client {
		return r.cover.Client
	}
	return r.cover.Server
}

func (r *Recorder) keep(from Side, segments ...secret.Segment) {
	for _, s := range segments {
		if len(s.Bytes) > 0 {
			r.capture.write(r.connection, from, s.At, s.Bytes)
		}
	}
}
