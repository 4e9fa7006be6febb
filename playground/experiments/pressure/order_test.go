package pressure

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// What the lesson says of the order in one WebSocket: as long as a large message is
// being sent, a small one waits. On another connection it arrives.
func TestALargeMessageHoldsUpASmallOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 1 << 20
		ready := make(chan bool) // there is something small to say, on each connection
		s := experimenttest.Start(t, playground.Experiment{ID: "order", WS: func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.CloseNow()
			left := conn.CloseRead(context.Background())
			if r.URL.Query().Has("large") {
				go conn.Write(left, websocket.MessageText, []byte(strings.Repeat("x", size)))
			}
			<-ready
			conn.Write(left, websocket.MessageText, []byte("urgent"))
			<-left.Done()
		}}, playground.Limits{})
		one, other := s.WebSocket(t, "/ws?large"), s.WebSocket(t, "/ws")
		one.SetReadLimit(size)
		synctest.Wait() // it reads nothing, so the large message is under way
		close(ready)
		time.Sleep(time.Second)
		if _, message, err := other.Read(t.Context()); string(message) != "urgent" {
			t.Errorf("on the other connection: %q, %v", message, err)
		}
		for _, want := range []int{size, len("urgent")} {
			if _, message, err := one.Read(t.Context()); len(message) != want {
				t.Errorf("a message of %d bytes (%v), want one of %d", len(message), err, want)
			}
		}
	})
}
