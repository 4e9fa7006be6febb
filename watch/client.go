package watch

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"slices"
	"time"

	"seewire/playground/http2frame"
)

// The protocols there are, as TLS names them (RFC 7301 §6, RFC 9113 §3.2).
const (
	http1 = "http/1.1"
	http2 = "h2"
)

// An arrived is bytes that came together.
type arrived struct {
	at    time.Time
	bytes []byte
}

// A dialed is what came of connecting to the target.
type dialed struct {
	conn net.Conn
	err  error
}

// meet finds out what a client speaks, and has it served. Both hops speak the same:
// the target is offered what the client speaks, and a client with TLS gets what the
// target has chosen of what it offers.
func (w *Watch) meet(ctx context.Context, conn net.Conn) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	scheme := "http"
	var target *dialed
	start, err := opening(conn)
	if len(start) > 0 && start[0].bytes[0] == handshakeRecord && w.options.Certificate != nil {
		scheme = "https"
		if conn, target = w.secure(ctx, &rewound{conn, joined(start)}); conn == nil {
			return
		}
		start, err = opening(conn)
	}
	if !bytes.HasPrefix(joined(start), []byte(http2frame.Preface)) {
		s := newSession(w, conn, scheme)
		s.dialed = target
		w.keep(s, func() { s.run(ctx, start, err) })
		return
	}
	if target == nil {
		target = new(dialed)
		target.conn, target.err = w.dial(ctx, []string{http2})
	}
	m := newMultiplex(w, conn, scheme)
	w.keep(m, func() { m.run(start, target.conn, target.err) })
}

// keep has a connection end with the watch.
func (w *Watch) keep(s interface{ close() }, run func()) {
	w.mu.Lock()
	w.sessions[s] = true
	w.mu.Unlock()
	run()
	w.mu.Lock()
	delete(w.sessions, s)
	w.mu.Unlock()
}

// opening reads from a client until it is known whether it speaks HTTP/2.
func opening(conn net.Conn) (start []arrived, err error) {
	all := make([]byte, 0, 4<<10)
	for {
		n, err := conn.Read(all[len(all):cap(all)])
		if n > 0 {
			start = append(start, arrived{time.Now(), all[len(all) : len(all)+n]})
			all = all[:len(all)+n]
		}
		if known := min(len(all), len(http2frame.Preface)); err != nil || known == len(http2frame.Preface) || string(all) != http2frame.Preface[:known] {
			return start, err
		}
	}
}

func joined(start []arrived) (all []byte) {
	for _, a := range start {
		all = append(all, a.bytes...)
	}
	return all
}

const (
	// handshakeRecord is what TLS begins with (RFC 8446 §5.1).
	handshakeRecord = 0x16

	// handshakeTime is how long a client may take for TLS.
	handshakeTime = 10 * time.Second
)

// secure takes the TLS of a client off. Where the target speaks TLS, it chooses the
// protocol; where not, that is HTTP/1.1. The connection is nil where the client has left.
func (w *Watch) secure(ctx context.Context, conn net.Conn) (net.Conn, *dialed) {
	var target *dialed
	own := &tls.Config{Certificates: []tls.Certificate{*w.options.Certificate}}
	through := tls.Server(conn, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		config := own.Clone()
		offers := slices.DeleteFunc(slices.Clone(hello.SupportedProtos), func(p string) bool { return p != http1 && p != http2 })
		chosen := http1
		if w.options.Target.Scheme == "https" && slices.Contains(offers, http2) {
			target = new(dialed)
			target.conn, target.err = w.dial(ctx, offers)
			if through, ok := target.conn.(*tls.Conn); ok && through.ConnectionState().NegotiatedProtocol == http2 {
				chosen = http2
			}
		}
		if len(offers) > 0 {
			config.NextProtos = []string{chosen}
			if !slices.Contains(offers, chosen) {
				config.NextProtos = offers // it is told over that why there is no other one
			}
		}
		return config, nil
	}})
	handshake, cancel := context.WithTimeout(ctx, handshakeTime+dialTime)
	defer cancel()
	if err := through.HandshakeContext(handshake); err != nil {
		through.Close()
		if target != nil && target.conn != nil {
			target.conn.Close()
		}
		return nil, nil
	}
	return through, target
}

// A rewound is a connection some of whose bytes were read already.
type rewound struct {
	net.Conn
	start []byte
}

func (r *rewound) Read(p []byte) (int, error) {
	if len(r.start) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.start)
	r.start = r.start[n:]
	return n, nil
}
