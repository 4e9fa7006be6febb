package site

import (
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Listeners are where the site is served. They are known before the first
// request, and don't change.
type Listeners struct {
	Plain  net.Addr
	Secure net.Addr // with TLS; nil for none

	Own, Foreign net.Addr // of other origins (origins.go); nil for none

	names []string // that they answer to beside their own (hosts.go), in lower case
}

// http1 is the origin at which a visitor finds this server over HTTP/1.1: the
// page's own, unless that came through TLS.
func (l *Listeners) http1(r *http.Request) string {
	if r.TLS == nil {
		return base(r)
	}
	return "http://" + beside(r, l.Plain)
}

// http2 is the origin at which the same visitor gets HTTP/2; "" where there is
// none.
func (l *Listeners) http2(r *http.Request) string {
	switch {
	case r.TLS != nil:
		return base(r)
	case l.Secure == nil:
		return ""
	}
	return "https://" + beside(r, l.Secure)
}

// sources are the listeners as a policy names what a page may connect to.
func (l *Listeners) sources(r *http.Request) string {
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

func port(a net.Addr) string { return strconv.Itoa(a.(*net.TCPAddr).Port) }
