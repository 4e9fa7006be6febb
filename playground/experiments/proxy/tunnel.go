package proxy

import (
	"bufio"
	"net"
	"net/http"
	"time"
)

// patience is how long a client of the proxy may take to make room for a write.
const patience = 10 * time.Second

// tunnel is a response whose connection, once it is taken over for a WebSocket,
// ends in both directions at once. If the server's end could close one direction
// alone, a client that never leaves would be kept for ever.
type tunnel struct {
	http.ResponseWriter
}

func (t *tunnel) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(t.ResponseWriter).Hijack()
	return tunneled{conn}, buffered, err
}

// tunneled is a connection without CloseWrite.
type tunneled struct{ net.Conn }

func (t tunneled) Write(p []byte) (int, error) {
	t.SetWriteDeadline(time.Now().Add(patience))
	return t.Conn.Write(p)
}

// patient is a response whose client has its time for each write, and none that
// runs while there is nothing to write.
type patient struct {
	http.ResponseWriter
}

func (p *patient) Write(b []byte) (int, error) {
	http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(patience))
	return p.ResponseWriter.Write(b)
}

func (p *patient) FlushError() error {
	rc := http.NewResponseController(p.ResponseWriter)
	rc.SetWriteDeadline(time.Now().Add(patience))
	defer rc.SetWriteDeadline(time.Time{})
	return rc.Flush()
}

// Unwrap lets http.ResponseController see through.
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }
