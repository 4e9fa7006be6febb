package tick

import (
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// serveWS counts.
func serveWS(w http.ResponseWriter, r *http.Request) {
	controls := playground.Controls(r)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx := conn.CloseRead(playground.Run(r))
	for n := 1; n <= controls.Int("count"); n++ {
		if err := conn.Write(ctx, websocket.MessageText, []byte(strconv.Itoa(n))); err != nil {
			return
		}
		select {
		case <-time.After(controls.Duration("every")):
		case <-ctx.Done():
			return
		}
	}
	conn.Close(websocket.StatusNormalClosure, "")
}
