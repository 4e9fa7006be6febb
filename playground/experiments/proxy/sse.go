package proxy

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"seewire/playground"
)

// serveSSE counts, behind the proxy.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	last, total := lastNumber(r), controls.Int("total")
	if last >= total {
		w.WriteHeader(http.StatusNoContent) // or EventSource would go on asking
		return
	}

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if controls.Text("remedy") == "header" {
		w.Header().Set("X-Accel-Buffering", "no") // asks the proxy not to hold anything
	}

	rc := http.NewResponseController(w)
	forgets := faultOf(r) == "deadline" && controls.Text("remedy") != "extend"
	send := func(text string) error {
		if !forgets {
			rc.SetWriteDeadline(time.Now().Add(10 * time.Second)) // for this write, in place of WriteTimeout
		}
		if _, err := io.WriteString(w, text); err != nil {
			return fmt.Errorf("Write: %w", err)
		}
		if err := rc.Flush(); err != nil {
			return fmt.Errorf("Write said nothing, Flush: %w", err)
		}
		return nil
	}

	err := send("retry: 500\n\n") // and the headers, at once
	next := time.NewTimer(0)
	beat, stop := beats(controls)
	defer stop()
	for n := last + 1; n <= total && err == nil; {
		select {
		case <-next.C:
			err = send(fmt.Sprintf("id: %d\ndata: %d\n\n", n, n))
			next.Reset(pauseAfter(n, controls))
			n++
		case <-beat:
			err = send(": still here\n\n")
		case <-r.Context().Done():
			err = r.Context().Err()
		}
	}
	if err != nil {
		playground.Logf(r, "broken off: %v", err)
	}
}
