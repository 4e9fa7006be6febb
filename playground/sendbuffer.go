package playground

import (
	"context"
	"net"
	"net/http"
)

// ConnContext is for http.Server.ConnContext; it lets [SetSendBuffer] find the
// connection that a request came on, and a [Runner] what ends with the server.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	c := &connection{Conn: conn}
	c.life = context.WithValue(ctx, connKey{}, c)
	return c.life
}

type connKey struct{}

// A connection is one that requests come on.
type connection struct {
	net.Conn
	life context.Context // ends with the server, not with the connection
}

// connectionOf is nil for a server without ConnContext.
func connectionOf(ctx context.Context) *connection {
	c, _ := ctx.Value(connKey{}).(*connection)
	return c
}

// SetSendBuffer asks the operating system to hold no more than about so many
// bytes that it has taken from the server and the client has not acknowledged.
// What is left alone grows with the connection's speed, on Linux to 4 MB: a slow
// client is then noticed late.
//
// It holds for the connection, and so for later requests on it. Where there is
// no such connection, as under TLS or HTTP/2, it does nothing.
func SetSendBuffer(r *http.Request, bytes int) {
	conn := connectionOf(r.Context())
	if conn == nil {
		return
	}
	if tcp, ok := conn.Conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		tcp.SetWriteBuffer(bytes)
	}
}
