package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"seewire/playground/wire"
)

// A service is a server and the tapped listener that it serves.
type service struct {
	server   *http.Server
	listener *wire.Listener
}

// service serves all routes on a listener.
func (a *app) service(l *wire.Listener) service {
	return service{&http.Server{
		Handler:           secured(a.handler),
		BaseContext:       func(net.Listener) context.Context { return a.life },
		ConnContext:       wire.ConnContext,
		ConnState:         wire.ConnState,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          quietLog(),
		// A page that nobody reads ends too. A stream is not cut by this: it
		// sets a deadline for each of its writes in place of this one.
		WriteTimeout: max(a.limit+stallTime, answerTime),
	}, l}
}

// secureServices serve what comes through TLS: first HTTP/1.1, then HTTP/2. The
// notice is what a person has to know about the certificate.
func (a *app) secureServices(ctx context.Context, opts options) (services []service, notice string, err error) {
	l, err := listen(ctx, "-tls", opts.tls)
	if err != nil {
		return nil, "", err
	}
	c, notice, err := certificate(opts, certificateHosts(l.Addr(), opts.tls))
	if err != nil {
		l.Close()
		return nil, "", err
	}
	secure := newSecureListener(l, c)
	http1, http2 := a.service(wire.Listen(secure.http1)), a.service(wire.ListenHTTP2(secure.http2, a.choose))
	// The handshake has chosen HTTP/2 already, and is over: for the server these
	// connections have no TLS.
	http2.server.Protocols = new(http.Protocols)
	http2.server.Protocols.SetUnencryptedHTTP2(true)
	return []service{http1, http2}, notice, nil
}
