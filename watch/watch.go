// Package watch is a reverse proxy in front of somebody's own server, which keeps
// what goes through it, says what it notices of event streams and WebSockets, and
// breaks them where it is told to.
//
// It passes on the bytes of each connection as they come, each to a connection of its
// own, and reads beside: chunks, flushes, trailers, resets and half closes stay what
// they were. Only the head of a request is changed, where it names this program.
package watch

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"seewire/playground/secret"
	"seewire/playground/wire"
)

// Options are what to watch, and how.
type Options struct {
	Target   *url.URL // http or https
	Secrets  bool     // what lets people in is kept
	Insecure bool     // the target's certificate is not checked
	TLS      *tls.Config

	// Certificate lets clients speak TLS, too: without one they can't.
	Certificate *tls.Certificate
}

// ErrTarget says that an address can't be watched.
var ErrTarget = errors.New("watch: the address of a server begins with http or https and names a host, and has no query")

// A Watch watches one target.
type Watch struct {
	options  Options
	store    *wire.Store
	began    time.Time
	listens  net.Addr     // where clients come
	decoding atomic.Int64 // bytes that taking content codings off holds
	dial     func(ctx context.Context, offers []string) (net.Conn, error)

	mu         sync.Mutex
	rows       []*row // in the order of their begin
	byID       map[string]*row
	total      int // rows that there ever were
	gone       int // that were let go
	revision   int64
	changed    chan struct{}
	all        Settings            // for all that come
	by         map[string]Settings // for what has a method and a path
	settingsAt int64               // the revision at which they changed
	sessions   map[interface{ close() }]bool
}

// New returns a watch that keeps what it sees in a store. Listens is where its clients
// come.
func New(o Options, store *wire.Store, listens net.Addr) (*Watch, error) {
	t := o.Target
	if t.Host == "" || t.Scheme != "http" && t.Scheme != "https" || t.RawQuery != "" || t.User != nil {
		return nil, ErrTarget
	}
	w := &Watch{
		options: o, store: store, began: time.Now(), listens: listens,
		byID: map[string]*row{}, by: map[string]Settings{}, sessions: map[interface{ close() }]bool{},
	}
	w.dial = w.dialTarget
	return w, nil
}

// everybody is whose the captures are: all that comes is one person's.
var everybody = netip.Prefix{}

// newID is the ID of a capture: who knows it can read it.
func newID() string {
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// Serve takes connections until ctx ends, and then ends those that are open. The
// listener is the one that New was given the address of.
func (w *Watch) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	go w.lookOften(ctx)
	var open sync.WaitGroup
	defer open.Wait()
	defer w.closeAll()
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // such as too many open files
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		open.Go(func() { w.meet(ctx, conn) })
	}
}

func (w *Watch) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s := range w.sessions {
		s.close()
	}
}

// lookOften looks at the clock until ctx ends.
func (w *Watch) lookOften(ctx context.Context) {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case at := <-ticks.C:
			w.look(at)
		}
	}
}

// dialTime is how long the target may take to be reached.
const dialTime = 10 * time.Second

// errLoop says that the target is this program itself.
var errLoop = errors.New("it leads back to watch itself")

// Errors of a target that does not take the protocol of the client.
var (
	errNoHTTP1 = errors.New("it does not speak HTTP/1.1")
	errNoHTTP2 = errors.New("it does not speak HTTP/2")
)

// dialTarget connects to the target, through TLS where that is to be: then the target
// chooses one of the protocols that are offered (RFC 7301).
func (w *Watch) dialTarget(ctx context.Context, offers []string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	t := w.options.Target
	port := cmp.Or(t.Port(), map[string]string{"http": "80", "https": "443"}[t.Scheme])
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(t.Hostname(), port))
	if err != nil {
		return nil, err
	}
	if w.isOwn(conn.RemoteAddr(), conn.LocalAddr()) {
		conn.Close()
		return nil, errLoop
	}
	if t.Scheme == "http" {
		return conn, nil
	}
	config := w.options.TLS.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	config.ServerName, config.InsecureSkipVerify = t.Hostname(), w.options.Insecure
	config.NextProtos = offers
	through := tls.Client(conn, config)
	err = through.HandshakeContext(ctx)
	chosen := through.ConnectionState().NegotiatedProtocol
	switch {
	case err == nil && (chosen == http2 || slices.Contains(offers, http1)):
		return through, nil
	case err == nil: // it knows no ALPN, or has not chosen HTTP/2
		err = errNoHTTP2
	case !strings.Contains(err.Error(), "no application protocol"): // an alert (RFC 7301 §3.2) that crypto/tls does not export
	case slices.Contains(offers, http2):
		err = errNoHTTP2
	default:
		err = errNoHTTP1
	}
	conn.Close()
	return nil, err
}

// speaksTLS says whether a target from which plain was expected wants TLS: what it
// does with the start of HTTP/2 does not tell.
func (w *Watch) speaksTLS() bool {
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	probe := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := probe.DialContext(ctx, "tcp", w.options.Target.Host)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// isOwn says whether a connection from an address of this machine to another one
// leads to where clients come.
func (w *Watch) isOwn(remote, local net.Addr) bool {
	own, ok := w.listens.(*net.TCPAddr)
	to, ok2 := remote.(*net.TCPAddr)
	from, ok3 := local.(*net.TCPAddr)
	if !ok || !ok2 || !ok3 || own.Port != to.Port {
		return false
	}
	// A connection of a machine to itself has the same address at both ends.
	return to.IP.Equal(from.IP) && (own.IP.IsUnspecified() || own.IP.Equal(to.IP))
}

// covered is a head without what lets people in, and how many bytes that were.
func (w *Watch) covered(head []byte, from wire.Side) (covered []byte, hidden int) {
	if w.options.Secrets {
		return head, 0
	}
	cover := secret.NewHTTP1(nil)
	covering := cover.Client
	if from == wire.Server {
		covering = cover.Server
	}
	for _, s := range covering.Add(time.Time{}, head) {
		covered = append(covered, s.Bytes...)
	}
	for _, s := range covering.End() {
		covered = append(covered, s.Bytes...)
	}
	for i := range min(len(head), len(covered)) {
		if head[i] != covered[i] {
			hidden++
		}
	}
	return covered, hidden
}

// explain says why the target could not be reached: the key of a notice, and the
// error without what everybody knows.
func explain(err error) (key, text string) {
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	var operation *net.OpError
	switch {
	case errors.Is(err, errLoop):
		return "loop", err.Error()
	case errors.Is(err, errNoHTTP2):
		return "noh2", err.Error()
	case errors.Is(err, errNoHTTP1):
		return "onlyh2", err.Error()
	case errors.As(err, &certificate):
		return "certificate", certificate.Err.Error()
	case errors.As(err, &record):
		return "plain", "it answers without TLS"
	case errors.Is(err, context.DeadlineExceeded):
		return "away", fmt.Sprintf("no connection within %s", dialTime)
	case errors.As(err, &operation):
		return "away", operation.Err.Error()
	}
	return "away", err.Error()
}
