package choose

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS sends the lines after the one that the client had last, and a beat
// whenever there has been nothing to send for a while.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	last, total := lastLine(r), controls.Int("lines")
	fault := faultOf(w, r, last)

	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // in your own server, leave this out: it lets in any origin
	})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	run := playground.Run(r)
	defer context.AfterFunc(run, func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(run).Error())
	})()

	ctx := conn.CloseRead(context.Background())
	line := time.NewTicker(controls.Duration("every"))
	defer line.Stop()
	beat := time.NewTicker(controls.Duration("beat"))
	defer beat.Stop()

	for n := last + 1; n <= total; {
		message := `{"beat":true}` // a message, not a ping: the page's watchdog is to see it
		select {
		case <-line.C:
			if fault.happens(ctx, r, n-1) {
				return
			}
			message = lineOf(n, total)
			beat.Reset(controls.Duration("beat"))
			n++
		case <-beat.C:
		case <-ctx.Done():
			return
		}
		if err := send(ctx, conn, message); err != nil {
			return // the client has left
		}
	}
	conn.Close(websocket.StatusNormalClosure, "that was all") // don't come back
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(message))
}
