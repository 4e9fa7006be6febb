package proxy

import (
	"bufio"
	"net"
	"net/http"
)

// tunnel is a response whose connection, once it is taken over for a WebSocket,
// ends in both directions at once. If the server's end could close one direction
// alone, a client that never leaves would be kept for ever.
type tunnel struct {
	http.ResponseWriter
}

func (t *tunnel) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(t.ResponseWriter).Hijack()
	return struct{ net.Conn }{conn}, buffered, err // without CloseWrite
}
