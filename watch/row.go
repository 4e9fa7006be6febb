package watch

import (
	"net"
	"slices"
	"strconv"
	"time"

	"seewire/playground/wire"
)

// A Kind says what an exchange turned out to be.
type Kind string

const (
	HTTP        Kind = "http"
	EventStream Kind = "sse"
	WebSocket   Kind = "ws"
	Other       Kind = "other" // no HTTP
)

// A Row is what a list tells of an exchange, or of several: connections of one client
// that resume one event stream are one row.
type Row struct {
	ID          string    `json:"id"` // of the capture
	Kind        Kind      `json:"kind"`
	Method      string    `json:"method"`
	Target      string    `json:"target"` // with the path and the query; secrets are covered
	Status      int       `json:"status,omitempty"`
	Type        string    `json:"type,omitempty"` // of the content
	Began       time.Time `json:"began"`
	Head        float64   `json:"head,omitempty"`  // ms from the request to the head of its response
	First       float64   `json:"first,omitempty"` // ms from the request to the first event
	Ended       time.Time `json:"ended,omitzero"`
	End         string    `json:"end,omitempty"`  // how: complete, close, fin, reset, client, watch
	Code        int       `json:"code,omitempty"` // of the close frame
	Open        bool      `json:"open"`
	Connections int       `json:"connections"`
	Events      int       `json:"events,omitempty"` // or frames of a WebSocket
	Comments    int       `json:"comments,omitempty"`
	Bytes       int64     `json:"bytes"` // that the target has sent
	Covered     int       `json:"covered,omitempty"`
	Answered    string    `json:"answered,omitempty"` // why this program has answered itself
	Error       string    `json:"error,omitempty"`    // of the connection to the target
	Faults      []string  `json:"faults,omitempty"`   // that were made here
	Protocol    string    `json:"protocol,omitempty"` // that a WebSocket has agreed on
	Extensions  string    `json:"extensions,omitempty"`
	HTTP2       bool      `json:"http2,omitempty"` // on both hops
	Notices     []Notice  `json:"notices,omitempty"`
}

// A Notice is something that its owner should know. Its words are at
// "watch.notice." and the key.
type Notice struct {
	Key    string         `json:"key"`
	Lesson string         `json:"lesson"`
	Args   map[string]any `json:"args,omitempty"`
	At     time.Time      `json:"at"`
}

// row is a Row with what it is made from. All of it is under the watch's mu.
type row struct {
	Row
	capture  *wire.Capture
	client   string // that may resume it, and what
	path     string
	open     map[*exchange]bool
	release  func() // lets the capture make room for others; nil while none is open
	revision int64
	ids      ids // of the events that came in all connections
}

// resumedAfter is how long after the end of an event stream a client that comes back
// to it belongs to the same row.
const resumedAfter = 10 * time.Minute

// MostRows is how many rows there are at most, beside those that are open; the oldest
// go.
const MostRows = 10_000

// begin makes an exchange of a request, with its row. Peer is the client.
func (w *Watch) begin(c carrier, peer net.Addr, h head, at time.Time) *exchange {
	covered, hidden := w.covered(h.raw, wire.Client)
	method, target, _ := parseHead(covered).request()
	e := &exchange{
		watch: w, carrier: c, at: at, method: method, accept: h.value("accept"),
		resumes: h.value("last-event-id"), upgrade: h.value("upgrade") != "", answered: make(chan struct{}), decided: make(chan struct{}), last: at,
	}
	e.settings.Store(new(Settings))
	path := pathOf(target)
	host, _, _ := net.SplitHostPort(peer.String())
	client := host + "\n" + h.value("user-agent") + "\n" + method + "\n" + path

	w.mu.Lock()
	defer w.mu.Unlock()
	var r *row
	if e.resumes != "" {
		r = w.resumed(client, at)
	}
	if r == nil {
		if r = w.newRow(Row{Kind: HTTP, Method: method, Target: target, Began: at}); r == nil {
			return e
		}
		r.client, r.path = client, path
	}
	r.Covered += hidden
	e.enter(r)
	return e
}

// beginOther makes an exchange of what is no request.
func (w *Watch) beginOther(c carrier, at time.Time) *exchange {
	e := &exchange{watch: w, carrier: c, at: at, answered: make(chan struct{}), decided: make(chan struct{}), last: at}
	e.settings.Store(new(Settings))
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.newRow(Row{Kind: Other, Began: at}); r != nil {
		e.enter(r)
	}
	return e
}

// newRow is nil where there is no room for one.
func (w *Watch) newRow(from Row) *row {
	w.makeRoom()
	from.ID = newID()
	capture, err := w.store.Claim(from.ID, everybody)
	if err != nil {
		return nil
	}
	capture.Watch() // nobody else is to record in it
	r := &row{Row: from, capture: capture, open: map[*exchange]bool{}}
	w.rows = append(w.rows, r)
	w.byID[r.ID] = r
	w.total++
	return r
}

// resumed finds the row of an event stream that a client comes back to.
func (w *Watch) resumed(client string, at time.Time) *row {
	for _, r := range slices.Backward(w.rows) {
		if r.client == client && r.Kind == EventStream && !r.Open {
			if r.capture.Expired() || at.Sub(r.Ended) > resumedAfter {
				return nil
			}
			return r
		}
	}
	return nil
}

// enter opens an exchange in a row. Under mu.
func (e *exchange) enter(r *row) {
	w := e.watch
	e.row = r
	r.open[e] = true
	if r.release == nil {
		r.release = r.capture.Follow()
	}
	r.Open, r.Ended, r.End, r.Code = true, time.Time{}, "", 0
	r.Connections++
	e.carrier.record(e, r.capture)
	settings := w.settingsOf(r)
	e.settings.Store(settings)
	e.meddle(r, *settings)
	w.touch(r)
}

// change changes the row of an exchange, if it has one.
func (e *exchange) change(f func(r *row)) {
	w := e.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.row == nil {
		return
	}
	f(e.row)
	w.touch(e.row)
}

// touch says that a row has changed. Under mu.
func (w *Watch) touch(r *row) {
	w.revision++
	r.revision = w.revision
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// say adds a notice to a row, or says the same anew. Under mu.
func (r *row) say(key string, at time.Time, args ...any) {
	n := Notice{Key: key, Lesson: lessonOf[key], At: at}
	for i := 0; i+1 < len(args); i += 2 {
		if n.Args == nil {
			n.Args = map[string]any{}
		}
		n.Args[args[i].(string)] = args[i+1]
	}
	if i := slices.IndexFunc(r.Notices, func(other Notice) bool { return other.Key == key }); i >= 0 {
		r.Notices = slices.Clone(r.Notices) // a feed may be sending the others
		r.Notices[i] = n
		return
	}
	r.Notices = append(slices.Clip(r.Notices), n)
}

// fault notes that something was done to the row here. Under mu.
func (r *row) fault(what string) {
	if !slices.Contains(r.Faults, what) {
		r.Faults = append(slices.Clip(r.Faults), what)
	}
}

// atOnce is how many rows go at once, where some have to: to find them takes longer
// than a first byte may wait.
const atOnce = MostRows / 32

// makeRoom lets the oldest rows go that have ended, where there are too many or where
// they hold too much. The store would look through all captures for each. Under mu.
func (w *Watch) makeRoom() {
	captures, held := w.store.Held()
	most := w.store.Limits().TotalBytes
	if len(w.rows) < MostRows && held < most-most/32 {
		if len(w.rows) >= captures+atOnce { // the store has let some go
			w.letGo()
		}
		return
	}
	gone := 0
	for _, r := range w.rows {
		if gone >= atOnce && held < most-most/16 {
			break
		}
		if r.Open || r.capture.Expired() {
			continue
		}
		w.store.Drop(r.capture)
		gone++
		_, held = w.store.Held()
	}
	w.letGo()
}

// letGo forgets the rows whose captures have made room. Under mu.
func (w *Watch) letGo() {
	w.rows = slices.DeleteFunc(w.rows, func(r *row) bool {
		if !r.capture.Expired() {
			return false
		}
		delete(w.byID, r.ID)
		w.gone++
		return true
	})
}

// ids are those of an event stream's events, as far as they tell what was lost.
type ids struct {
	last  string
	step  bool // the last two followed one another
	known map[string]bool
	order []string
}

// mostIDs is how many of the newest are known.
const mostIDs = 1000

func (i *ids) add(id string) {
	if id == "" || id == i.last {
		return
	}
	i.step = follows(i.last, id) == 1
	i.last = id
	if i.known == nil {
		i.known = map[string]bool{}
	}
	if i.known[id] {
		return
	}
	i.known[id] = true
	i.order = append(i.order, id)
	if len(i.order) > mostIDs {
		delete(i.known, i.order[0])
		i.order = i.order[1:]
	}
}

// follows is how much greater b is than a, where both are numbers; else 0.
func follows(a, b string) int {
	x, err := strconv.Atoi(a)
	y, err2 := strconv.Atoi(b)
	if err != nil || err2 != nil {
		return 0
	}
	return y - x
}

// pathOf is a request's target without its query.
func pathOf(target string) string {
	for i := range len(target) {
		if target[i] == '?' || target[i] == '#' {
			return target[:i]
		}
	}
	return target
}
