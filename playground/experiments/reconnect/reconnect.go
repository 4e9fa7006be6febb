// Package reconnect is the experiment in which a server counts, cuts the line,
// and sees which clients come back, and with which ID.
//
// What a cut is, by the control how:
//
//	          the event stream                 the WebSocket
//	reset     RST                              RST
//	end       the body ends (last chunk)       close frame, 1001
//	204, 500  as end; the next request gets    as end; the next handshake gets
//	          that status                      that status
//	type      as end; the next request gets    as end; the next handshake gets
//	          a 200 of text/plain              a 200 of text/plain
//	redirect  as end; the next request gets    as end; the next handshake gets
//	          a 307 to where the numbers go on a 307 to where the numbers go on
//
// After the last number the stream ends, and a client that asks again is told
// 204, which ends an EventSource; the WebSocket is closed with 1000.
package reconnect

import (
	"cmp"
	"embed"
	"net/http"
	"strconv"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js ws.js ws_reconnect.js findings.js recording.json exercise
var source embed.FS

// maxTotal is how far a server counts at most.
const maxTotal = 100

// New returns the experiment, with no run to remember yet.
func New() playground.Experiment {
	plans := newPlans()
	return playground.Experiment{
		ID: "reconnect",
		Controls: []playground.Control{
			{Name: "cut", Kind: playground.Number, Default: "5", Max: 50}, // after this number; 0 is never
			{Name: "how", Kind: playground.Choice, Default: "reset", Choices: []string{"reset", "end", "204", "500", "type", "redirect"}},
			{Name: "retry", Kind: playground.Number, Default: "1000", Max: 30000, Unit: "ms"}, // 0 leaves it to the browser
			{Name: "ids", Kind: playground.Switch, Default: "on"},
			{Name: "every", Kind: playground.Number, Default: "500", Min: 50, Max: 5000, Unit: "ms"},
			{Name: "total", Kind: playground.Number, Default: "12", Min: 1, Max: maxTotal},
			{Name: "moments", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "surprise"}},
		},
		SSE:        plans.serveSSE,
		WS:         plans.serveWS,
		Shared:     playground.RunName,
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js", "ws_reconnect.js"},
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
