package framing

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS writes the data of each block of the learner's stream as a message, and
// a piece of it as a fragment.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)

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
	for _, message := range messages(parse(controls.Text("stream"))) {
		if err := send(ctx, conn, message, controls.Duration("pause")); err != nil {
			return
		}
	}
	conn.Close(websocket.StatusNormalClosure, "")
}

// send writes a message, which is one frame unless it has several fragments.
// For each of them the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, m message, pause time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(len(m))*(pause+10*time.Second))
	defer cancel()

	if m[0].pause && sleep(ctx, pause) != nil {
		return ctx.Err()
	}
	if len(m) == 1 {
		return conn.Write(ctx, websocket.MessageText, m[0].text)
	}

	out, err := conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	for i, fragment := range m {
		if i > 0 {
			// The library keeps a fragment back until a final frame leaves. A ping is
			// one, and may stand between the fragments of a message (RFC 6455 §5.4).
			if err := conn.Ping(ctx); err != nil {
				return err
			}
			if err := sleep(ctx, pause); err != nil {
				return err
			}
		}
		if _, err := out.Write(fragment.text); err != nil {
			return err
		}
	}
	return out.Close() // writes the last fragment, which is empty
}
