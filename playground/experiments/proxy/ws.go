package proxy

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS counts, behind the proxy.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	total := controls.Int("total")

	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any origin may connect: there are no credentials here
	})
	if err != nil {
		playground.Logf(r, "%v", err)
		return
	}
	defer conn.CloseNow()
	run := playground.Run(r)
	defer context.AfterFunc(run, func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(run).Error())
	})()

	ctx := conn.CloseRead(context.Background())
	next := time.NewTimer(0)
	beat, stop := beats(controls)
	defer stop()
	for n := 1; n <= total && err == nil; {
		select {
		case <-next.C:
			err = send(ctx, conn, strconv.Itoa(n))
			next.Reset(pauseAfter(n, controls))
			n++
		case <-beat:
			err = ping(ctx, conn)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		playground.Logf(r, "broken off: %v", err)
		return
	}
	conn.Close(websocket.StatusNormalClosure, "that was all")
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(message))
}

// ping asks whether the client is there, and waits up to 10 s for its pong.
func ping(ctx context.Context, conn *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Ping(ctx)
}
