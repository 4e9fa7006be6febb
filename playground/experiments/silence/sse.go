package silence

import (
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE counts, with heartbeats in between, on a connection that may fall silent.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	if refuse(w, r) {
		return
	}
	plan := newPlan(r)

	line := playground.NewLine(w, r)
	defer line.Close()
	out := stream.New(line)
	out.Retry(500 * time.Millisecond)
	ctx := r.Context()

	next, beat := time.NewTimer(0), time.NewTicker(controls.Duration("interval"))
	defer next.Stop()
	defer beat.Stop()

	for n := 0; n < plan.total; {
		select {
		case <-next.C:
			switch step := plan.after(n); step.then {
			case "quiet":
				next.Reset(step.pause)
				continue
			case "slow":
				line.Hold()
				time.AfterFunc(step.pause, line.Release)
			case "dead":
				line.Hold() // nothing below notices
			case "end":
				return
			case "reset":
				playground.Cut(w)
				return
			}
			n++
			if err := out.Send(stream.Event{ID: strconv.Itoa(n), Data: strconv.Itoa(n)}); err != nil {
				return
			}
			next.Reset(controls.Duration("every"))

		case <-beat.C:
			if err := heartbeat(out, controls.Text("heartbeat")); err != nil {
				return
			}

		case <-ctx.Done():
			playground.Logf(r, "client left, after number %d; no write has failed", n)
			return
		}
	}
}

// heartbeat says that the server is there: in a comment, which is for proxies
// and for TCP, or in an event, which is for the client's code as well.
func heartbeat(out *stream.Stream, how string) error {
	switch how {
	case "protocol":
		return out.Comment("still here")
	case "message":
		return out.Send(stream.Event{Type: "heartbeat", Data: "still here"})
	}
	return nil
}
