package oneway

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS passes on what is said in a room.
func (rooms *rooms) serveWS(w http.ResponseWriter, r *http.Request) {
	member, err := rooms.join(r, "ws/"+roomName(r))
	if err != nil {
		refuse(w, err)
		return
	}
	defer rooms.leave(member)

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
		rooms.receive(conn, member)
	})
	for {
		select {
		case <-ctx.Done():
			return
		case message, ok := <-member.messages:
			if !ok {
				conn.Close(websocket.StatusTryAgainLater, "too slow")
				return
			}
			if err := send(ctx, conn, message); err != nil {
				return
			}
		}
	}
}

// receive is the way up: a frame for every message.
func (rooms *rooms) receive(conn *websocket.Conn, member *member) {
	conn.SetReadLimit(maxMessage)
	for {
		kind, data, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		if err := rooms.say(member.room, message{kind: kind, data: data}); err != nil {
			conn.Close(websocket.StatusInvalidFramePayloadData, err.Error())
			return
		}
	}
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message message) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, message.kind, message.data)
}
