package strangers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS tells visitors what is theirs alone, passes on a note, and takes a
// visitor's reply.
func (s *server) serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	options := &websocket.AcceptOptions{
		OriginPatterns: s.own(r), // beside the host's own; all others get 403
		Subprotocols:   []string{"seewire"},
	}
	if !controls.On("check") {
		options.InsecureSkipVerify = true // careless: any page may, with the visitor's cookie
	}

	conn, err := websocket.Accept(w, r, options)
	if err != nil {
		playground.Logf(r, "%v", err)
		return
	}
	defer conn.CloseNow()
	run := playground.Run(r)
	defer context.AfterFunc(run, func() {
		conn.Close(websocket.StatusGoingAway, context.Cause(run).Error())
	})()

	for i, text := range []string{greeting(r), note(r), "That was all."} {
		if i > 0 {
			time.Sleep(pause)
		}
		if err := writeMessage(conn, text, controls.On("careful")); err != nil {
			return
		}
	}
	reply, err := receive(conn)
	if err != nil {
		return
	}
	writeMessage(conn, fmt.Sprintf("%s, your %d bytes are here.", visitor(r), len(reply)), true)
	conn.Close(websocket.StatusNormalClosure, "")
}

// receive waits for the visitor's reply, for 10 s.
func receive(conn *websocket.Conn) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn.SetReadLimit(maxReply) // a longer one ends the connection, with 1009
	_, reply, err := conn.Read(ctx)
	return reply, err
}

// A message is what each WebSocket message holds, as JSON.
type message struct {
	Type string `json:"type"`
	Data string `json:"data"`
}

// writeMessage writes a text as the data of one message, for which the client
// may take up to 10 s to make room.
func writeMessage(conn *websocket.Conn, text string, careful bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if !careful {
		// Careless: where the text has a quotation mark, its writer goes on writing JSON.
		return conn.Write(ctx, websocket.MessageText, []byte(`{"type":"message","data":"`+text+`"}`))
	}
	data, err := json.Marshal(message{"message", text}) // escapes what means something in JSON
	if err != nil {
		return err
	}
	return conn.Write(ctx, websocket.MessageText, data)
}
