// Package many is the experiment in which a server with many clients restarts,
// and all of them come back.
//
// Each run has a service of its own: a crowd of simulated clients, and an
// http.Server that they reach over connections in memory. The visitor's own
// connections are let in by the same handlers and are clients like the others,
// so they are cut with them. What the service publishes is how it is doing: five
// samples a second, numbered, which every client gets.
//
// A run goes: everybody connects; after two seconds the server restarts, and is
// away for a while unless it drains; then the wave. The run is over a second
// after the last client is back, or 20 s after the restart. Streams then end,
// and a client that connects again gets 204; sockets are closed with 1000.
package many

import (
	"cmp"
	"context"
	"embed"
	"net/http"
	"strconv"

	"seewire/playground"
)

//go:embed sse.go ws.go server.go hub.go journal.go door.go policy.go crowd.go sse.js ws.js findings.js recording.json picture.js picture.css wave.js exercise
var source embed.FS

const (
	usualClients = 200  // of one side of a run
	maxClients   = 1000 // of one side of a run
	maxCrowd     = 8000 // simulated clients of all runs at once; they are shared, as the runs are
	maxRuns      = 1000 // at once
)

// New returns the experiment, with no run begun yet. When life ends, so do all
// runs: a crowd computes no longer than the server.
func New(life context.Context) playground.Experiment {
	runs := newRuns(life, maxCrowd)
	return playground.Experiment{
		ID: "many",
		Controls: []playground.Control{
			{Name: "policy", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "backoff", "jitter", "both"}},
			{Name: "full", Kind: playground.Choice, Default: "cut", Choices: []string{"cut", "503"}},
			{Name: "clients", Kind: playground.Number, Default: strconv.Itoa(usualClients), Min: 1, Max: maxClients},
			{Name: "delay", Kind: playground.Number, Default: "1000", Min: 500, Max: 3000, Unit: "ms"},
			{Name: "rate", Kind: playground.Number, Default: "100", Min: 10, Max: 1000, Unit: "/s"}, // what a server that has just started can take
			{Name: "restart", Kind: playground.Choice, Default: "crash", Choices: []string{"crash", "drain"}},
			{Name: "down", Kind: playground.Number, Default: "600", Min: 200, Max: 8000, Unit: "ms"},
			{Name: "log", Kind: playground.Number, Default: "150", Min: 1, Max: maxJournal}, // messages
			{Name: "crowd", Kind: playground.Choice, Default: "simulated", Choices: []string{"simulated", "own"}},
		},
		SSE:        runs.serveSSE,
		WS:         runs.serveWS,
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
	return max(n, 0)
}
