package handon_test

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"seewire/bus"
	"seewire/playground"
	"seewire/playground/experiments"
	"seewire/playground/handon"
	"seewire/playground/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A site is one of several servers, with the experiments behind a tap.
type site struct {
	bus     *bus.Bus
	runner  *playground.Runner
	handon  *handon.Server
	at      string
	close   func()       // tells all runs that the server closes
	elects  string       // the owner of all keys; "" for the bus's
	handled atomic.Int64 // requests that others have handed on

	mu   sync.Mutex
	logs []string // "capture path text"
}

// sites are three servers that have joined one NATS server. The experiments are those
// of the course and more.
func sites(t *testing.T, limits playground.Limits, more ...playground.Experiment) []*site {
	t.Helper()
	nats, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, NoSystemAccount: true})
	if err != nil {
		t.Fatal(err)
	}
	nats.Start()
	t.Cleanup(func() {
		nats.Shutdown()
		nats.WaitForShutdown()
	})
	if !nats.ReadyForConnections(time.Minute) {
		t.Fatal("NATS does not listen")
	}
	all := make([]*site, 3)
	for i := range all {
		all[i] = start(t, nats.Addr().String(), limits, more...)
	}
	for _, s := range all {
		for changed := s.bus.Changed(); len(s.bus.Servers()) < len(all); changed = s.bus.Changed() {
			<-changed
		}
	}
	for _, from := range all { // their subscriptions are made, too
		for _, to := range all {
			conn, err := from.bus.Dial(t.Context(), to.bus.ID())
			for err != nil {
				conn, err = from.bus.Dial(t.Context(), to.bus.ID())
			}
			conn.Close()
		}
	}
	return all
}

// A voter has the test decide who owns a run.
type voter struct {
	*bus.Bus
	site *site
}

func (v voter) Owner(key string) string { return cmp.Or(v.site.elects, v.Bus.Owner(key)) }

func start(t *testing.T, nats string, limits playground.Limits, more ...playground.Experiment) *site {
	t.Helper()
	life, end := context.WithCancelCause(context.Background())
	s := &site{runner: playground.NewRunner(limits), close: func() { end(playground.ErrServerClosing) }}
	var err error
	s.bus, err = bus.New(bus.Options{URL: nats})
	if err != nil {
		t.Fatal(err)
	}
	own := func(*http.Request) []string { return nil }
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }
	all := append(experiments.All(life, own, dial, s.bus), more...)
	s.handon, err = handon.New(handon.Options{
		Bus: voter{s.bus, s}, Life: life, Runner: s.runner, Log: s.log,
		Around: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s.handled.Add(1)
				next.ServeHTTP(w, r)
			})
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}, all)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, e := range all {
		mux.Handle("/play/"+e.ID+"/sse", s.runner.SSE(e))
		mux.Handle("/play/"+e.ID+"/ws", s.runner.WS(e))
		if e.Send != nil {
			mux.Handle("/play/"+e.ID+"/send", s.runner.Send(e))
		}
		if e.API != nil {
			for _, path := range e.API.Paths {
				mux.Handle(path, s.runner.API(e))
			}
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.at = l.Addr().String()
	tap := wire.Listen(l)
	front := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wire.FromContext(r.Context()).Ignore()
			if capture := r.URL.Query().Get("capture"); capture != "" {
				path := r.URL.Path
				for _, e := range all {
					if e.HasAPI(path) {
						path = e.Address(r)
						break
					}
				}
				r = r.WithContext(playground.WithLog(r.Context(), func(l playground.LogLine) { s.log(capture, path, l) }))
			}
			mux.ServeHTTP(w, r)
		}),
		BaseContext: func(net.Listener) context.Context { return life },
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return playground.ConnContext(wire.ConnContext(ctx, conn), conn)
		},
		ConnState: wire.ConnState,
		ErrorLog:  log.New(io.Discard, "", 0),
		Protocols: new(http.Protocols),
	}
	front.Protocols.SetHTTP1(true)
	front.Protocols.SetUnencryptedHTTP2(true)
	served := make(chan error)
	go func() { served <- front.Serve(tap) }()
	t.Cleanup(func() {
		s.close()
		soon, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		s.handon.Close(soon)
		if err := s.runner.Wait(soon); err != nil {
			t.Errorf("runs are still open: %v", err)
		}
		front.Close()
		tap.CloseConns()
		<-served
		s.bus.Close()
	})
	return s
}

func (s *site) log(capture, path string, l playground.LogLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, capture+" "+path+" "+l.Text)
}

// logged waits for a line.
func (s *site) logged(t *testing.T, line string) {
	t.Helper()
	for {
		s.mu.Lock()
		all := strings.Join(s.logs, "\n")
		s.mu.Unlock()
		if strings.Contains(all, line) {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatalf("%q is not among\n%s", line, all)
		}
	}
}

// runOf returns a name of a run that belongs to a server.
func runOf(owner *site, experiment string) string {
	for n := 0; ; n++ {
		if run := "some-run-" + strings.Repeat("x", n); owner.bus.Owner(experiment+" "+run) == owner.bus.ID() {
			return run
		}
	}
}

var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// ask makes a request; headers are name and value.
func (s *site) ask(t *testing.T, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	resp, err := s.try(t, method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (s *site) try(t *testing.T, method, path, body string, headers ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.at+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return client.Do(r)
}

// socket opens a WebSocket.
func (s *site) socket(t *testing.T, path string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws://"+s.at+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// A reader reads the data of events.
type reader struct {
	t     *testing.T
	lines *bufio.Scanner
}

func read(t *testing.T, resp *http.Response) *reader {
	t.Helper()
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%s, %s is no stream", resp.Status, got)
	}
	return &reader{t, bufio.NewScanner(resp.Body)}
}

// next returns the data of the next event, or an error: io.EOF where the body has ended
// as it should.
func (r *reader) next() (string, error) {
	for r.lines.Scan() {
		if data, ok := strings.CutPrefix(r.lines.Text(), "data: "); ok {
			return data, nil
		}
	}
	if r.lines.Err() != nil {
		return "", r.lines.Err()
	}
	return "", io.EOF
}

// rest returns what is still to come, and how it ends.
func (r *reader) rest() (all []string, err error) {
	for {
		data, err := r.next()
		if err != nil {
			return all, err
		}
		all = append(all, data)
	}
}

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}
