package agents

import (
	"context"
	"net/http"
	"sync"

	"github.com/coder/websocket"

	"seewire/playground"
)

// maxWaiting is how many questions of one connection wait for their turn.
const maxWaiting = 8

// serveWS is the WebSocket mode of the API: a message response.create for each question,
// and a message for each event. The responses come one after another. With the connection
// their model stops: the mode knows neither background nor starting_after
// (https://developers.openai.com/api/docs/guides/websocket-mode, read 2026-11-29).
func (all *responses) serveWS(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any origin may connect: there are no credentials here
	})
	if err != nil {
		return
	}
	conn.SetReadLimit(128 << 10)
	var up sync.WaitGroup
	defer up.Wait()
	defer conn.CloseNow()
	run := playground.Run(r)
	defer context.AfterFunc(run, func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(run).Error())
	})()

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	messages := make(chan []byte, maxWaiting)
	up.Go(func() {
		defer stop()
		for {
			_, message, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			select {
			case messages <- message:
			default:
				conn.Close(websocket.StatusPolicyViolation, "so many responses at a time are not made here")
				return
			}
		}
	})
	for {
		select {
		case <-ctx.Done():
			return
		case message := <-messages:
			if !all.answer(ctx, w, r, conn, message) {
				return
			}
		}
	}
}

// answer makes the response that a message asks for. It returns false where the
// connection is no more.
func (all *responses) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, conn *websocket.Conn, message []byte) bool {
	q, err := parseQuestion(message)
	switch {
	case err != nil:
	case q.Type != "response.create":
		err = invalid("type", "a message is of the type response.create")
	case q.Background:
		err = invalid("background", "over a WebSocket there is no background")
	}
	var made *response
	if err == nil {
		made, err = all.begin(r, q)
	}
	if err != nil {
		f := faultOf(err)
		problem := object{"type": "error", "status": f.Status, "error": f.body()}
		if q.StreamID != "" {
			problem["stream_id"] = q.StreamID
		}
		return write(ctx, conn, raw(problem)) == nil
	}
	defer all.lose(r, made)
	for e := range made.follow(ctx, -1) {
		e.stream = q.StreamID
		if err := write(ctx, conn, raw(e)); err != nil {
			return false
		}
		if made.cutAfter(e.Number, r) {
			pause(ctx, made.every) // so that it arrives
			if playground.Controls(r).Text("how") == "reset" {
				playground.Cut(w)
			} else {
				conn.Close(websocket.StatusServiceRestart, "come back later")
			}
			return false
		}
	}
	return ctx.Err() == nil
}
