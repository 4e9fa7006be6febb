package pressure

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

const (
	// takes is how long the server needs for a message that comes up.
	takes = 250 * time.Millisecond

	enough = 20 // messages from one client
)

// receive takes messages at the server's pace, and waits up to 10 s for each.
// What is not read stays in the socket, and when that is full, with the client.
func receive(conn *websocket.Conn) {
	conn.SetReadLimit(maxSize)
	for range enough {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_, _, err := conn.Read(ctx)
		cancel()
		if err != nil {
			return
		}
		time.Sleep(takes)
	}
	conn.CloseNow() // a proper Close would read on until the client has sent all
}

// serveSend is the way up on the event stream's side. A client that waits for
// the response goes at the server's pace.
func serveSend(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxSize)); err != nil {
		playground.Problem{Status: http.StatusRequestEntityTooLarge, Code: "too-large",
			Title: "Too large", Detail: err.Error()}.Write(w)
		return
	}
	time.Sleep(takes)
	w.WriteHeader(http.StatusNoContent)
}
