package six

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"seewire/playground"
)

// A message is about a topic.
type message struct {
	Topic string `json:"topic"`
	Data  string `json:"data"`
}

// serveWS sends the messages of a few topics, each with its topic's name.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	topics := topicsOf(r)

	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any origin may connect: there are no credentials here
	})
	if err != nil {
		return
	}
	var up sync.WaitGroup
	defer up.Wait()
	defer conn.CloseNow()
	run := playground.Run(r)
	defer context.AfterFunc(run, func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(run).Error())
	})()

	ctx, stop := context.WithCancel(context.Background())
	up.Go(func() {
		defer stop()
		receive(conn)
	})
	tick := time.NewTicker(controls.Duration("every"))
	defer tick.Stop()

	for n := range controls.Int("events") {
		for _, topic := range topics {
			message := message{topic, strconv.Itoa(n + 1)}
			if err := send(ctx, conn, message); err != nil {
				return // the client has left
			}
		}

		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	conn.Close(websocket.StatusNormalClosure, "that was all")
}

// receive takes what the page saves: a message on the way that is there.
func receive(conn *websocket.Conn) {
	for {
		if _, _, err := conn.Read(context.Background()); err != nil {
			return
		}
		if err := send(context.Background(), conn, message{"saved", ""}); err != nil {
			return
		}
	}
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message message) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return wsjson.Write(ctx, conn, message)
}
