package bus

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// prefix is before each subject on a NATS server that others may use, too.
	prefix = "seewire."

	// mostWaiting is how many bytes may wait for the NATS server; more are lost.
	mostWaiting = 16 << 20

	// connectTime is how long a connection may take to be made, and a write to be done.
	connectTime = 2 * time.Second

	// retryTime is how long to wait before the next try to connect.
	retryTime = 500 * time.Millisecond
)

// A shared is the connection to a NATS server that other servers of the site have
// joined, too. What is to be sent waits in a queue: a connection that has stalled
// holds up whoever writes to it.
type shared struct {
	bus     *Bus
	log     *slog.Logger
	conn    *nats.Conn
	closing chan struct{}
	ended   sync.WaitGroup

	mu        sync.Mutex
	connected bool
	since     time.Time
	changed   chan struct{}
	heard     map[string]time.Time // other servers, and when they spoke last
	queue     []func()             // what is to be done with conn
	waiting   int                  // bytes of the queue
	queued    chan struct{}        // has one element while the queue has any

	lost atomic.Int64 // messages
}

// join connects to the NATS server of the options.
func join(b *Bus, o Options) (*shared, error) {
	names, err := hosts(o.URL)
	if err != nil {
		return nil, err
	}
	s := &shared{
		bus:     b,
		log:     cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		closing: make(chan struct{}),
		since:   time.Now(),
		changed: make(chan struct{}),
		heard:   map[string]time.Time{},
		queued:  make(chan struct{}, 1),
	}
	options := []nats.Option{
		nats.Name("seewire " + b.id),
		nats.NoEcho(), // the process's own server has passed it on
		nats.Timeout(connectTime), nats.FlusherTimeout(connectTime),
		nats.PingInterval(beat), nats.MaxPingsOutstanding(2),
		nats.MaxReconnects(-1), nats.ReconnectWait(retryTime), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1), // what was said while it was away is old
		nats.ConnectHandler(s.joined),
		nats.ReconnectHandler(s.joined),
		nats.DisconnectErrHandler(s.cutOff),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { s.log.Debug("NATS can't be reached", "nats", names, "err", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			s.log.Warn("NATS refuses something", "nats", names, "err", err)
		}),
	}
	files, err := fileOptions(o)
	if err != nil {
		return nil, err
	}
	options = append(options, files...)
	// The subscription and the first word go through the queue, and wait there.
	s.do(0, func() { s.conn.Subscribe(prefix+serversSubject, func(m *nats.Msg) { s.hear(m.Data) }) })
	s.conn, err = nats.Connect(o.URL, options...)
	if err != nil && !maybeLater(err) {
		return nil, fmt.Errorf("join NATS at %s: %w%s", names, err, advice(err))
	}
	if err != nil {
		s.log.Warn("NATS can't be reached; this server goes on alone and tries again", "nats", names, "err", err)
		s.conn, err = nats.Connect(o.URL, append(options, nats.RetryOnFailedConnect(true))...)
		if err != nil {
			return nil, fmt.Errorf("join NATS at %s: %w", names, err)
		}
	}
	if s.conn.IsConnected() {
		s.joined(s.conn)
	}
	s.ended.Add(2)
	go s.work()
	go s.attend()
	return s, nil
}

// hosts checks the URLs, and returns them without the secrets that may be in them.
func hosts(urls string) (string, error) {
	var names []string
	for text := range strings.SplitSeq(urls, ",") {
		if text = strings.TrimSpace(text); !strings.Contains(text, "://") {
			text = "nats://" + text
		}
		u, err := url.Parse(text)
		switch {
		case err != nil:
			return "", errors.New("the URL of NATS can't be read: it is as in nats://localhost:4222, and a password in it may have to be percent-encoded")
		case !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) || u.Hostname() == "":
			return "", fmt.Errorf("the URL of NATS begins with nats://, tls://, ws:// or wss:// and names a host, as in nats://localhost:4222; %s://%s does not", u.Scheme, u.Host)
		}
		names = append(names, u.Scheme+"://"+u.Host)
	}
	return strings.Join(names, ","), nil
}

// fileOptions read the files of the options once, so that a mistake is found now.
func fileOptions(o Options) ([]nats.Option, error) {
	var options []nats.Option
	if o.Credentials != "" {
		if _, err := os.ReadFile(o.Credentials); err != nil {
			return nil, fmt.Errorf("credentials for NATS: %w", err)
		}
		options = append(options, nats.UserCredentials(o.Credentials))
	}
	if o.CA != "" {
		options = append(options, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		if _, err := tls.LoadX509KeyPair(o.Cert, o.Key); err != nil {
			return nil, fmt.Errorf("certificate for NATS: %w", err)
		}
		options = append(options, nats.ClientCert(o.Cert, o.Key))
	}
	return options, nil
}

// maybeLater tells whether another try may do better than the one with this error:
// NATS does not run yet, or can't be reached.
func maybeLater(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	if errors.Is(err, nats.ErrTLS) || ok && op.Op == "remote error" { // an alert
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network || slices.ContainsFunc([]error{nats.ErrNoServers, nats.ErrTimeout, nats.ErrStaleConnection,
		nats.ErrMaxConnectionsExceeded, nats.ErrMaxAccountConnectionsExceeded, io.EOF, io.ErrUnexpectedEOF},
		func(target error) bool { return errors.Is(err, target) })
}

// advice says what to do about an error of the first connection.
func advice(err error) string {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case unverified:
		return "; if its certificate is signed by an authority of your own, name that with -nats-ca"
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired):
		return "; check -nats-creds, or the user and the password in the URL"
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "; it has no TLS: use nats:// in place of tls://"
	case errors.Is(err, nats.ErrNoInfoReceived):
		return "; what listens there is no NATS server, or speaks TLS first"
	}
	return "; check -nats, and -nats-cert where it asks for a certificate"
}

// joined notes that the NATS server is reached.
func (s *shared) joined(conn *nats.Conn) {
	s.mu.Lock()
	if !s.connected {
		s.connected, s.since = true, time.Now()
		s.log.Info("joined NATS", "nats", conn.ConnectedUrlRedacted())
		s.wake()
	}
	s.mu.Unlock()
	s.say(hello)
}

// cutOff notes that it is no longer.
func (s *shared) cutOff(_ *nats.Conn, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.connected {
		return
	}
	s.connected, s.since = false, time.Now()
	s.log.Warn("cut off from NATS; this server goes on alone and tries again", "err", err)
	clear(s.heard)
	s.count()
	s.wake()
}

// wake says that something has changed; mu is held.
func (s *shared) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// publish sends a message to the other servers, and returns whether it waits to go.
func (s *shared) publish(subject string, data []byte) bool {
	data = slices.Clone(data) // the caller may use its own again
	return s.do(len(prefix)+len(subject)+len(data), func() {
		if s.conn.Publish(prefix+subject, data) != nil {
			s.lost.Add(1)
		}
	})
}

// subscribe subscribes to what the other servers publish. The subscription outlasts
// the connection.
func (s *shared) subscribe(subject string, receive func(data []byte)) (unsubscribe func()) {
	var subscription *nats.Subscription // of the queue alone
	s.do(0, func() {
		subscription, _ = s.conn.Subscribe(prefix+subject, func(m *nats.Msg) { receive(m.Data) }) // it fails where the bus is closed
	})
	return func() {
		s.do(0, func() {
			if subscription != nil {
				subscription.Unsubscribe()
			}
		})
	}
}

// do has the queue do something that keeps so many bytes waiting; false where there
// is no room for them, or nobody to have them.
func (s *shared) do(size int, what func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if size > 0 && (!s.connected || s.waiting+size > mostWaiting) {
		return false
	}
	s.waiting += size
	s.queue = append(s.queue, func() {
		what()
		s.mu.Lock()
		s.waiting -= size
		s.mu.Unlock()
	})
	select {
	case s.queued <- struct{}{}:
	default:
	}
	return true
}

// work does what is in the queue until the bus is closed.
func (s *shared) work() {
	defer s.ended.Done()
	for {
		select {
		case <-s.closing:
			s.clear()
			return
		case <-s.queued:
			s.clear()
		}
	}
}

// clear does what is in the queue now.
func (s *shared) clear() {
	s.mu.Lock()
	queue := s.queue
	s.queue = nil
	s.mu.Unlock()
	for _, do := range queue {
		do()
	}
}

func (s *shared) close() {
	s.say(bye)
	close(s.closing)
	s.ended.Wait()
	if s.conn.IsConnected() {
		s.conn.FlushTimeout(connectTime)
	}
	s.conn.Close()
}

// Traffic is what has gone between this server and NATS.
type Traffic struct {
	MessagesIn, MessagesOut, BytesIn, BytesOut int64
	Lost                                       int64 // messages that were not sent: NATS was away, or too slow
	Reconnects                                 int64
}

// Traffic returns it; all is 0 for a bus of this process alone.
func (b *Bus) Traffic() Traffic {
	if b.shared == nil {
		return Traffic{}
	}
	stats := b.shared.conn.Stats()
	return Traffic{
		MessagesIn: int64(stats.InMsgs), MessagesOut: int64(stats.OutMsgs),
		BytesIn: int64(stats.InBytes), BytesOut: int64(stats.OutBytes),
		Lost: b.shared.lost.Load(), Reconnects: int64(stats.Reconnects),
	}
}
