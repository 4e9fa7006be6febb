package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/cli/browser"

	"seewire/playground"
	"seewire/playground/wire"
)

// grace is how long open streams have to end after the first signal. With what
// comes after, the process is gone within five seconds.
const grace = 4 * time.Second

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

	plain, err := listen(ctx, opts.addr)
	if err != nil {
		return err
	}
	listener := wire.Listen(plain)
	server := &http.Server{
		Handler:           app.routes(),
		BaseContext:       func(net.Listener) context.Context { return life },
		ConnContext:       wire.ConnContext,
		ConnState:         wire.ConnState,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          quietLog(),
		// No WriteTimeout: it would cut every event stream. Each write of a
		// stream has a deadline of its own instead.
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	home := "http://" + browsable(plain.Addr())
	fmt.Fprintf(out, "Seewire is at %s\n", home)
	for _, other := range lanAddresses(plain.Addr()) {
		fmt.Fprintf(out, "      and at %s\n", other)
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
	go func() { defer close(stopped); server.Shutdown(last) }()
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
	listener.CloseConns() // whoever did not take the hint is cut off
	<-ended
	<-stopped
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// listen turns the commonest failure into an answer.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		_, port, _ := net.SplitHostPort(addr)
		return nil, fmt.Errorf("port %s is taken by another program (perhaps another Seewire).\n"+
			"Stop that one, or choose another port: -addr localhost:8081, or any free one: -addr localhost:0", port)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s.\nPorts above 1023 need no rights: -addr localhost:8080", addr)
	default:
		return nil, fmt.Errorf("listen on %s: %w\nGive a host and a port, such as -addr localhost:8080 or -addr :8080", addr, err)
	}
}

// browsable is the address as one types it into a browser on this machine.
func browsable(a net.Addr) string {
	tcp := a.(*net.TCPAddr)
	if tcp.IP.IsLoopback() || tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return tcp.String()
}

// lanAddresses are the addresses under which the rest of a workshop finds this
// machine, where it listens on all of them.
func lanAddresses(a net.Addr) []string {
	tcp := a.(*net.TCPAddr)
	if !tcp.IP.IsUnspecified() {
		return nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil // a convenience: nothing is lost without it
	}
	var urls []string
	for _, one := range all {
		if ip, ok := one.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			urls = append(urls, fmt.Sprintf("http://%s:%d", ip.IP, tcp.Port))
		}
	}
	return urls
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
