package many

import (
	"context"
	"net/http"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS passes on what is published, after what the client has missed.
func (s *server) serveWS(w http.ResponseWriter, r *http.Request) {
	if err := s.door.enter(r.Context()); err != nil {
		s.refuse(w, r)
		return
	}

	socket := playground.NewSocket(w) // for frames that are made once, for all clients
	conn, err := websocket.Accept(socket, r, &websocket.AcceptOptions{
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

	last := lastNumber(r)
	member := s.hub.join(last)
	defer s.hub.leave(member)
	playground.Logf(r, "had %d, replaying %d", last, len(member.messages))

	ctx := conn.CloseRead(context.Background())
	for {
		select {
		case message, ok := <-member.messages:
			if !ok {
				if member.end == cut {
					playground.Cut(w)
				}
				conn.Close(member.end, "") // 1012 means: come back
				return
			}
			if err := write(socket, message); err != nil {
				return // the client has left
			}
		case <-ctx.Done():
			return
		}
	}
}
