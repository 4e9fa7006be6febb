package chat

import (
	"context"
	"net/http"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE answers a question with an event for each token.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)

	question, err := readRequest(r)
	if err != nil {
		refuse(w, err)
		return
	}
	answer := answerTo(question)
	if !question.Stream {
		serveWhole(w, r, answer)
		return
	}

	ctx := r.Context()
	out := stream.New(w)
	tick := time.NewTicker(time.Second / time.Duration(controls.Int("rate")))
	defer tick.Stop()
	for token, chunk := range answer.chunks() {
		select {
		case <-ctx.Done(): // the client has left, so no more tokens are made
			playground.Logf(r, "stopped before token %d: %v", token, context.Cause(ctx))
			return
		case <-tick.C:
		}
		if cut := controls.Int("cut"); cut > 0 && token > cut {
			playground.Cut(w)
			return
		}
		if err := out.Send(stream.Event{Data: chunk}); err != nil {
			return
		}
	}
	out.Send(stream.Event{Data: "[DONE]"})
}
