// Package broken is the experiment in which the answer of a language model stops
// in the middle, for one of several reasons, and is asked for again.
//
// What happens, by the control fault:
//
//	         the event stream                     the WebSocket
//	401      401 in place of the 200              401 in place of the 101
//	429      429, with Retry-After                close frame, 1013
//	event    an event of the type error           close frame, 1011
//	data     an error in the data of an event     an error in a message, close frame, 1000
//	length   a whole answer, cut off by a limit of the model
//	cut      RST                                  RST
//	end      the body ends                        close frame, 1000
//	html     a proxy's page, the body ends        a proxy's page, FIN
//	silence  nothing comes any more               nothing comes any more
//	slow     nothing comes for a while, then the rest
//
// A whole answer ends with the marker [DONE]; with end and html it is missing.
//
// The parameter attempt says which request of its run this is. The fault is in
// the first, or with moments=surprise another one is in each.
//
// A request with an Idempotency-Key has its answer kept, and the same key gets
// the same answer again; Last-Event-ID says after which token to begin. Over
// WebSocket both are in the first message.
package broken

import (
	"cmp"
	"embed"
	"net/http"

	"seewire/playground"
)

//go:embed sse.go ws.go model.go fetch.js ws.js findings.js recording.json exercise
var source embed.FS

// New returns the experiment, with no answer kept yet.
func New() playground.Experiment {
	m := newModel()
	return playground.Experiment{
		ID: "broken",
		Controls: []playground.Control{
			{Name: "fault", Kind: playground.Choice, Default: "end", Choices: faults},
			{Name: "after", Kind: playground.Number, Default: "6", Min: 1, Max: 15}, // tokens
			{Name: "then", Kind: playground.Choice, Default: "nothing", Choices: []string{"nothing", "again", "key", "resume"}},
			{Name: "stop", Kind: playground.Number, Default: "0", Max: 15}, // after this token the client stops; 0 is never
			{Name: "patience", Kind: playground.Number, Default: "2000", Min: 200, Max: 20000, Unit: "ms"},
			{Name: "every", Kind: playground.Number, Default: "150", Min: 20, Max: 2000, Unit: "ms"},
			{Name: "prompt", Kind: playground.Text, MaxBytes: 200},
			{Name: "moments", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "surprise"}},
		},
		SSE:        m.serveSSE,
		WS:         m.serveWS,
		Shared:     func(r *http.Request) string { return cmp.Or(playground.RunName(r), "without a run") },
		Source:     source,
		SSEClients: []string{"fetch.js"},
		WSClients:  []string{"ws.js"},
	}
}
