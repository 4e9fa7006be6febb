package site

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
)

// A page of any site can have its own name lead here: its DNS answers with the
// address of this machine, and to a browser the page and this server are then one
// origin (DNS rebinding). So the server answers to names that such a page can't
// have, and to those that -host gives it.

// hostname is what may be in a Host header: it goes into policies and into the
// addresses of a page's head. A count in the expression would be as many times its code,
// which takes its time at every start of the program.
var hostname = regexp.MustCompile(`^[A-Za-z0-9.:\[\]_-]+$`)

func isHostname(s string) bool { return len(s) <= 255 && hostname.MatchString(s) }

// IsName says whether a text may be a -host.
func IsName(s string) bool {
	return s == AnyHost || isHostname(s) && !strings.Contains(s, ":")
}

// AnyHost is the -host that answers to every name. It is for a server that only
// a proxy reaches, which knows the names itself.
const AnyHost = "*"

// checkHost refuses a request for a name that is not this server's. The health
// check, which says nothing, is answered under any.
func (a *Site) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !isHostname(r.Host):
			http.Error(w, "the Host header is not a host", http.StatusBadRequest)
		case !a.Listeners.answersTo(hostOf(r)) && r.URL.Path != "/healthz":
			http.Error(w, fmt.Sprintf("Seewire does not answer to the name %[1]s here, because a page of another site could have made it lead to this machine.\n"+
				"If the name is yours, start it with: seewire -host %[1]s\n"+
				"这台 Seewire 不接受 %[1]s 这个名字：别的网站的页面可能把这个名字指向了这台机器。\n"+
				"如果这是你自己的名字，请这样启动：seewire -host %[1]s", hostOf(r)), http.StatusMisdirectedRequest)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// answersTo says whether a request may name the host. Where only this machine
// reaches the server, that is the loopback; in a network also an address, which
// nobody's DNS decides about, a name without a dot, which no page has, and the
// machine's own.
func (l *Listeners) answersTo(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	ip := net.ParseIP(host)
	switch {
	case host == "localhost", strings.HasSuffix(host, ".localhost"), ip != nil && ip.IsLoopback(): // RFC 6761 §6.3
		return true
	case slices.Contains(l.names, host), slices.Contains(l.names, AnyHost):
		return true
	case !l.inNetwork():
		return false
	}
	return ip != nil || !strings.Contains(host, ".") || slices.Contains(ownNames(), host)
}

// inNetwork says whether others than this machine reach the server.
func (l *Listeners) inNetwork() bool {
	for _, a := range []net.Addr{l.Plain, l.Secure, l.Own, l.Foreign} {
		if tcp, ok := a.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
			return true
		}
	}
	return false
}

// ownNames are those under which a network knows the machine (RFC 6762 §3).
func ownNames() []string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return nil
	}
	name = strings.ToLower(name)
	first, _, _ := strings.Cut(name, ".")
	return []string{name, first + ".local"}
}

// SaysNames tells what a server in a network answers to; "" for one that is not
// in any.
func (l *Listeners) SaysNames() string {
	switch {
	case !l.inNetwork():
		return ""
	case slices.Contains(l.names, AnyHost):
		return "It answers to any name."
	}
	names := slices.Concat([]string{"localhost"}, ownNames(), l.names)
	return "It answers to addresses and to " + strings.Join(slices.Compact(names), ", ") + ". Another name that leads here: -host NAME"
}
