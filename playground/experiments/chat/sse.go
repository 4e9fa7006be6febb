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
	ctx := r.Context()
	answer, err := answerTo(ctx, r, question)
	if err != nil {
		playground.Logf(r, "no answer: %v", err)
		refuse(w, err)
		return
	}
	defer answer.close()
	if !question.Stream {
		serveWhole(w, r, answer)
		return
	}

	out := stream.New(w)
	tick := time.NewTicker(answer.pace(controls.Int("rate")))
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
	if answer.complete() {
		out.Send(stream.Event{Data: "[DONE]"})
	}
}
