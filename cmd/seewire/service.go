package main

import (
	"context"
	"net"
	"net/http"
	"strings"
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

// service serves all routes on a listener.
func (a *app) service(l *wire.Listener) service {
	l.Shown = a.shown
	return service{&http.Server{
		Handler:           secured(a.handler),
		BaseContext:       func(net.Listener) context.Context { return a.life },
		ConnContext:       connContext,
		ConnState:         wire.ConnState,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          quietLog(),
		// A page that nobody reads ends too. A stream is not cut by this: it
		// sets a deadline for each of its writes in place of this one.
		WriteTimeout: max(a.limit+stallTime, pageTime),
	}, l}
}

// connContext lets the tap be found, and the connection's settings.
func connContext(ctx context.Context, conn net.Conn) context.Context {
	return playground.ConnContext(wire.ConnContext(ctx, conn), conn)
}

// secureServices serve what comes through TLS: first HTTP/1.1, then HTTP/2;
// none where nobody wants them. The notice is what a person has to know about
// them. What nobody has asked for does not keep the site from starting.
func (a *app) secureServices(ctx context.Context, opts options) (services []service, notice string, err error) {
	switch opts.tls {
	case "", "off":
		return nil, "", nil
	case besideAddr:
		l, err := listenBeside(ctx, a.listeners.plain)
		if err != nil {
			return nil, "There is no HTTP/2: " + err.Error(), nil
		}
		services, c, err := a.serveSecure(l, opts, opts.addr)
		if err != nil && opts.cert == "" {
			return nil, "There is no HTTP/2: " + err.Error(), nil
		}
		if c.file != "" {
			notice = "A browser warns of the certificate there, once: nobody vouches for it. -tls off does without."
		}
		return services, joinLines(notice, c.notes...), err
	}
	l, err := listen(ctx, tlsFlag, opts.tls)
	if err != nil {
		return nil, "", err
	}
	services, c, err := a.serveSecure(l, opts, opts.tls)
	if c.file != "" {
		notice = trust(c.file)
	}
	return services, joinLines(notice, c.notes...), err
}

// joinLines puts what is to be said one below the other.
func joinLines(first string, more ...string) string {
	return strings.TrimPrefix(strings.Join(append([]string{first}, more...), "\n"), "\n")
}

// serveSecure serves what comes through TLS on a listener, whose certificate
// has the host of an address among its own.
func (a *app) serveSecure(l net.Listener, opts options, addr string) ([]service, certificate, error) {
	c, err := findCertificate(opts, certificateHosts(l.Addr(), addr, opts.hosts))
	if err != nil {
		l.Close()
		return nil, c, err
	}
	a.listeners.secure = l.Addr()
	secure := newSecureListener(l, c.Certificate)
	http1, http2 := a.service(wire.Listen(secure.http1)), a.service(wire.ListenHTTP2(secure.http2, a.choose))
	// The handshake has chosen HTTP/2 already, and is over: for the server these
	// connections have no TLS.
	http2.server.Protocols = new(http.Protocols)
	http2.server.Protocols.SetUnencryptedHTTP2(true)
	return []service{http1, http2}, c, nil
}
