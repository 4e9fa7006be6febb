package echo

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS says back what comes in frames, in frames.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	options := &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any origin may connect: there are no credentials here
		Subprotocols:       []string{"echo.v1"},
	}
	if controls.On("deflate") {
		options.CompressionMode = websocket.CompressionNoContextTakeover
	}
	conn, err := websocket.Accept(w, r, options)
	if err != nil {
		return
	}
	var pings sync.WaitGroup
	defer pings.Wait()
	defer conn.CloseNow()
	run := playground.Run(r)
	defer context.AfterFunc(run, func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(run).Error())
	})()

	if controls.On("ping") {
		pings.Go(func() { ping(conn) })
	}
	// region: read
	// To hang up at once could lose the close frame. So this
	// reads on until the client's is there, for 5 s at most.
	hangUp := func(code websocket.StatusCode, reason string) {
		cut := func() { playground.Cut(w) }
		defer time.AfterFunc(5*time.Second, cut).Stop()
		conn.Close(code, reason)
	}

	conn.SetReadLimit(maxMessage) // more is closed with 1009
	for {
		kind, data, err := conn.Read(context.Background())
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			// Unless a close frame has left already.
			hangUp(websocket.StatusProtocolError, "")
			return
		}
		// The library does not look.
		if kind == websocket.MessageText && !utf8.Valid(data) {
			hangUp(websocket.StatusInvalidFramePayloadData, "text has to be UTF-8")
			return
		}
		err = send(conn, kind, data, controls.Int("fragments"))
		if err != nil {
			return
		}
	}
	// endregion
}

// ping asks whether the client is there, and waits up to 10 s for its pong, which
// Read takes. The run's context is not its own: the end of a run in the middle of a
// write would break the connection before the close frame.
func ping(conn *websocket.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn.Ping(ctx)
}
