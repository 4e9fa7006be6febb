// Package asleep is the experiment in which a page is left for a while and comes
// back. The server goes on counting, and keeps what it has counted: a client
// that says which number it had last gets those after it at once, and then the
// rest as they come.
//
// What becomes of the page, by the control away, the frame of the programs acts
// out: it is hidden, and for two of the choices it is frozen as well, so that no
// code runs. Where the phone is locked, the connection is lost with that, and
// neither end is told. The lost connection is reset some time after the page is
// back, as a keep-alive or a router would do it in the end.
package asleep

import (
	"cmp"
	"context"
	"embed"
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
)

//go:embed sse.go ws.go begins.go sse.js ws.js findings.js recording.json exercise
var source embed.FS

const (
	// maxTotal is how far a server counts at most.
	maxTotal = 200

	// frozenAfter is how long after it was hidden the frame freezes a page
	// (static/js/sandbox/sandbox.js).
	frozenAfter = time.Second

	// lostFor is how long a lost connection is believed to be open once the page
	// is back.
	lostFor = 3 * time.Second
)

// New returns the experiment, with no run to remember yet.
func New() playground.Experiment {
	begins := newBegins()
	return playground.Experiment{
		ID: "asleep",
		Controls: []playground.Control{
			{Name: "away", Kind: playground.Choice, Default: "frozen", Choices: []string{"hidden", "frozen", "locked", "you"}},
			{Name: "hidden", Kind: playground.Choice, Default: "keep", Choices: []string{"keep", "close"}},
			// Between two numbers, so that none comes in the moment in which the page is hidden, frozen or back.
			{Name: "after", Kind: playground.Number, Default: "3250", Min: 500, Max: 20000, Unit: "ms"},
			{Name: "gone", Kind: playground.Number, Default: "4000", Min: 2000, Max: 20000, Unit: "ms"},
			{Name: "every", Kind: playground.Number, Default: "500", Min: 50, Max: 5000, Unit: "ms"},
			{Name: "total", Kind: playground.Number, Default: "24", Min: 1, Max: maxTotal},
			{Name: "moments", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "surprise"}},
		},
		SSE:        begins.serveSSE,
		WS:         begins.serveWS,
		Shared:     playground.RunName,
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}

// lastNumber returns the number that the client had last, 0 for none: what
// EventSource says in Last-Event-ID (WHATWG HTML §9.2.3), or else what the
// address says in from, because a page can't set a header on a WebSocket.
func lastNumber(r *http.Request) int {
	n, err := strconv.Atoi(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("from")))
	if err != nil {
		return 0 // what is not a number is no number
	}
	return min(max(n, 0), maxTotal)
}

// until waits for a moment, and reports whether it has come: the client may leave
// before.
func until(ctx context.Context, moment time.Time) bool {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// lose loses a connection that is open when the phone is locked, and resets it
// after lostFor. What it returns ends that.
func lose(w http.ResponseWriter, r *http.Request, line *playground.Line, begun time.Time) (stop func()) {
	controls := playground.Controls(r)
	locked := begun.Add(controls.Duration("after") + frozenAfter)
	if controls.Text("away") != "locked" || time.Now().After(locked) {
		return func() {}
	}
	lost := time.AfterFunc(time.Until(locked), line.Hold)
	back := begun.Add(controls.Duration("after") + controls.Duration("gone"))
	reset := time.AfterFunc(time.Until(back.Add(lostFor)), func() { playground.Cut(w) })
	return func() {
		lost.Stop()
		reset.Stop()
	}
}
