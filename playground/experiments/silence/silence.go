// Package silence is the experiment in which a line stays open and nothing
// comes. To a client three states look the same, until it is too late:
//
//	quiet  the server is alive and has no number to say; heartbeats go on
//	slow   nothing passes the line for a while, then everything at once
//	dead   nothing passes the line any more, and TCP does not say so
//
// Beside them are the ends that a client is told of, and what it is not told:
//
//	         the event stream           the WebSocket
//	end      the body ends              a close frame without a code: 1005
//	reset    RST                        RST: 1006
//	refused  500 in place of a stream   500 in place of a 101: 1006
//
// Heartbeats are a comment or a ping frame, which a page's code never sees, or a
// message: an event from the server, or a ping that the page's code sends and
// the server's code answers.
package silence

import (
	"embed"
	"net/http"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js fetch.js ws.js findings.js recording.json exercise
var source embed.FS

// New returns the experiment.
func New() playground.Experiment {
	return playground.Experiment{
		ID: "silence",
		Controls: []playground.Control{
			{Name: "then", Kind: playground.Choice, Default: "dead", Choices: []string{"quiet", "slow", "dead", "end", "reset", "refused"}},
			{Name: "heartbeat", Kind: playground.Choice, Default: "none", Choices: []string{"none", "protocol", "message"}},
			{Name: "after", Kind: playground.Number, Default: "4", Max: 50}, // numbers; 0 is never
			{Name: "pause", Kind: playground.Number, Default: "5000", Min: 200, Max: 20000, Unit: "ms"},
			{Name: "interval", Kind: playground.Number, Default: "1000", Min: 100, Max: 10000, Unit: "ms"},
			{Name: "patience", Kind: playground.Number, Default: "3000", Min: 200, Max: 30000, Unit: "ms"},
			{Name: "every", Kind: playground.Number, Default: "500", Min: 50, Max: 5000, Unit: "ms"},
			{Name: "moments", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "surprise"}},
		},
		SSE:        serveSSE,
		WS:         serveWS,
		Source:     source,
		SSEClients: []string{"sse.js", "fetch.js"},
		WSClients:  []string{"ws.js"},
	}
}

// refuse answers a request that gets no numbers, and reports whether it did.
func refuse(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case playground.Controls(r).Text("then") == "refused":
		http.Error(w, "out of order, as the control says", http.StatusInternalServerError)
	case r.Header.Get("Last-Event-ID") != "":
		w.WriteHeader(http.StatusNoContent) // there is one line to look at, and it has been
	default:
		return false
	}
	return true
}
