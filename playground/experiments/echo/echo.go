// Package echo is the experiment in which a server says back what it is told:
// over WebSocket in frames of the size and kind that they came in, over an event
// stream as an event that is text whatever it was before.
//
// What it refuses:
//
//	                        the event stream's POST   the WebSocket
//	more than maxMessage    413                       close frame, 1009
//	text that is not UTF-8  400                       close frame, 1007
//	frames against the RFC  -                         close frame, 1002
//
// TestRawFrames has what coder/websocket does not refuse.
package echo

import (
	"cmp"
	"embed"
	"net/http"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js ws.js findings.js recording.json exercise
var source embed.FS

// maxMessage is the largest message, in bytes: beyond 65536, from which on the
// length in a frame's header takes eight bytes (RFC 6455 §5.2).
const maxMessage = 68_000

// New returns the experiment, with no stream open yet.
func New() playground.Experiment {
	streams := newStreams()
	return playground.Experiment{
		ID: "echo",
		Controls: []playground.Control{
			{Name: "kind", Kind: playground.Choice, Default: "text", Choices: []string{"text", "binary"}},
			{Name: "size", Kind: playground.Number, Default: "125", Max: 70_000, Unit: "B"},
			{Name: "fragments", Kind: playground.Number, Default: "1", Min: 1, Max: 10}, // of the echo, the last of several being empty
			{Name: "ping", Kind: playground.Switch, Default: "on"},
			{Name: "deflate", Kind: playground.Switch, Default: "off"},
			{Name: "protocol", Kind: playground.Choice, Default: "echo.v1", Choices: []string{"echo.v1", "echo.v2"}}, // offered by the client
			{Name: "code", Kind: playground.Number, Default: "1000", Max: 5000},                                      // that the client closes with; 0 is none
			{Name: "reason", Kind: playground.Text, Default: "bye", MaxBytes: 200},
		},
		SSE:        streams.serveSSE,
		WS:         serveWS,
		Send:       streams.serveSend,
		Shared:     func(r *http.Request) string { return cmp.Or(captureOf(r), "without a capture") },
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}
