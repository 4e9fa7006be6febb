package check

import (
	"net"
	"sync"
	"time"

	"seewire/playground/wire"
)

// maxRecorded bounds what is kept of one connection, in bytes of both sides: of
// a flood the start says enough.
const maxRecorded = 1 << 20

// A recorder keeps the bytes that go over a connection to what is checked. It
// stands above TLS.
type recorder struct {
	net.Conn
	mu   sync.Mutex
	kept wire.Connection
	full bool // the connection has had more bytes than are kept
}

func record(conn net.Conn) *recorder {
	return &recorder{Conn: conn, kept: wire.Connection{Number: 1, Protocol: "http/1.1", Peer: conn.LocalAddr().String(), Local: conn.RemoteAddr().String()}}
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.keep(wire.Server, p[:n], time.Now())
	return n, err
}

func (r *recorder) Write(p []byte) (int, error) {
	at := time.Now()
	n, err := r.Conn.Write(p)
	r.keep(wire.Client, p[:n], at)
	return n, err
}

func (r *recorder) keep(from wire.Side, p []byte, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if room := maxRecorded - len(r.kept.Client) - len(r.kept.Server); r.full || len(p) > room {
		p, r.full = nil, true // what is kept has no hole in it
	}
	if len(p) == 0 {
		return
	}
	to := &r.kept.Server
	if from == wire.Client {
		to = &r.kept.Client
	}
	r.kept.Segments = append(r.kept.Segments, wire.Segment{From: from, At: at, Offset: int64(len(*to)), Length: len(p)})
	*to = append(*to, p...)
}

// recorded is what was kept until now.
func (r *recorder) recorded() wire.Connection {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept
}
