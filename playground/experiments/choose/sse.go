package choose

import (
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE sends the lines after the one that the client had last, and a beat
// whenever there has been nothing to send for a while.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	last, total := lastLine(r), controls.Int("lines")
	if last >= total {
		w.WriteHeader(http.StatusNoContent) // that was all: don't come back
		return
	}
	fault := faultOf(w, r, last)

	ctx := r.Context()
	out := stream.New(w)
	out.Retry(time.Second)
	line := time.NewTicker(controls.Duration("every"))
	defer line.Stop()
	beat := time.NewTicker(controls.Duration("beat"))
	defer beat.Stop()

	for n := last + 1; n <= total; {
		event := stream.Event{Type: "beat"} // an event, not a comment: the page's watchdog is to see it
		select {
		case <-line.C:
			if fault.happens(ctx, r, n-1) {
				return
			}
			event = stream.Event{ID: strconv.Itoa(n), Data: lineOf(n, total)}
			beat.Reset(controls.Duration("beat"))
			n++
		case <-beat.C:
		case <-ctx.Done():
			return
		}
		if err := out.Send(event); err != nil {
			return // the client has left
		}
	}
}
