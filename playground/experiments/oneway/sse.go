package oneway

import (
	"io"
	"net/http"

	"github.com/coder/websocket"

	"seewire/playground/stream"
)

// serveSSE passes on what is said in a room.
func (rooms *rooms) serveSSE(w http.ResponseWriter, r *http.Request) {
	member, err := rooms.join(r, "sse/"+roomName(r))
	if err != nil {
		refuse(w, err)
		return
	}
	defer rooms.leave(member)

	ctx := r.Context()
	out := stream.New(w)
	// The client speaks when it is told that the stream is open, and Firefox says
	// so with the first byte of the body.
	out.Comment("open")
	for {
		select {
		case <-ctx.Done():
			return
		case message, ok := <-member.messages:
			if !ok {
				return // too slow
			}
			if err := out.Raw(message.event); err != nil {
				return
			}
		}
	}
}

// serveSend is the way up: a request for every message.
func (rooms *rooms) serveSend(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if err != nil {
		refuse(w, err)
		return
	}
	if err := rooms.say("sse/"+roomName(r), message{kind: websocket.MessageText, data: data}); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
