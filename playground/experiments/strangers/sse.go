package strangers

import (
	"fmt"
	"io"
	"net/http"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE tells visitors what is theirs alone, and passes on a note.
func (s *server) serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	if s.cors(w, r); r.Method == http.MethodOptions {
		return
	}

	ctx := r.Context()
	out := stream.New(w)
	for i, text := range []string{greeting(r), note(r), "That was all."} {
		if i > 0 && sleep(ctx, pause) != nil {
			playground.Logf(r, "the client left after %d of 3 messages", i)
			return
		}
		if err := writeEvent(out, text, controls.On("careful")); err != nil {
			return
		}
	}
}

// writeEvent writes a text as the data of one event.
func writeEvent(out *stream.Stream, text string, careful bool) error {
	if !careful {
		// Careless: where the text has a line end, its writer goes on writing fields.
		return out.Raw([]byte("data: " + text + "\n\n"))
	}
	return out.Send(stream.Event{Data: text}) // a data field for every line
}

// serveSend takes a visitor's reply.
func (s *server) serveSend(w http.ResponseWriter, r *http.Request) {
	if s.cors(w, r); r.Method == http.MethodOptions {
		return
	}
	if playground.Controls(r).On("check") {
		guard := http.NewCrossOriginProtection() // which guards no GET, and so no handshake
		for _, origin := range s.own(r) {
			guard.AddTrustedOrigin(origin)
		}
		if err := guard.Check(r); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
	}
	reply, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReply))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	fmt.Fprintf(w, "%s, your %d bytes are here.", visitor(r), len(reply))
}
