// Package choose is the experiment in which one feature, the log of a build
// that arrives line by line, is there over both protocols, with all that the
// course has found to be needed: numbers, replay, a heartbeat, a way back. Its
// two clients can take each other's place.
//
// The line is broken twice: once by a reset, once by silence, as a control says
// or at random places. Which break comes next follows from the number that a
// client asks for, so that nothing has to be remembered between connections.
package choose

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js ws.js sse.mjs ws.mjs sse.py ws.py findings.js recording.json exercise
var source embed.FS

// New returns the experiment.
func New() playground.Experiment {
	return playground.Experiment{
		ID: "choose",
		Controls: []playground.Control{
			{Name: "lines", Kind: playground.Number, Default: "12", Min: 1, Max: 100},
			{Name: "every", Kind: playground.Number, Default: "400", Min: 50, Max: 5000, Unit: "ms"},
			{Name: "beat", Kind: playground.Number, Default: "1000", Min: 100, Max: 15000, Unit: "ms"},
			{Name: "reset", Kind: playground.Number, Default: "4", Max: 100},   // after this line; 0 is never
			{Name: "silence", Kind: playground.Number, Default: "8", Max: 100}, // after this line; 0 is never
			{Name: "moments", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "surprise"}},
		},
		SSE:        serveSSE,
		WS:         serveWS,
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}

// lineOf is a line of the log. It can be made again at any time, which is what
// lets a server replay it; others keep a table, a file, a ring buffer.
func lineOf(n, total int) string {
	return fmt.Sprintf(`{"line":%d,"of":%d,"text":"package %[1]d: ok"}`, n, total)
}

// lastLine is the line that the client had last, 0 for none: EventSource says
// it in Last-Event-ID, other clients in the address.
func lastLine(r *http.Request) int {
	n, err := strconv.Atoi(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("from")))
	if err != nil || n < 0 {
		return 0 // what is not a number of ours is no number
	}
	return n
}

// A fault is what is going to happen to one connection.
type fault struct {
	w     http.ResponseWriter
	after int
	reset bool // else silence
}

// faultOf is what happens to a connection that goes on after a line: the first
// break that lies ahead of it.
func faultOf(w http.ResponseWriter, r *http.Request, last int) fault {
	reset, silence := breaks(r)
	switch {
	case last < reset && (silence <= last || reset < silence):
		return fault{w, reset, true}
	case last < silence:
		return fault{w, silence, false}
	}
	return fault{}
}

// breaks are the lines after which the connection is broken; random ones follow
// from the name of the run.
func breaks(r *http.Request) (reset, silence int) {
	controls := playground.Controls(r)
	if controls.Text("moments") == "fixed" {
		return controls.Int("reset"), controls.Int("silence")
	}
	places := playground.Random(r).Perm(max(2, controls.Int("lines")-1))[:2]
	// The reset comes first: who survives that has the silence to learn about.
	// After the last line there is nothing to break.
	slices.Sort(places)
	return places[0] + 1, places[1] + 1
}

// happens breaks the line if n was the last line before the break, and says
// whether it did. It is asked when the next line is due, so that line n has
// arrived: a reset throws away what is on its way. Silence lasts until the
// client gives up, or the run ends.
func (f fault) happens(ctx context.Context, r *http.Request, n int) bool {
	switch {
	case n == 0 || n != f.after:
		return false
	case f.reset:
		playground.Cut(f.w)
	default:
		playground.Logf(r, "silent from here on, with the line open")
		<-ctx.Done()
	}
	return true
}
