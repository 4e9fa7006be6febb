package echo

import (
	"encoding/base64"
	"io"
	"net/http"
	"unicode/utf8"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE says back what comes in requests, as events.
func (streams *streams) serveSSE(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	messages, err := streams.open(r)
	if err != nil {
		refuse(w, err)
		return
	}
	defer streams.close(r, messages)

	if controls.On("deflate") {
		compressed := streams.compress(w, r)
		defer compressed.Close()
		w = compressed
	}
	out := stream.New(w)
	// A first byte, with which Firefox tells the client that the stream is open.
	hello := "open"
	if controls.On("ping") {
		hello = "ping" // to which no client replies
	}
	out.Comment(hello)
	for {
		select {
		case <-r.Context().Done():
			return
		case data := <-messages:
			text := string(data)
			if controls.Text("kind") == "binary" {
				text = base64.StdEncoding.EncodeToString(data) // an event is text
			}
			if err := out.Send(stream.Event{Data: text}); err != nil {
				return
			}
		}
	}
}

// serveSend is the way up.
func (streams *streams) serveSend(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if err != nil {
		refuse(w, err)
		return
	}
	if playground.Controls(r).Text("kind") == "text" && !utf8.Valid(data) {
		refuse(w, errNotText)
		return
	}
	if err := streams.pass(r, data); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
