package many

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// The course of a run.
const (
	every    = 200 * time.Millisecond // between two samples
	opening  = 600 * time.Millisecond // in which the crowd connects
	calm     = 2 * time.Second        // from the start to the restart, at least
	draining = 3 * time.Second        // in which clients are asked to go elsewhere
	longest  = 20 * time.Second       // from the restart to the end, at most
	settled  = time.Second            // from the last return to the end

	// The crowd of a visitor who is away stays for so long: away because of a
	// restart, or having left.
	awayFor = 12 * time.Second
	leftFor = time.Second
)

// A run is a service and its crowd, for the visitor of one side.
type run struct {
	side    string
	clients int  // that are to be back before the run ends
	own     bool // the visitor's program brings them
	rate    int
	full    string
	drains  bool
	before  time.Duration // from the start to the restart, at least
	down    time.Duration // that the server is away, where it does not drain
	policy  policy
	journal *journal
	counts  counts

	runner *playground.Runner // of the crowd's connections
	http   *http.Client       // that the crowd uses
	done   chan struct{}      // closed when nothing is left of it

	visitors atomic.Int64 // requests of the visitor that are being served

	mu      sync.Mutex
	server  *server   // nil while there is none
	servers []*server // all there have been
}

func newRun(side string, controls playground.Values) *run {
	r := &run{
		side:    side,
		clients: controls.Int("clients"),
		own:     controls.Text("crowd") == "own",
		rate:    controls.Int("rate"),
		full:    controls.Text("full"),
		drains:  controls.Text("restart") == "drain",
		before:  calm,
		down:    controls.Duration("down"),
		policy:  policy{controls.Text("policy"), controls.Duration("delay")},
		journal: newJournal(controls.Int("log")),
		done:    make(chan struct{}),
	}
	// A handler that was cut may end after its client has come back.
	r.runner = playground.NewRunner(playground.Limits{Streams: 3 * r.clients})
	r.http = &http.Client{Transport: &http.Transport{
		DialContext:       r.dial,
		DisableKeepAlives: true,
		ReadBufferSize:    1 << 10,
		WriteBufferSize:   1 << 10,
	}}
	return r
}

// begin begins the run, and calls ended when nothing is left of it. It ends by
// itself or with the server, whose life that is: the visitor's connections come
// and go.
func (r *run) begin(life context.Context, ended func()) {
	ctx, cancel := context.WithCancel(life)
	r.start(ctx, nil)
	go func() {
		defer close(r.done)
		defer ended()
		r.live(ctx, cancel)
	}()
}

func (r *run) live(ctx context.Context, cancel context.CancelFunc) {
	var crowd sync.WaitGroup
	for range r.crowd() {
		c := &client{run: r, distance: nearest + rand.N(farthest-nearest)}
		crowd.Go(func() { c.live(ctx) })
	}
	r.follow(ctx)

	end := websocket.StatusNormalClosure
	if ctx.Err() != nil {
		end = websocket.StatusGoingAway
	}
	cancel()
	for _, s := range r.servers {
		s.stop(end)
	}
	crowd.Wait()
	r.runner.Wait(context.Background())
}

// crowd returns how many clients the run simulates.
func (r *run) crowd() int {
	if r.own {
		return 0
	}
	return r.clients
}

// follow publishes samples and restarts the server, until the run is over.
func (r *run) follow(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	c := course{run: r, began: time.Now(), seen: time.Now(), due: r.before}
	for over := false; !over; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		// What was published last has arrived by now, before a restart cuts it off.
		over = c.step(ctx)
		c.publish()
	}
}

// A course is how far a run has come.
type course struct {
	*run
	began     time.Time
	seen      time.Time     // the visitor, last
	due       time.Duration // the restart, after the beginning
	restarted time.Time
	back      time.Time // since when all are
}

// step does what is due, and reports whether the run is over.
func (c *course) step(ctx context.Context) bool {
	if c.visitors.Load() > 0 {
		c.seen = time.Now()
	}
	members, left := c.size()
	if away := time.Since(c.seen); away > awayFor || left > 0 && away > leftFor {
		return true
	}

	if c.restarted.IsZero() {
		// First they are all to be there.
		if members < c.clients && time.Since(c.began) < longest {
			c.due = max(c.before, time.Since(c.began)+time.Second)
			if c.own {
				c.due += rand.N(time.Second) // a surprise
			}
		}
		if time.Since(c.began) >= c.due {
			c.restarted = time.Now()
			c.restart(ctx)
		}
		return false
	}

	if c.drains {
		c.drain(time.Since(c.restarted))
	} else if c.current() == nil && time.Since(c.restarted) >= c.down {
		c.start(ctx, newDoor(c.rate))
	}
	if c.current() == nil || members < c.expected() {
		c.back = time.Time{}
	} else if c.back.IsZero() {
		c.back = time.Now()
	}
	patience := settled
	if c.visitors.Load() == 0 {
		patience = 2*c.policy.delay + settled // the visitor may be on the way back
	}
	return time.Since(c.restarted) > longest || !c.back.IsZero() && time.Since(c.back) > patience
}

// expected returns how many have to be connected for all to be back.
func (r *run) expected() int {
	if r.own {
		return r.clients
	}
	return r.clients - int(r.counts.gone.Load()) + int(r.visitors.Load())
}

// publish takes a sample, and gives it to everybody.
func (c *course) publish() {
	s := c.counts.take()
	s.At = time.Since(c.began).Milliseconds()
	if !c.restarted.IsZero() {
		s.Restarted = c.restarted.Sub(c.began).Milliseconds()
	}
	s.Connected, _ = c.size()
	s.Number = c.journal.newest() + 1

	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.server == nil:
		s.Server = "down"
	case len(c.servers) > 1 && c.servers[0].hub.isOpen():
		s.Server = "draining"
	default:
		s.Server = "up"
	}
	message := c.journal.add(s.String())
	for _, server := range c.servers {
		server.hub.publish(message)
	}
}

// start starts a server.
func (r *run) start(ctx context.Context, door *door) {
	s := &server{hub: newHub(r.journal), door: door, policy: r.policy, full: r.full, counts: &r.counts}
	e := playground.Experiment{SSE: s.serveSSE, WS: s.serveWS}
	handler := r.runner.SSE(e)
	if r.side == "ws" {
		handler = r.runner.WS(e)
	}
	s.serve(ctx, handler)

	r.mu.Lock()
	defer r.mu.Unlock()
	r.server = s
	r.servers = append(r.servers, s)
}

// restart stops the server: at once, or gradually while the next one is
// already running.
func (r *run) restart(ctx context.Context) {
	if r.drains {
		r.start(ctx, newDoor(r.rate))
		return
	}
	r.mu.Lock()
	old := r.server
	r.server = nil
	r.mu.Unlock()
	old.stop(cut)
}

// drain asks some clients of the old server to go, so that the last one goes at
// the end of the time for draining.
func (r *run) drain(since time.Duration) {
	old := r.servers[0]
	steps := int((draining - since) / every)
	if steps <= 0 {
		old.stop(websocket.StatusServiceRestart)
		return
	}
	members, _ := old.hub.size()
	old.hub.letGo((members+steps-1)/steps, websocket.StatusServiceRestart)
}

// size returns how many are connected, and how many have left, over all servers.
func (r *run) size() (members, left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.servers {
		m, l := s.hub.size()
		members, left = members+m, left+l
	}
	return members, left
}

// current returns the server that new clients come to, or nil.
func (r *run) current() *server {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.server
}

// dial is how the crowd reaches the server.
func (r *run) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	s := r.current()
	if s == nil {
		return nil, syscall.ECONNREFUSED
	}
	return s.listener.dial(ctx)
}

// serveVisitor serves one of the visitor's own connections, by the handlers
// that the crowd has.
func (r *run) serveVisitor(w http.ResponseWriter, request *http.Request) {
	r.visitors.Add(1)
	defer r.visitors.Add(-1)
	r.counts.attempts.Add(1)
	s := r.current()
	if s == nil {
		r.counts.refused.Add(1)
		playground.Cut(w) // no server accepts
		return
	}
	if r.side == "ws" {
		s.serveWS(w, request)
	} else {
		s.serveSSE(w, request)
	}
	if errors.Is(context.Cause(playground.Run(request)), playground.ErrServerClosing) {
		<-r.done // so that no crowd stays behind
	}
}
