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
		pings.Go(func() { conn.Ping(run) }) // the pong is taken by Read, below
	}
	conn.SetReadLimit(maxMessage) // more is closed with 1009
	for {
		kind, data, err := conn.Read(context.Background())
		if err != nil {
			if !errors.Is(err, io.EOF) {
				// This sends 1002, unless a close frame has left already, and reads on
				// until the client's is there: to hang up at once could lose ours.
				conn.Close(websocket.StatusProtocolError, "")
			}
			return
		}
		if kind == websocket.MessageText && !utf8.Valid(data) { // the library does not look
			conn.Close(websocket.StatusInvalidFramePayloadData, "text has to be UTF-8")
			return
		}
		if err := send(conn, kind, data, controls.Int("fragments")); err != nil {
			return
		}
	}
}

// send writes a message, in one frame or several, for which the client may take
// up to 10 s to make room.
func send(conn *websocket.Conn, kind websocket.MessageType, data []byte, fragments int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if fragments == 1 {
		return conn.Write(ctx, kind, data)
	}
	out, err := conn.Writer(ctx, kind)
	if err != nil {
		return err
	}
	for _, fragment := range split(data, fragments-1) {
		if _, err := out.Write(fragment); err != nil {
			return err
		}
	}
	return out.Close() // writes the last fragment, which is empty
}
