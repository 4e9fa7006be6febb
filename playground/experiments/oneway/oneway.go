// Package oneway is the experiment in which a client talks back: an event
// stream down with a POST for every message up, against one WebSocket for both.
//
// The two sides have rooms of their own, so that one run of both can be
// compared: what a member says comes back to it, and does not reach the other
// side.
package oneway

import (
	"cmp"
	"embed"
	"net/http"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js ws.js findings.js recording.json exercise
var source embed.FS

// maxMessage is the largest message, in bytes: a picture of 64 KiB in base64,
// which is 4/3 of that, with room for something around it.
const maxMessage = 96 << 10

// New returns the experiment, with no room open yet. What is said goes over the bus.
func New(bus playground.Bus) playground.Experiment {
	rooms := newRooms(bus)
	return playground.Experiment{
		ID: "oneway",
		Controls: []playground.Control{
			{Name: "payload", Kind: playground.Choice, Default: "text", Choices: []string{"text", "picture"}},
			{Name: "messages", Kind: playground.Number, Default: "5", Min: 1, Max: 50},
			{Name: "text", Kind: playground.Text, Default: "hello", MaxBytes: 2000},
			{Name: "size", Kind: playground.Number, Default: "4096", Min: 100, Max: 65536, Unit: "B"}, // of the picture
			{Name: "every", Kind: playground.Number, Default: "400", Min: 50, Max: 2000, Unit: "ms"},
			{Name: "room", Kind: playground.Text, MaxBytes: 64}, // empty: the capture's own
		},
		SSE:        rooms.serveSSE,
		WS:         rooms.serveWS,
		Send:       rooms.serveSend,
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}

// roomName returns the room that a request is about: the one that it names, or
// one for its capture alone.
func roomName(r *http.Request) string {
	return cmp.Or(playground.Controls(r).Text("room"), r.URL.Query().Get("capture"))
}
