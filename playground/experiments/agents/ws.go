package agents

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

var errNotJSON = errors.New("the message is no JSON object")

// serveWS holds the whole conversation on one WebSocket. MCP has no such
// transport; a message is a text message, as in the SDK's WebSocket client. A
// client that has lost the connection says in the address which session it had,
// and how many messages of it.
func (all *sessions) serveWS(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{"mcp"},
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

	s, err := all.resume(r, conn)
	if err != nil {
		conn.Close(websocket.StatusPolicyViolation, err.Error())
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	up.Go(func() {
		defer stop()
		s.receive(r, conn)
	})
	n, _ := strconv.Atoi(r.URL.Query().Get("after")) // 0 for what is no number
	for n = max(n, 0); ; {
		message, ok := s.common.next(ctx, n)
		if !ok && ctx.Err() == nil {
			conn.Close(websocket.StatusNormalClosure, "the session has ended")
		}
		if !ok {
			return // the client has left, or the session has ended
		}
		n++
		if err := write(ctx, conn, message.text); err != nil {
			return // the client has left, and may come back
		}
		if s.cutAfter(message.step, r) {
			s.wait(playground.Controls(r).Duration("every") / 2) // so that it arrives
			if playground.Controls(r).Text("how") == "reset" {
				playground.Cut(w)
				return
			}
			conn.Close(websocket.StatusServiceRestart, "come back later")
			return
		}
	}
}

// resume returns the session that the address names, or begins one with the
// first message.
func (all *sessions) resume(r *http.Request, conn *websocket.Conn) (*session, error) {
	if id := r.URL.Query().Get("session"); id != "" {
		return all.find(id)
	}
	m, err := read(conn)
	if err != nil {
		return nil, err
	}
	if m.Method != "initialize" {
		return nil, errors.New("the first message has to be initialize")
	}
	s, err := all.begin(r, m)
	if err != nil {
		return nil, err
	}
	welcome := serverInfo()
	welcome["_meta"] = object{"session": s.id} // here no header can say it
	s.common.put(result(m, welcome), 0)
	return s, nil
}

// receive is the way up: one message for each that the client sends.
func (s *session) receive(r *http.Request, conn *websocket.Conn) {
	for {
		m, err := read(conn)
		switch {
		case websocket.CloseStatus(err) == websocket.StatusNormalClosure:
			s.end()
			return
		case errors.Is(err, errNotJSON):
			s.common.put(failure(message{ID: raw(nil)}, -32700, err.Error()), 0)
		case err != nil:
			return
		case !m.isRequest():
			s.take(r, m)
		case m.Method != "tools/call":
			s.common.put(s.reply(m), 0)
		default:
			go s.call(r, m, s.common)
		}
	}
}

func read(conn *websocket.Conn) (message, error) {
	_, text, err := conn.Read(context.Background())
	if err != nil {
		return message{}, err
	}
	var m message
	if json.Unmarshal(text, &m) != nil {
		return message{}, errNotJSON
	}
	return m, nil
}

// write writes a message, for which the client may take up to 10 s to make room.
func write(ctx context.Context, conn *websocket.Conn, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, text)
}
