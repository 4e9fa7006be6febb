// Package bus passes on what goes between people: the rooms of oneway, a class and
// its cut. It is a NATS server in this process, which listens on no port, with a
// client in memory. Who sends does not know who is subscribed, nor on which server.
//
// With an address of a NATS server, several servers are one site: what is published
// goes to those who are subscribed here, as before, and through that NATS server to
// those on the others. While it is away each server goes on alone. Two servers may also
// hold a byte stream, by Dial and Listen.
package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// ErrClosed is returned once Close has been called.
var ErrClosed = errors.New("bus: closed")

// startTime is how long the server in this process may take to start. On an idle
// machine it takes some 10 ms.
const startTime = 10 * time.Second

// Options say which NATS server to join. The zero value is a bus of this process.
type Options struct {
	URL         string // of one, as in tls://nats.example.com:4222, or of several of a cluster with commas; "" for none
	Credentials string // a file as `nsc` makes it; a user and a password, or a token, stand in the URL
	CA          string // a file with the authorities that may have signed its certificate; "" for the system's
	Cert, Key   string // files with a certificate of this server, where NATS asks for one
	Log         *slog.Logger
}

// A Bus starts its own server when that is first used: most visitors need none.
type Bus struct {
	id      string
	shared  *shared // nil for a bus of this process alone
	servers atomic.Pointer[[]string]
	streams streams

	mu     sync.Mutex
	closed bool
	server *server.Server
	conn   *nats.Conn
	here   map[string]int // subscriptions of this process, by subject; kept where there is a shared
}

// New returns a bus that has not started. With a URL it joins the NATS server there;
// where that can't be reached now, it goes on alone and tries again for as long as it
// is open. A URL, a file or credentials that will never do are an error.
func New(o Options) (*Bus, error) {
	b := &Bus{id: newID(), here: map[string]int{}}
	b.servers.Store(&[]string{b.id})
	b.streams.bus = b
	if o.URL == "" {
		return b, nil
	}
	var err error
	b.shared, err = join(b, o)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Publish sends a message, of at most 1 MB, to those who are subscribed to the
// subject now. What one caller publishes arrives in its order, and after each
// Subscribe that returned before. It does not wait, and what can't reach other
// servers is lost there.
func (b *Bus) Publish(subject string, data []byte) error {
	conn, err := b.started(subject)
	if err != nil {
		return err
	}
	if b.shared != nil && b.Several() && !b.shared.publish(subject, data) {
		b.shared.lost.Add(1)
	}
	if conn == nil {
		return nil
	}
	return conn.Publish(subject, data)
}

// Subscribe has receive called with each message of a subject, one after another.
// It must not wait: what it keeps waiting piles up. After a call of unsubscribe a
// message that was on its way may still come. A subject has no wildcard.
func (b *Bus) Subscribe(subject string, receive func(data []byte)) (unsubscribe func(), err error) {
	if b.shared == nil {
		return b.subscribe(subject, receive)
	}
	var one sync.Mutex // messages come from here and from there
	serial := func(data []byte) {
		one.Lock()
		defer one.Unlock()
		receive(data)
	}
	leave, err := b.subscribe(subject, serial)
	if err != nil {
		return nil, err
	}
	leaveShared := b.shared.subscribe(subject, serial)
	return sync.OnceFunc(func() { leave(); leaveShared() }), nil
}

// subscribe subscribes to what is published in this process.
func (b *Bus) subscribe(subject string, receive func(data []byte)) (unsubscribe func(), err error) {
	b.count(subject, 1)
	conn, err := b.started(subject)
	var subscription *nats.Subscription
	if err == nil {
		subscription, err = conn.Subscribe(subject, func(m *nats.Msg) { receive(m.Data) })
	}
	if err != nil {
		b.count(subject, -1)
		return nil, fmt.Errorf("subscribe to %s: %w", subject, err)
	}
	return func() {
		subscription.Unsubscribe() // it fails where the bus is closed
		b.count(subject, -1)
	}, nil
}

func (b *Bus) count(subject string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.here[subject] += n; b.here[subject] == 0 {
		delete(b.here, subject)
	}
}

// Close ends the bus, and waits for what it has started.
func (b *Bus) Close() {
	b.streams.close()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.closed = true
	if b.shared != nil {
		b.shared.close()
	}
	if b.conn != nil {
		b.conn.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	b.conn, b.server = nil, nil
}

// started returns the connection to the server in this process; nil where other
// servers may be subscribed to the subject but this one is not.
func (b *Bus) started(subject string) (*nats.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil, ErrClosed
	case b.shared != nil && b.here[subject] == 0:
		return nil, nil
	case b.conn != nil:
		return b.conn, nil
	}
	s, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true, NoSystemAccount: true})
	if err != nil {
		return nil, fmt.Errorf("make the bus: %w", err)
	}
	s.Start()
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.Timeout(startTime),
		nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // or it prints on the standard error
	if err != nil {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, fmt.Errorf("start the bus: %w", err)
	}
	b.server, b.conn = s, conn
	return conn, nil
}
