package asleep

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// region: replay
// serveWS sends the numbers that the client has missed, and goes on counting.
func (begins *begins) serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	begun, last, total := begins.of("ws", r), lastNumber(r), controls.Int("total")

	line := playground.NewLine(w, r)
	defer line.Close()
	defer lose(w, r, line, begun)()
	conn, err := websocket.Accept(line, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any origin may connect: there are no credentials here
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

	for n := last + 1; n <= total; n++ {
		// The moment of a number that was missed is past.
		due := begun.Add(time.Duration(n-1) * controls.Duration("every"))
		if !until(ctx, due) {
			return // the client has left
		}
		if err := send(ctx, conn, strconv.Itoa(n)); err != nil {
			return
		}
	}
	conn.Close(websocket.StatusNormalClosure, "that was all")
}

// endregion

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(message))
}
