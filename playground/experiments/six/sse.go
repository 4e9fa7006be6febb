package six

import (
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE sends the events of a few topics, each under its topic's name.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	topics := topicsOf(r)

	out := stream.New(w)
	tick := time.NewTicker(controls.Duration("every"))
	defer tick.Stop()

	for n := range controls.Int("events") {
		for _, topic := range topics {
			event := stream.Event{Type: topic, Data: strconv.Itoa(n + 1)}
			if err := out.Send(event); err != nil {
				return // the client has left
			}
		}

		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
	// The client closes the stream on this event, or EventSource would reopen it.
	out.Send(stream.Event{Type: "done", Data: "that was all"})
}

// serveSend takes what the page saves: a request of its own.
func serveSend(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusNoContent)
}
