// Package chat is the experiment behind the first lesson: a question, answered
// token by token over an event stream and over WebSocket.
//
// The event stream is the one of OpenAI's chat completions, so its handler is
// an OpenAI-compatible endpoint as well: it takes a POST with "stream" true or
// false, and a GET, which is all that an EventSource can send.
package chat

import (
	"embed"

	"seewire/playground"
)

//go:embed sse.go ws.go fetch.js sse.js ws.js findings.js recording.json exercise
var source embed.FS

// ID is the experiment's.
const ID = "chat"

// New returns the experiment.
func New() playground.Experiment {
	sse := ragged(serveSSE)
	return playground.Experiment{
		ID: ID,
		Controls: []playground.Control{
			{Name: "prompt", Kind: playground.Text, MaxBytes: 500},
			{Name: "cut", Kind: playground.Number, Default: "0", Max: 500},
			{Name: "rate", Kind: playground.Number, Default: "12", Min: 1, Max: 200, Unit: "/s"},
			{Name: "seed", Kind: playground.Number, Default: "1", Max: 9999},
			{Name: "ragged", Kind: playground.Switch, Default: "off"},
		},
		SSE:        sse,
		WS:         serveWS,
		API:        &playground.API{Paths: []string{"/v1/chat/completions"}, HTTP: sse, Methods: []string{"POST"}},
		Models:     true,
		Source:     source,
		SSEClients: []string{"fetch.js", "sse.js"},
		WSClients:  []string{"ws.js"},
	}
}
