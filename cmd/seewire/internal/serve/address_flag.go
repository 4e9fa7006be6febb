package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// An addressFlag is a flag that says where to listen, and values that it takes:
// what a person is told to try is what works.
type addressFlag struct {
	name    string
	usual   string
	network string // for others than this machine
	other   string // where the usual port is taken
	free    string // any port
}

var (
	addrFlag    = addressFlag{"-addr", "localhost:8080", ":8080", "localhost:8081", "localhost:0"}
	tlsFlag     = addressFlag{"-tls", "localhost:8443", ":8443", "localhost:9443", Beside}
	originsFlag = addressFlag{"-origins", "localhost:8081,localhost:8082", ":8081,:8082", "localhost:8091,localhost:8092", Beside}
)

// listen turns the commonest failures into answers.
func listen(ctx context.Context, flag addressFlag, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	_, port, _ := net.SplitHostPort(addr)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %s is taken by another program (perhaps another Seewire).\n"+
			"Stop that one, or choose another port: %s %s, or any free one: %[2]s %[4]s", port, flag.name, flag.other, flag.free)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s.\nPorts above 1023 need no rights: %s %s", addr, flag.name, flag.usual)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return nil, fmt.Errorf("%s is no address of this machine.\nListen on all that it has with %s %s\nor for this machine alone with %[2]s %[4]s", addr, flag.name, flag.network, flag.usual)
	default:
		return nil, fmt.Errorf("listen on %s: %w\nGive a host and a port, such as %s %s or %[3]s %[5]s", addr, err, flag.name, flag.usual, flag.network)
	}
}

// Beside is the value of -tls and of -origins that finds ports by itself, where
// the plain listener is.
const Beside = "auto"

// securePort is the one that Beside takes for TLS if it is free, so that an
// exception which a browser has made for its certificate goes on to count.
const securePort = 8443

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

// Address is where a browser on this machine finds a listener.
func Address(scheme string, a net.Addr) string {
	host := "localhost"
	if ip := a.(*net.TCPAddr).IP; !ip.IsLoopback() && !ip.IsUnspecified() {
		host = ip.String()
	}
	return scheme + "://" + net.JoinHostPort(host, port(a))
}

func port(a net.Addr) string { return strconv.Itoa(a.(*net.TCPAddr).Port) }

// LANHosts are the addresses under which the rest of a workshop finds this
// machine, where it listens on all of them.
func LANHosts(a net.Addr) (hosts []string) {
	if !a.(*net.TCPAddr).IP.IsUnspecified() {
		return nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil // a convenience: nothing is lost without it
	}
	for _, one := range all {
		if ip, ok := one.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			hosts = append(hosts, ip.IP.String())
		}
	}
	return hosts
}
