// Package bus passes on what goes between people: the rooms of oneway, a class and
// its cut. It is a NATS server in this process, which listens on no port, with a
// client in memory. Who sends does not know who is subscribed, nor on which server.
package bus

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// ErrClosed is returned once Close has been called.
var ErrClosed = errors.New("bus: closed")

// startTime is how long the server may take to start. On an idle machine it takes
// some 10 ms.
const startTime = 10 * time.Second

// A Bus starts when it is first used: most visitors need none.
type Bus struct {
	mu     sync.Mutex
	closed bool
	server *server.Server
	conn   *nats.Conn
}

// New returns a bus that has not started.
func New() *Bus { return &Bus{} }

// Publish sends a message, of at most 1 MB, to those who are subscribed to the
// subject now. What one caller publishes arrives in its order, and after each
// Subscribe that returned before.
func (b *Bus) Publish(subject string, data []byte) error {
	conn, err := b.started()
	if err != nil {
		return err
	}
	return conn.Publish(subject, data)
}

// Subscribe has receive called with each message of a subject, one after another.
// It must not wait: what it keeps waiting piles up. After a call of unsubscribe a
// message that was on its way may still come.
func (b *Bus) Subscribe(subject string, receive func(data []byte)) (unsubscribe func(), err error) {
	conn, err := b.started()
	if err != nil {
		return nil, err
	}
	subscription, err := conn.Subscribe(subject, func(m *nats.Msg) { receive(m.Data) })
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", subject, err)
	}
	return func() { subscription.Unsubscribe() }, nil // it fails where the bus is closed
}

// Close ends the bus, and waits for what it has started.
func (b *Bus) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.conn != nil {
		b.conn.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	b.conn, b.server = nil, nil
}

func (b *Bus) started() (*nats.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil, ErrClosed
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
