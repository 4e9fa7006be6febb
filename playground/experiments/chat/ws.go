package chat

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS answers a question with a message for each token.
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

	message, err := receive(conn)
	if err != nil {
		return
	}
	question, err := parseRequest(message, controls.Int("seed"))
	if err != nil {
		conn.Close(websocket.StatusPolicyViolation, err.Error())
		return
	}
	question.Stream = true // whatever it says

	ctx := conn.CloseRead(context.Background())
	answer, err := answerTo(ctx, r, question)
	if err != nil {
		playground.Logf(r, "no answer: %v", err)
		send(ctx, conn, asError(err))
		conn.Close(websocket.StatusInternalError, "")
		return
	}
	defer answer.close()

	tick := time.NewTicker(answer.pace(controls.Int("rate")))
	defer tick.Stop()
	for token, chunk := range answer.chunks() {
		select {
		case <-ctx.Done(): // the client has left, so no more tokens are made
			playground.Logf(r, "stopped before token %d: %v", token, context.Cause(ctx))
			return
		case <-tick.C:
		}
		if cut := controls.Int("cut"); cut > 0 && token > cut {
			playground.Cut(w)
			return
		}
		if err := send(ctx, conn, chunk); err != nil {
			return
		}
	}
	if !answer.complete() {
		conn.Close(websocket.StatusInternalError, "")
		return
	}
	send(ctx, conn, "[DONE]")
	conn.Close(websocket.StatusNormalClosure, "")
}

// receive waits for the question, which somebody may have to type: for a minute.
func receive(conn *websocket.Conn) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, message, err := conn.Read(ctx)
	return message, err
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(message))
}
