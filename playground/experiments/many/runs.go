package many

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"

	"github.com/coder/websocket"

	"seewire/playground"
)

// errCrowded is returned when there is no room for one more crowd.
var errCrowded = errors.New("other runs have as many simulated clients as this server allows")

// runs holds the runs that go on, and what they may have together.
type runs struct {
	life context.Context // of the server

	mu   sync.Mutex
	free int // clients that may still be simulated
	open map[string]*run
	next int // for a run that has no name
}

func newRuns(life context.Context, clients int) *runs {
	return &runs{life: life, free: clients, open: make(map[string]*run)}
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

	run := newRun(side, playground.Controls(r))
	if !rs.hasRoom(run.crowd()) {
		return nil, errCrowded
	}
	rs.free -= run.crowd()
	rs.open[name] = run
	run.begin(rs.life, func() {
		rs.mu.Lock()
		defer rs.mu.Unlock()
		rs.free += run.crowd()
		delete(rs.open, name)
	})
	return run, nil
}

// hasRoom reports whether a crowd can be had. One that is larger than most
// leaves half of the room to others.
func (rs *runs) hasRoom(clients int) bool {
	if clients > usualClients && clients > rs.free/2 {
		return false
	}
	return clients <= rs.free && len(rs.open) < maxRuns
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
