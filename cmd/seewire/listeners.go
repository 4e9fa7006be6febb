package main

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// besideAddr is the value of -tls that finds a port by itself.
const besideAddr = "auto"

// securePort is the one that besideAddr takes if it is free, so that an
// exception which a browser has made for its certificate goes on to count.
const securePort = 8443

// listeners are where the site is served. They are known before the first
// request, and don't change.
type listeners struct {
	plain  net.Addr
	secure net.Addr // with TLS; nil for none

	own, foreign net.Addr // of other origins (origins.go); nil for none

	names []string // that they answer to beside their own (hosts.go), in lower case
}

// http1 is the origin at which a visitor finds this server over HTTP/1.1: the
// page's own, unless that came through TLS.
func (l *listeners) http1(r *http.Request) string {
	if r.TLS == nil {
		return base(r)
	}
	return "http://" + beside(r, l.plain)
}

// http2 is the origin at which the same visitor gets HTTP/2; "" where there is
// none.
func (l *listeners) http2(r *http.Request) string {
	switch {
	case r.TLS != nil:
		return base(r)
	case l.secure == nil:
		return ""
	}
	return "https://" + beside(r, l.secure)
}

// sources are the listeners as a policy names what a page may connect to.
func (l *listeners) sources(r *http.Request) string {
	sources := ""
	for _, origin := range []string{l.http1(r), l.http2(r)} {
		if origin != "" && origin != base(r) {
			sources += " " + origin + " ws" + strings.TrimPrefix(origin, "http")
		}
	}
	return sources
}

// beside is a listener's address under the name by which the visitor came.
func beside(r *http.Request, a net.Addr) string {
	return net.JoinHostPort(hostOf(r), port(a))
}

// listenBeside listens for TLS where the plain listener does, on a port that
// nobody has to choose.
func listenBeside(ctx context.Context, plain net.Addr) (net.Listener, error) {
	var last error
	for _, port := range []int{securePort, 0} {
		host := plain.(*net.TCPAddr).IP.String()
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, last
}
