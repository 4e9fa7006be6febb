package silence

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS counts, with heartbeats in between, on a connection that may fall silent.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	if refuse(w, r) {
		return
	}
	plan := newPlan(r)

	line := playground.NewLine(w, r)
	defer line.Close()
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
	ctx := answer(conn)

	next, beat := time.NewTimer(0), time.NewTicker(controls.Duration("interval"))
	defer next.Stop()
	defer beat.Stop()

	for n := 0; n < plan.total; {
		select {
		case <-next.C:
			switch step := plan.after(n); step.then {
			case "quiet":
				next.Reset(step.pause)
				continue
			case "slow":
				line.Hold()
				time.AfterFunc(step.pause, line.Release)
			case "dead":
				line.Hold() // nothing below notices, but the ping
			case "end":
				conn.Close(websocket.StatusNoStatusRcvd, "") // a close frame without a code
				return
			case "reset":
				playground.Cut(w)
				return
			}
			n++
			if err := send(ctx, conn, strconv.Itoa(n)); err != nil {
				return
			}
			next.Reset(controls.Duration("every"))

		case <-beat.C:
			if controls.Text("heartbeat") != "protocol" {
				continue // the client sends pings, and answer replies
			}
			if err := ping(ctx, conn, controls.Duration("patience")); err != nil {
				playground.LogEvent(r, "ping-unanswered", "ping after number %d not answered for %v: gone", n, controls.Duration("patience"))
				return
			}

		case <-ctx.Done():
			playground.Logf(r, "client left, after number %d; no write has failed", n)
			return
		}
	}
	conn.Close(websocket.StatusNormalClosure, "that was all")
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(message))
}

// ping asks whether the client is there, and waits for its pong.
func ping(ctx context.Context, conn *websocket.Conn, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return conn.Ping(ctx)
}

// answer reads, so that pings and pongs are dealt with, and replies to the pings
// that a page's code sends, which are messages. The context ends with the reads.
func answer(conn *websocket.Conn) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		for {
			_, message, err := conn.Read(ctx)
			if err != nil {
				return
			}
			if string(message) == "ping" {
				send(ctx, conn, "pong")
			}
		}
	}()
	return ctx
}
