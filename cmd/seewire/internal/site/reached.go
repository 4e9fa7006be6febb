package site

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// Reached are the addresses at which others in the network find this server, with
// its port: those that a class is most likely to reach come first. There are none
// where only this machine reaches it.
func (l *Listeners) Reached() []string {
	tcp, ok := l.Plain.(*net.TCPAddr)
	switch {
	case !ok || tcp.IP.IsLoopback():
		return nil
	case !tcp.IP.IsUnspecified():
		return []string{tcp.String()}
	}
	var own, virtual []string
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil // the system doesn't say
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // it has gone
		}
		for _, a := range addresses {
			network, ok := a.(*net.IPNet)
			if !ok || network.IP.To4() == nil || !network.IP.IsGlobalUnicast() {
				continue // IPv6 can't be read aloud, and a network without IPv4 is rare
			}
			address := net.JoinHostPort(network.IP.String(), port(l.Plain))
			if isVirtual(i.Name) {
				virtual = append(virtual, address)
			} else {
				own = append(own, address)
			}
		}
	}
	return slices.Concat(own, virtual)
}

// isVirtual says whether an interface leads to containers or virtual machines on
// this machine, where no class is.
func isVirtual(name string) bool {
	return slices.ContainsFunc([]string{"docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "cni", "podman"}, func(start string) bool {
		return strings.HasPrefix(name, start)
	})
}

// forClass are the addresses that a class can be told: the one by which the
// teacher came, if it is not the teacher's machine alone, and those of the network.
func (l *Listeners) forClass(r *http.Request) []string {
	var all []string
	if ip := net.ParseIP(strings.Trim(hostOf(r), "[]")); hostOf(r) != "localhost" && !strings.HasSuffix(hostOf(r), ".localhost") && !ip.IsLoopback() {
		all = append(all, base(r))
	}
	for _, address := range l.Reached() {
		if !slices.Contains(all, "http://"+address) {
			all = append(all, "http://"+address)
		}
	}
	return all
}
