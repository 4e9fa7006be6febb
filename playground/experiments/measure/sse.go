package measure

import (
	"io"
	"net/http"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE pushes messages, each with the time at which it leaves.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	ctx, controls := r.Context(), playground.Controls(r)
	if err := wait(ctx, controls.Duration("delay")); err != nil {
		return
	}

	out := stream.New(w)
	// A first byte, with which Firefox tells the client that the stream is open.
	out.Comment("open")
	for range controls.Int("each") {
		if err := out.Send(stream.Event{Data: stamped(filler(controls.Int("size")))}); err != nil {
			return
		}
		if err := wait(ctx, controls.Duration("every")); err != nil {
			return
		}
	}
	<-ctx.Done() // who ends a stream is connected to again
}

// serveSend answers a question, each in a request of its own.
func serveSend(w http.ResponseWriter, r *http.Request) {
	ctx, controls := r.Context(), playground.Controls(r)
	question, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuestion))
	if err != nil {
		refuse(w, err)
		return
	}
	if err := wait(ctx, controls.Duration("delay")); err != nil {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, stamped(string(question)))
}
