package serve

import (
	"context"
	"net"
	"net/http"
	"time"

	"seewire/playground"
	"seewire/playground/wire"
)

// A service is a server and the tapped listener that it serves.
type service struct {
	server   *http.Server
	listener *wire.Listener
}

// closeAll closes the listeners of services that are not going to serve.
func closeAll(services []service) {
	for _, s := range services {
		s.listener.Close()
	}
}

// service serves a handler on a listener.
func (s *Services) service(l *wire.Listener, handler http.Handler) service {
	l.Shown = s.site.Shown
	return service{&http.Server{
		Handler:           secured(handler),
		BaseContext:       func(net.Listener) context.Context { return s.life },
		ConnContext:       connContext,
		ConnState:         wire.ConnState,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          errorLog(s.options.Log),
		// A page that nobody reads ends too. A stream is not cut by this: it
		// sets a deadline for each of its writes in place of this one.
		WriteTimeout: s.site.WriteTimeout(),
	}, l}
}

// connContext lets the tap be found, and the connection's settings.
func connContext(ctx context.Context, conn net.Conn) context.Context {
	return playground.ConnContext(wire.ConnContext(ctx, conn), conn)
}
