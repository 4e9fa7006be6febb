package site

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the addresses of the proxies in front of this server, of which
// -trust-proxy says that they tell the truth about whom they stand for.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks with commas between them.
func ParseProxies(list string) (all Proxies, err error) {
	for one := range strings.SplitSeq(list, ",") {
		prefix, err := netip.ParsePrefix(one)
		if err != nil {
			ip, err := netip.ParseAddr(one)
			if err != nil {
				return nil, fmt.Errorf("%q is neither an address nor a network", one)
			}
			prefix = netip.PrefixFrom(ip, ip.BitLen())
		}
		all = append(all, prefix)
	}
	return all, nil
}

// client returns the address of who sent a request, with a port, for the address
// that the connection comes from. Each proxy has added the address that it was
// asked from at the end of X-Forwarded-For. So they are read from there, as long
// as they are those of proxies; whatever stands before is what the client says.
func (p Proxies) client(peer string, h http.Header) string {
	if len(p) == 0 {
		return peer
	}
	hops := strings.Split(strings.Join(h.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !p.trusts(peer) {
			break
		}
		ip, err := parseHop(strings.TrimSpace(hop))
		if err != nil {
			break // not from a proxy: what is known is the last one
		}
		peer = netip.AddrPortFrom(ip, 0).String()
	}
	return peer
}

func (p Proxies) trusts(peer string) bool {
	at, err := netip.ParseAddrPort(peer)
	return err == nil && slices.ContainsFunc(p, func(one netip.Prefix) bool {
		return one.Contains(at.Addr().Unmap().WithZone(""))
	})
}

// parseHop reads an address; some proxies add the port.
func parseHop(hop string) (netip.Addr, error) {
	if at, err := netip.ParseAddrPort(hop); err == nil {
		return at.Addr(), nil
	}
	return netip.ParseAddr(hop)
}

// forwarded has requests come from the client that a proxy tells of, as far as
// limits are concerned.
func (a *Site) forwarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = a.proxies.client(r.RemoteAddr, r.Header)
		next.ServeHTTP(w, r)
	})
}
