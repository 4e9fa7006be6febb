// Package framing is the experiment behind the second lesson: the learner
// writes the bytes of an event stream, and says where they are cut into pieces.
// Over WebSocket the data of each block is a message, and its pieces are fragments.
package framing

import (
	"context"
	"embed"
	"time"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js ws.js findings.js recording.json exercise
var source embed.FS

// New returns the experiment.
func New() playground.Experiment {
	return playground.Experiment{
		ID: "framing",
		Controls: []playground.Control{
			{Name: "stream", Kind: playground.Text, Default: `data: hello\n\n`, MaxBytes: 4096},
			{Name: "pause", Kind: playground.Number, Default: "150", Max: 2000, Unit: "ms"},
		},
		SSE:        serveSSE,
		WS:         serveWS,
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}

// sleep waits for d, or returns the error of ctx when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
