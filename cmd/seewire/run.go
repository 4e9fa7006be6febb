package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cli/browser"

	"seewire/playground"
	"seewire/playground/wire"
)

// grace is how long open streams have to end after the first signal. With what
// comes after, and with a second and a half to spare where the machine is busy,
// the process is gone within five seconds.
const grace = 3 * time.Second

// run serves until ctx ends, then ends the open streams and returns.
func run(ctx context.Context, args []string, out io.Writer) error {
	opts, err := parseFlags(args, out)
	if err != nil {
		return err
	}
	if opts.health {
		return checkHealth(ctx, opts.addr)
	}

	// Streams end when life does; its cause is what they are told.
	life, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)

	captures := wire.NewStore(captureLimits(opts.memory))
	defer captures.Close()
	app, err := newApp(life, opts, captures)
	if err != nil {
		return err
	}

	plain, err := listen(ctx, addrFlag, opts.addr)
	if err != nil {
		return err
	}
	app.listeners.plain = plain.Addr()
	secure, notice, err := app.secureServices(ctx, opts)
	if err != nil {
		plain.Close()
		return err
	}
	services := append([]service{app.service(wire.Listen(plain))}, secure...)
	others, said, err := app.originServices(ctx, opts)
	if err != nil {
		closeAll(services)
		return err
	}
	services = append(services, others...)
	behind, err := app.backendServices(ctx)
	if err != nil {
		closeAll(services)
		return err
	}
	services = append(services, behind...)
	served := make(chan error, len(services))
	for _, s := range services {
		go func() { served <- s.server.Serve(s.listener) }()
	}

	home := address("http", plain.Addr())
	fmt.Fprintf(out, "Seewire is at %s\n", home)
	if len(secure) > 0 {
		fmt.Fprintf(out, "      and at %s, with HTTP/2\n", address("https", app.listeners.secure))
	}
	for _, host := range lanHosts(plain.Addr()) {
		fmt.Fprintf(out, "      and at http://%s\n", net.JoinHostPort(host, port(plain.Addr())))
	}
	for _, notice := range []string{app.listeners.saysNames(), notice, said} {
		if notice != "" {
			fmt.Fprintln(out, notice)
		}
	}
	if n := len(app.pages.edition.Load().course.Problems); n > 0 {
		fmt.Fprintf(out, "There are mistakes in the content (%d). The pages show them; so does: seewire lint -content %s\n", n, opts.content)
	}
	fmt.Fprintln(out, "Press Ctrl-C to stop.")
	if opts.open {
		if err := browser.OpenURL(home); err != nil {
			fmt.Fprintln(out, "Open that address in a browser.")
		}
	}

	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}

	// Shutdown waits for event streams and does not know of hijacked
	// connections, so the streams are told to end first: SSE handlers return,
	// WebSockets send a close frame with 1001.
	end(playground.ErrServerClosing)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace+500*time.Millisecond)
	defer cancel()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		var all sync.WaitGroup
		for _, s := range services {
			all.Go(func() { s.server.Shutdown(last) })
		}
		all.Wait()
	}()
	ended := make(chan struct{})
	go func() { defer close(ended); app.wait(last) }()
	for _, c := range []struct {
		done <-chan struct{}
		wait time.Duration
	}{
		{ended, grace},                    // for the answer to a close frame
		{stopped, 200 * time.Millisecond}, // for a page that is being sent
	} {
		select {
		case <-c.done:
		case <-time.After(c.wait):
		}
	}
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		for _, s := range services {
			s.listener.CloseConns() // whoever did not take the hint is cut off
		}
		<-ended
		<-stopped
	}()
	select {
	case <-cut:
	case <-time.After(time.Second):
		return nil // so busy is the machine: the end of the process closes the rest
	}
	for range services {
		// The two that share the port of TLS close it for each other.
		if err := <-served; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("serve: %w", err)
		}
	}
	return nil
}

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
	tlsFlag     = addressFlag{"-tls", "localhost:8443", ":8443", "localhost:9443", besideAddr}
	originsFlag = addressFlag{"-origins", "localhost:8081,localhost:8082", ":8081,:8082", "localhost:8091,localhost:8092", besideAddr}
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
		return nil, fmt.Errorf("%s is no address of this machine.\nListen on all that it has: %s %s, or for this machine alone: %[2]s %[4]s", addr, flag.name, flag.network, flag.usual)
	default:
		return nil, fmt.Errorf("listen on %s: %w\nGive a host and a port, such as %s %s or %[3]s %[5]s", addr, err, flag.name, flag.usual, flag.network)
	}
}

// address is where a browser on this machine finds a listener.
func address(scheme string, a net.Addr) string {
	host := "localhost"
	if ip := a.(*net.TCPAddr).IP; !ip.IsLoopback() && !ip.IsUnspecified() {
		host = ip.String()
	}
	return scheme + "://" + net.JoinHostPort(host, port(a))
}

func port(a net.Addr) string { return strconv.Itoa(a.(*net.TCPAddr).Port) }

// lanHosts are the addresses under which the rest of a workshop finds this
// machine, where it listens on all of them.
func lanHosts(a net.Addr) (hosts []string) {
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

// checkHealth is what a container asks: an empty image has no curl.
func checkHealth(ctx context.Context, addr string) error {
	if strings.HasPrefix(addr, ":") {
		addr = "127.0.0.1" + addr
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+addr+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s", resp.Status)
	}
	return nil
}
