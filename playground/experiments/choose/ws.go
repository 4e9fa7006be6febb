package choose

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// ServeWS sends the lines after the one that the client had last, and a beat
// whenever there has been nothing to send for a while.
func (s *Server) ServeWS(w http.ResponseWriter, r *http.Request) {
	last := s.Log.Had(r)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: s.Origins})
	if err != nil {
		return // it has answered
	}
	s.open.Add(1)
	defer s.open.Done()
	defer conn.CloseNow()

	// The request's context ends when the server shuts down. That the client has
	// left is told by reading, which also answers its pings; it has nothing to say.
	defer context.AfterFunc(r.Context(), func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(r.Context()).Error())
	})()
	ctx := conn.CloseRead(context.Background())
	go ping(ctx, conn)
	send := func(message []byte) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return conn.Write(ctx, websocket.MessageText, message)
	}

	beat := time.NewTicker(s.Beat)
	defer beat.Stop()
	for err == nil {
		lines, more := s.Log.After(last)
		for _, line := range lines {
			message, _ := json.Marshal(line)
			if err = send(message); err != nil {
				return // the client has left
			}
			last = line.Number
			beat.Reset(s.Beat)
		}
		if s.Log.Over(last) {
			conn.Close(websocket.StatusNormalClosure, "that was all") // don't come back
			return
		}

		select {
		case <-more:
		case <-beat.C:
			err = send([]byte(`{"beat":true}`)) // a message, not a ping: the page's watchdog is to see it
		case <-ctx.Done():
			return
		}
	}
}

// ping closes the connection of a client that has gone without a word.
func ping(ctx context.Context, conn *websocket.Conn) {
	for ctx.Err() == nil {
		select {
		case <-time.After(30 * time.Second):
		case <-ctx.Done():
			return
		}
		answered, cancel := context.WithTimeout(ctx, patience)
		if conn.Ping(answered) != nil {
			conn.CloseNow()
		}
		cancel()
	}
}
