package reconnect

import (
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE counts from where the client left off, and cuts the connection on the way.
func (plans *plans) serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	last, total := lastNumber(r), controls.Int("total")

	plan := plans.find("sse", r)
	if plan.refuse(w, r) {
		return
	}
	if last >= total {
		w.WriteHeader(http.StatusNoContent) // or EventSource would go on asking
		return
	}

	out := stream.New(w)
	if wait := controls.Duration("retry"); wait > 0 {
		out.Retry(wait)
	}
	tick := time.NewTicker(controls.Duration("every"))
	defer tick.Stop()

	for n := last + 1; n <= total; n++ {
		event := stream.Event{Data: strconv.Itoa(n)}
		if controls.On("ids") {
			event.ID = strconv.Itoa(n)
		}
		if err := out.Send(event); err != nil {
			return // the client has left
		}

		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
		if plan.cutAfter(n) {
			if controls.Text("how") == "reset" {
				playground.Cut(w)
			}
			return
		}
	}
	plan.finish()
}
