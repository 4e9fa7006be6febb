package reconnect

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS counts from where the client left off, and cuts the connection on the way.
func (plans *plans) serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	last, total := lastNumber(r), controls.Int("total")

	plan := plans.find("ws", r)
	if plan.refuse(w, r) {
		return
	}

	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
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
	tick := time.NewTicker(controls.Duration("every"))
	defer tick.Stop()

	for n := last + 1; n <= total; n++ {
		if err := send(ctx, conn, strconv.Itoa(n)); err != nil {
			return // the client has left
		}

		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if plan.cutAfter(n) {
			if controls.Text("how") == "reset" {
				playground.Cut(w)
			} else {
				conn.Close(websocket.StatusGoingAway, "")
			}
			return
		}
	}
	plan.finish()
	conn.Close(websocket.StatusNormalClosure, "that was all")
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(message))
}
