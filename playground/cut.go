package playground

import (
	"bufio"
	"net"
	"net/http"
	"sync"
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
	if w, ok := w.(*response); ok {
		if conn := w.taken(); conn != nil {
			return conn
		}
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

	mu   sync.Mutex
	conn net.Conn // nil as long as it is net/http's
}

func (w *response) taken() net.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn
}

// hangUp closes the connection under whoever has taken it over.
func (w *response) hangUp() {
	if conn := w.taken(); conn != nil {
		conn.Close()
	}
}

// Unwrap lets http.ResponseController see through.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = conn
	return conn, buffered, err
}
