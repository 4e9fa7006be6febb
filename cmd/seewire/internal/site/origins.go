package site

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"

	"seewire/cmd/seewire/internal/view"
)

// A lesson asks what a page of another origin can do to a server. An origin is
// a scheme, a host and a port (RFC 6454 §4), so two more listeners make two
// real ones: on either there is the frame that runs a learner's programs, and
// nothing else. The experiment's server takes the first for its own app, whose
// origin it has on a list, and the second for a stranger.
//
// Why does no program run in the course's own origin, which would be "own" too?
// There lie the learner's progress and, where a team hosts the course, the
// cookies that let people in: code that somebody writes, or pastes, must not
// have them. These two origins have nothing. They are of the same site as the
// course, though, and a browser sends cookies to a host whatever the port, so
// the frame's policy lets its programs speak to such experiments alone.

// Frame answers at the other origins: with a frame for a learner's programs.
func (a *Site) Frame() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /sandbox", frameHeaders(a.aboutOrigins(), http.HandlerFunc(a.pages.sandbox)))
	for _, script := range []string{"sandbox", "prelude"} {
		mux.Handle("GET "+a.pages.static.URL("js/sandbox/"+script+".js"), typed(a.pages.static))
	}
	return a.logged(hurry(a.checkHost(a.record(mux)))) // which records nothing of these
}

// aboutOrigins are the paths of the experiments that are about origins.
func (a *Site) aboutOrigins() (paths []string) {
	for _, e := range a.experiments {
		if e.Origins {
			paths = append(paths, "/play/"+e.ID+"/")
		}
	}
	return paths
}

// frameHeaders hold a learner's code that has an origin: it may connect to paths
// of the host that it came from, and only a page of that host may
// have it in a frame. The port is any: that of a container may be another
// outside.
func frameHeaders(paths []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var connect, ancestors string
		for _, host := range namesOf(hostOf(r)) {
			at := net.JoinHostPort(host, "*")
			for _, scheme := range []string{"http", "https", "ws", "wss"} {
				for _, path := range paths {
					connect += " " + scheme + "://" + at + path
				}
			}
			ancestors += " http://" + at + " https://" + at
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "sandbox allow-scripts allow-same-origin; default-src 'none'; script-src 'self' blob:; worker-src blob:; "+
			"connect-src"+connect+"; base-uri 'none'; form-action 'none'; frame-ancestors"+ancestors)
		h.Set("Cache-Control", "no-cache")
		safeHeaders(h)
		next.ServeHTTP(w, r)
	})
}

// origins are where a learner's programs can come from, for a visitor: by the
// values of the experiment's control.
func (l *Listeners) origins(r *http.Request) view.Origins {
	origins := view.Origins{}
	add := func(name, host string, a net.Addr) {
		if origin := l.origin(r, host, a); origin != "" {
			origins[name] = origin
		}
	}
	host := hostOf(r)
	add("own", host, l.Own)
	add("port", host, l.Foreign)
	for _, other := range namesOf(host)[1:] {
		add("site", other, l.Foreign)
	}
	return origins
}

// frames are the same, as a policy names what a page may have in a frame.
func (l *Listeners) frames(r *http.Request) string {
	sources := ""
	for _, origin := range slices.Sorted(maps.Values(l.origins(r))) {
		sources += " " + origin
	}
	return sources
}

// ownOrigins are those that the experiment's server has on its list.
func (l *Listeners) ownOrigins(r *http.Request) []string {
	if own := l.origin(r, hostOf(r), l.Own); own != "" {
		return []string{own}
	}
	return nil
}

// origin is where a visitor finds a listener under a host's name; "" where
// nothing is there that a page of theirs can have in a frame.
func (l *Listeners) origin(r *http.Request, host string, a net.Addr) string {
	if a == nil || r.TLS != nil {
		// These listeners have no TLS. A page that has takes no frame without,
		// and where it does, http and https are two sites to a browser
		// (RFC 6265bis §5.2.1): the cookie that the lesson is about stays behind.
		return ""
	}
	at, _ := url.Parse(base(r)) // of a proxy that has TLS, the scheme is https
	at.Host = net.JoinHostPort(host, port(a))
	return at.String()
}

// hostOf is the name by which a visitor came, without the port.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

// namesOf are the names of a host, this one first. Of another machine one is
// known; this one has two, which to a browser are two sites.
func namesOf(host string) []string {
	switch host {
	case "localhost":
		return []string{host, "127.0.0.1"}
	case "127.0.0.1":
		return []string{host, "localhost"}
	}
	return []string{host}
}
