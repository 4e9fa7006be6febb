package many

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"sync"

	"github.com/coder/websocket"

	"seewire/playground"
)

// errCrowded is returned when there is no room for one more crowd.
var errCrowded = errors.New("other runs have as many simulated clients as this server allows, in all or from one address")

// runs holds the runs that go on, and what they may have together.
type runs struct {
	life context.Context // of the server

	clients *playground.Places // one for each that is simulated
	places  *playground.Places // one for each run

	mu   sync.Mutex
	open map[string]*run
	next int // for a run that has no name
}

func newRuns(life context.Context, clients int) *runs {
	return &runs{life: life, clients: playground.NewPlaces(clients), places: playground.NewPlaces(maxRuns), open: make(map[string]*run)}
}

func (rs *runs) serveSSE(w http.ResponseWriter, r *http.Request) { rs.serve("sse", w, r) }
func (rs *runs) serveWS(w http.ResponseWriter, r *http.Request)  { rs.serve("ws", w, r) }

// serve lets a visitor into the run that the request belongs to.
func (rs *runs) serve(side string, w http.ResponseWriter, r *http.Request) {
	run, err := rs.find(side, r)
	switch {
	case err != nil:
		w.Header().Set("Retry-After", "10")
		playground.Problem{Status: http.StatusServiceUnavailable, Code: "crowded", Title: "Too many simulated clients",
			Detail: err.Error() + ". Try again in ten seconds, or with fewer clients."}.Write(w)
	case run == nil:
		goodbye(side, w, r)
	default:
		run.serveVisitor(w, r)
	}
}

// find returns one side of the run that a request belongs to. Where there is
// none it begins one, but not for a client that comes back: its run is over, and
// find returns nil.
func (rs *runs) find(side string, r *http.Request) (*run, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	name := playground.RunName(r)
	if name == "" {
		rs.next++
		name = " " + strconv.Itoa(rs.next) // no name has a space in it
	}
	name = side + " " + name
	if run := rs.open[name]; run != nil {
		return run, nil
	}
	if lastNumber(r) > 0 {
		return nil, nil
	}

	run, peer := newRun(side, playground.Controls(r)), playground.Peer(r)
	if !rs.places.Take(peer, 1) {
		return nil, errCrowded
	}
	if !rs.take(peer, run.crowd()) {
		rs.places.Release(peer, 1)
		return nil, errCrowded
	}
	rs.open[name] = run
	run.begin(rs.life, func() {
		rs.mu.Lock()
		defer rs.mu.Unlock()
		rs.clients.Release(peer, run.crowd())
		rs.places.Release(peer, 1)
		delete(rs.open, name)
	})
	return run, nil
}

// take takes the places of a crowd, if it can be had. One that is larger than
// most leaves as much to others.
func (rs *runs) take(peer netip.Prefix, clients int) bool {
	if clients <= usualClients {
		return rs.clients.Take(peer, clients)
	}
	if !rs.clients.Take(peer, 2*clients) {
		return false
	}
	rs.clients.Release(peer, clients)
	return true
}

// goodbye answers a client whose run is over.
func goodbye(side string, w http.ResponseWriter, r *http.Request) {
	if side == "sse" {
		w.WriteHeader(http.StatusNoContent) // or EventSource would go on asking
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	conn.Close(websocket.StatusNormalClosure, "the run is over")
}
