package measure

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS pushes messages, each with the time at which it leaves.
func serveWS(w http.ResponseWriter, r *http.Request) {
	run, controls := playground.Run(r), playground.Controls(r)
	if err := wait(run, controls.Duration("delay")); err != nil {
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any origin may connect: there are no credentials here
	})
	if err != nil {
		return
	}
	var work sync.WaitGroup
	defer work.Wait()
	defer conn.CloseNow()
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	defer context.AfterFunc(run, func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(run).Error())
	})()

	work.Go(func() {
		for range controls.Int("each") {
			if err := send(ctx, conn, stamped(filler(controls.Int("size")))); err != nil {
				return
			}
			if err := wait(ctx, controls.Duration("every")); err != nil {
				return
			}
		}
	})
	answer(ctx, conn, controls.Duration("delay"))
}

// answer answers questions, each in a goroutine of its own: as with requests,
// none waits for the one before.
func answer(ctx context.Context, conn *websocket.Conn, delay time.Duration) {
	var answers sync.WaitGroup
	defer answers.Wait()
	conn.SetReadLimit(maxQuestion)
	places := make(chan struct{}, maxWaiting)
	for {
		_, question, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		places <- struct{}{}
		answers.Go(func() {
			defer func() { <-places }()
			if err := wait(ctx, delay); err != nil {
				return
			}
			send(ctx, conn, stamped(string(question)))
		})
	}
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(text))
}
