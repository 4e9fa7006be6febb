package playground

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"time"
)

// Cut breaks the connection under a response, as a pulled cable or a crashed
// server does: no last chunk, no close frame, and a reset (RST) where TCP would
// end with a FIN. It works before and after a WebSocket handshake. The handler
// is to return.
//
// A reset also throws away what the other side has not read yet, so let the
// last message arrive first.
func Cut(w http.ResponseWriter) {
	conn := taken(w)
	if conn == nil {
		panic(http.ErrAbortHandler) // an HTTP/2 stream has no connection of its own: this resets the stream
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		tcp.SetLinger(0) // so that Close sends a reset (socket(7), SO_LINGER)
	}
	conn.Close()
}

// taken returns the connection that was taken over from w, or takes it over now.
func taken(w http.ResponseWriter) net.Conn {
	if w, ok := w.(*response); ok && w.conn != nil {
		return w.conn
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	return conn
}

// A response remembers the connection that was taken over from it, which a
// *websocket.Conn keeps to itself, so that an experiment can cut it.
type response struct {
	http.ResponseWriter
	run  context.Context
	conn net.Conn // nil as long as it is net/http's
}

// Unwrap lets http.ResponseController see through.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack takes the connection over, with an end to it: whatever a handler still
// waits for when its run is over, it does not wait for long.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.conn = conn
	context.AfterFunc(w.run, func() {
		switch context.Cause(w.run) {
		case ErrTimeLimit, ErrServerClosing: // the handler has not returned
			time.AfterFunc(closeTimeout, func() { conn.Close() })
		}
	})
	return conn, buffered, nil
}
