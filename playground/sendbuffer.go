package playground

import (
	"context"
	"net"
	"net/http"
)

// ConnContext is for http.Server.ConnContext; it lets [SetSendBuffer] find the
// connection that a request came on.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

type connKey struct{}

// SetSendBuffer asks the operating system to hold no more than about so many
// bytes that it has taken from the server and the client has not acknowledged.
// What is left alone grows with the connection's speed, on Linux to 4 MB: a slow
// client is then noticed late.
//
// It holds for the connection, and so for later requests on it. Where there is
// no such connection, as under TLS or HTTP/2, it does nothing.
func SetSendBuffer(r *http.Request, bytes int) {
	conn := r.Context().Value(connKey{})
	if tcp, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		tcp.SetWriteBuffer(bytes)
	}
}
