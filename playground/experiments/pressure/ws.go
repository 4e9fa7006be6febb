package pressure

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS writes what waits in the queue, as fast as the client takes it.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	last := lastNumber(r)
	playground.SetSendBuffer(r, sendBuffer)

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

	if r.URL.Query().Get("way") == "up" {
		receive(conn)
		return
	}

	queue := newQueue(controls)
	ctx, stop := context.WithCancel(conn.CloseRead(context.Background()))
	var producer sync.WaitGroup
	defer producer.Wait()
	defer stop()
	producer.Go(func() { queue.produce(ctx, last+1, controls) })

	for price := range queue.prices {
		text := price.text(len(queue.prices), controls.Int("size"))
		begun := time.Now()
		if err := send(ctx, conn, text); err != nil {
			playground.Logf(r, "price %d: %v", price.n, err)
			return // the client has left, or took nothing for 10 s
		}
		if took := time.Since(begun); took > slowWrite {
			playground.Logf(r, "price %d: Write took %v", price.n, took.Round(time.Millisecond))
		}
	}
	if queue.err != nil {
		playground.Logf(r, "%v", queue.err)
		conn.Close(websocket.StatusTryAgainLater, queue.err.Error())
		return
	}
	conn.Close(websocket.StatusNormalClosure, "that was all")
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(text))
}
