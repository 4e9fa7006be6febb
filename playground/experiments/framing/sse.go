package framing

import (
	"net/http"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE writes the learner's stream as it is, piece by piece.
func serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)

	ctx := r.Context()
	out := stream.New(w)
	for _, piece := range parse(controls.Text("stream")) {
		if piece.pause && sleep(ctx, controls.Duration("pause")) != nil {
			return
		}
		if err := out.Raw(piece.text); err != nil {
			return
		}
	}
}
