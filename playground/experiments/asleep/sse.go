package asleep

import (
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// region: replay
// serveSSE sends the numbers that the client has missed, and goes on counting.
func (begins *begins) serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	begun, last, total := begins.of("sse", r), lastNumber(r), controls.Int("total")
	if last >= total {
		w.WriteHeader(http.StatusNoContent) // or EventSource would go on asking
		return
	}

	line := playground.NewLine(w, r)
	defer line.Close()
	defer lose(w, r, line, begun)()
	out := stream.New(line)
	out.Retry(time.Second)

	for n := last + 1; n <= total; n++ {
		// The moment of a number that was missed is past.
		due := begun.Add(time.Duration(n-1) * controls.Duration("every"))
		if !until(r.Context(), due) {
			return // the client has left
		}
		if err := out.Send(stream.Event{ID: strconv.Itoa(n), Data: strconv.Itoa(n)}); err != nil {
			return
		}
	}
}

// endregion
