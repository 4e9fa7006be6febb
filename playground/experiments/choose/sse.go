package choose

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// ServeSSE sends the lines after the one that the client had last, and a beat
// whenever there has been nothing to send for a while.
func (s *Server) ServeSSE(w http.ResponseWriter, r *http.Request) {
	last := s.Log.Had(r)
	if s.Log.Over(last) {
		w.WriteHeader(http.StatusNoContent) // that was all: don't come back
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // asks nginx to pass on each event as it comes

	// The context ends when the client leaves or the server shuts down.
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	out := http.NewResponseController(w)
	send := func(format string, a ...any) error {
		out.SetWriteDeadline(time.Now().Add(patience))
		defer out.SetWriteDeadline(time.Time{}) // it was for these bytes, not for the silence after them
		if _, err := fmt.Fprintf(w, format, a...); err != nil {
			return err
		}
		return out.Flush()
	}

	// Each client has a wait of its own, or all would come back at once.
	err := send("retry: %d\n\n", 500+rand.IntN(500))
	beat := time.NewTicker(s.Beat)
	defer beat.Stop()
	for err == nil {
		lines, more := s.Log.After(last)
		for _, line := range lines {
			data, _ := json.Marshal(line) // has no line end
			if err = send("id: %d\ndata: %s\n\n", line.Number, data); err != nil {
				return // the client has left
			}
			last = line.Number
			beat.Reset(s.Beat)
		}
		if s.Log.Over(last) {
			send("event: end\ndata: \n\n") // without it the client would come back for more
			return
		}

		select {
		case <-more:
		case <-beat.C:
			err = send("event: beat\ndata: \n\n") // an event, not a comment: the page's watchdog is to see it
		case <-ctx.Done():
			return
		}
	}
}
