// Package pressure is the experiment in which a server has more to say than its
// client can take.
//
// A producer makes prices at its own pace. They wait in a queue, and are written
// to a socket with a small send buffer, so that it is soon full. What happens
// then to the next price is the control full:
//
//	block       the producer waits
//	newest      the next price is lost
//	oldest      the price that has waited longest is lost
//	coalesce    the queue holds one price, and the next takes its place
//	disconnect  the client is: the stream ends, the WebSocket closes with 1013
//
// It goes the other way too: a client that asks for way=up sends, and the server
// takes its time for each message, as it does for each POST to /send.
package pressure

import (
	"cmp"
	"embed"
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
)

//go:embed sse.go ws.go queue.go sse.js fetch.js post.js ws.js stream.js send.js findings.js recording.json exercise
var source embed.FS

const (
	// sendBuffer is what the server's side of the socket holds, in bytes. Left
	// alone Linux lets it grow to 4 MB, and a run would show nothing but that.
	sendBuffer = 16 << 10

	// slowWrite is when a Write is worth a line in the log.
	slowWrite = 200 * time.Millisecond

	maxTotal = 200      // messages of one run
	maxSize  = 64 << 10 // bytes of one
	maxQueue = 100      // that wait
)

// New returns the experiment. It remembers nothing.
func New() playground.Experiment {
	return playground.Experiment{
		ID: "pressure",
		Controls: []playground.Control{
			{Name: "full", Kind: playground.Choice, Default: "block", Choices: []string{"block", "newest", "oldest", "coalesce", "disconnect"}},
			{Name: "queue", Kind: playground.Number, Default: "8", Min: 1, Max: maxQueue},
			{Name: "every", Kind: playground.Number, Default: "5", Min: 1, Max: 1000, Unit: "ms"},
			{Name: "size", Kind: playground.Number, Default: "8000", Min: 200, Max: maxSize, Unit: "B"},
			{Name: "total", Kind: playground.Number, Default: "80", Min: 1, Max: maxTotal},
			{Name: "work", Kind: playground.Number, Default: "20", Max: 200, Unit: "ms"}, // of the client, for each message
			{Name: "busy", Kind: playground.Switch, Default: "on"},                       // whether that keeps its thread
		},
		SSE:        serveSSE,
		WS:         serveWS,
		Send:       serveSend,
		Source:     source,
		SSEClients: []string{"sse.js", "fetch.js", "post.js"},
		WSClients:  []string{"ws.js", "stream.js", "send.js"},
	}
}

// lastNumber returns the last price that has arrived before the client came
// back: by the header that EventSource sends, or by the from parameter.
func lastNumber(r *http.Request) int {
	n, err := strconv.Atoi(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("from")))
	if err != nil {
		return 0 // what is not a number is no number
	}
	return min(max(n, 0), maxTotal)
}
