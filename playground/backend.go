package playground

import (
	"context"
	"net"
	"net/http"
	"time"
)

// A Backend is a server that stands behind an experiment's own handlers, as an
// application does behind a proxy. The program runs it on a listener of its own
// and taps that too, so that a capture has both connections of a request.
type Backend struct {
	// Host is the name by which the experiment dials it.
	Host string

	// SSE answers /play/{ID}/sse and WS answers /play/{ID}/ws. Their requests
	// have the experiment's controls.
	SSE, WS http.HandlerFunc

	// WriteTimeout is that of the http.Server. The default is none.
	WriteTimeout time.Duration
}

// Dial connects to a [Backend], which addr names as "host:port"; the port does
// not count. It is for http.Transport.DialContext.
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// A Bus passes on what goes between people.
type Bus interface {
	// Publish sends a message to those who are subscribed to a subject now.
	Publish(subject string, data []byte) error

	// Subscribe has receive called with each message, one after another. It must
	// not wait.
	Subscribe(subject string, receive func(data []byte)) (unsubscribe func(), err error)
}
