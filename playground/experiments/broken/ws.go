package broken

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS answers with a message for each token, until the fault.
func (m *model) serveWS(w http.ResponseWriter, r *http.Request) {
	fault, after := faultOf(r), playground.Controls(r).Int("after")
	if fault == "401" {
		refuse(w, http.StatusUnauthorized)
		return
	}

	line := playground.NewLine(w, r)
	defer line.Close()
	under := &under{ResponseWriter: line}
	conn, err := websocket.Accept(under, r, &websocket.AcceptOptions{
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
	if fault == "429" {
		conn.Close(websocket.StatusTryAgainLater, "retry after "+retryAfter+" s")
		return
	}
	// From the 101 on an error has no status any more.
	q, err := receive(conn)
	if err != nil {
		conn.Close(websocket.StatusPolicyViolation, "the first message is to be a question")
		return
	}

	ctx := conn.CloseRead(context.Background())
	answer, isNew := m.answer(r, q)
	sent := 0
	defer func() { answer.bill(r, q, isNew, sent) }()

	for n, token := range answer.after(ctx, q.After) {
		if n > after {
			switch fault {
			case "event":
				conn.Close(websocket.StatusInternalError, "the model is overloaded")
				return
			case "data":
				send(ctx, conn, overloaded)
				conn.Close(websocket.StatusNormalClosure, "")
				return
			case "length":
				send(ctx, conn, `{"finish":"length"}`)
				send(ctx, conn, "[DONE]")
				conn.Close(websocket.StatusNormalClosure, "")
				return
			case "cut":
				playground.Cut(w)
				return
			case "end":
				conn.Close(websocket.StatusNormalClosure, "")
				return
			case "html":
				under.conn.Write([]byte(page)) // where a frame would begin
				return
			case "silence":
				line.Hold()
			case "slow":
				rest(ctx)
			}
			after += 4 // a slow answer pauses again
		}
		if err := send(ctx, conn, tokenJSON(n, token)); err != nil {
			return
		}
		sent = n
	}
	if ctx.Err() != nil {
		return // the client has left
	}
	send(ctx, conn, `{"finish":"stop"}`)
	send(ctx, conn, "[DONE]")
	conn.Close(websocket.StatusNormalClosure, "")
}

// receive waits for the question, which somebody may have to type: for a minute.
func receive(conn *websocket.Conn) (q question, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, message, err := conn.Read(ctx)
	if err != nil {
		return q, err
	}
	return q, json.Unmarshal(message, &q)
}

// send writes a message, for which the client may take up to 10 s to make room.
func send(ctx context.Context, conn *websocket.Conn, message string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(message))
}

// under remembers the connection below a WebSocket, for bytes that are no frame.
type under struct {
	http.ResponseWriter
	conn net.Conn
}

func (u *under) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(u.ResponseWriter).Hijack()
	u.conn = conn
	return conn, buffered, err
}
