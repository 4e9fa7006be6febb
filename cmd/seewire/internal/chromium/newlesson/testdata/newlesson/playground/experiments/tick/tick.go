// Package tick is the experiment of a lesson that a test adds: a server counts.
package tick

import (
	"embed"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js ws.js findings.js recording.json exercise
var source embed.FS

// New returns the experiment.
func New() playground.Experiment {
	return playground.Experiment{
		ID: "tick",
		Controls: []playground.Control{
			{Name: "count", Kind: playground.Number, Default: "5", Min: 1, Max: 50},
			{Name: "every", Kind: playground.Number, Default: "50", Min: 10, Max: 1000, Unit: "ms"},
		},
		SSE:        serveSSE,
		WS:         serveWS,
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}
