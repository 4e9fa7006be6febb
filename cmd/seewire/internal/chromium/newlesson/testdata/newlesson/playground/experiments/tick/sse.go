package tick

import (
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE counts.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	out := stream.New(w)
	for n := 1; n <= controls.Int("count"); n++ {
		if err := out.Send(stream.Event{Data: strconv.Itoa(n)}); err != nil {
			return
		}
		select {
		case <-time.After(controls.Duration("every")):
		case <-r.Context().Done():
			return
		}
	}
}
