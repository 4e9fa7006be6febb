// Package choose is the experiment in which one feature, the log of a build
// that arrives line by line, is there over both protocols, with all that the
// course has found to be needed: numbers, replay, a heartbeat, a deadline for
// every write, a way back. Its two clients can take each other's place.
//
// log.go, sse.go and ws.go are what a server of one's own begins with: they know
// nothing of this site. main is a program of them, and node and python hold the
// same in other languages.
//
// The connection is broken twice: once by a reset, once by silence, as a control says
// or at random places. Which break comes next follows from the number that a
// client asks for, so that nothing has to be remembered between connections. A
// break happens below the server's code, which notices what it would notice of a
// real one.
package choose

import (
	"embed"
	"net/http"
	"sync"

	"seewire/playground"
)

//go:embed log.go fault.go sse.go ws.go clients.go sse.js ws.js main node python findings.js recording.json exercise
var source embed.FS

// New returns the experiment, with no build begun yet.
func New() playground.Experiment {
	builds := newBuilds()
	return playground.Experiment{
		ID: "choose",
		Controls: []playground.Control{
			{Name: "silence", Kind: playground.Number, Default: "8", Max: 100}, // after this line; 0 is never
			{Name: "reset", Kind: playground.Number, Default: "4", Max: 100},   // after this line; 0 is never
			{Name: "lines", Kind: playground.Number, Default: "12", Min: 1, Max: 100},
			{Name: "every", Kind: playground.Number, Default: "400", Min: 50, Max: 5000, Unit: "ms"},
			{Name: "beat", Kind: playground.Number, Default: "1000", Min: 100, Max: 15000, Unit: "ms"},
			{Name: "moments", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "surprise"}},
		},
		SSE:        builds.serve((*Server).ServeSSE),
		WS:         builds.serve((*Server).ServeWS),
		Shared:     playground.RunName,
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}

// serve returns the handler of one side, over a connection with a fault.
func (bs *builds) serve(side func(*Server, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b := bs.follow(r)
		defer bs.leave(b)
		line := playground.NewLine(w, r)
		defer line.Close()
		fault := &fault{Line: line, w: w, r: r}

		log := b.log
		if last := log.Had(r); fault.lies(last) {
			log = NewLog(b.log.of) // of what comes as far as this connection
			before, _ := b.log.After(0)
			for _, line := range before[:last] {
				log.Publish(line.Text)
			}
			var relay sync.WaitGroup
			defer relay.Wait()
			ended := make(chan struct{})
			defer close(ended)
			relay.Go(func() { fault.relay(b, log, last, ended) })
		}
		server := &Server{Log: log, Beat: playground.Controls(r).Duration("beat"), Origins: []string{"*"}}
		side(server, fault, r)
	}
}
