// Package program serves the site: the flags, and the phases of a run.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cli/browser"

	"seewire/bus"
	"seewire/cmd/seewire/internal/serve"
	"seewire/cmd/seewire/internal/site"
	"seewire/playground"
	"seewire/playground/wire"
)

// Run serves until ctx ends, then ends the open streams and returns.
func Run(ctx context.Context, args []string, out io.Writer) error {
	opts, err := ParseFlags(args, out)
	if err != nil {
		return err
	}
	if opts.Health {
		return checkHealth(ctx, opts.Serve.Addr)
	}

	captures := wire.NewStore(site.CaptureLimits(opts.Site.Memory))
	defer captures.Close()
	return serveSite(ctx, opts, captures, func(s *site.Site, services *serve.Services) string {
		announce(out, s, services, opts)
		return serve.Address("http", s.Listeners.Plain)
	}, out)
}

// serveSite serves a site until ctx ends. Say is called when it listens; it returns
// the address that the browser opens.
func serveSite(ctx context.Context, opts Options, captures *wire.Store, say func(*site.Site, *serve.Services) string, out io.Writer) error {
	// Streams end when life does; its cause is what they are told.
	life, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: opts.Level}))
	opts.Site.Log, opts.Serve.Log = logger, logger
	opts.Bus.Log = logger
	between, err := bus.New(opts.Bus)
	if err != nil {
		return err
	}
	defer between.Close()
	s, err := site.New(life, opts.Site, captures, between)
	if err != nil {
		return err
	}
	services, err := serve.Listen(ctx, life, s, opts.Serve)
	switch {
	case ctx.Err() != nil: // a signal came while all that was made
		return nil
	case err != nil:
		return err
	}
	home := say(s, services)
	fmt.Fprintln(out, "Press Ctrl-C to stop.")
	if opts.Open {
		if err := browser.OpenURL(home); err != nil {
			fmt.Fprintln(out, "Open that address in a browser.")
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go checkLater(ctx, s, stop)
	err = services.Serve(ctx, func() { end(playground.ErrServerClosing) })
	if m, ok := errors.AsType[mistake](context.Cause(ctx)); ok {
		return m.error
	}
	return err
}

// checkLater checks what the program has in it when the first page is out: that takes
// half a second of the processor. A mistake ends the program.
func checkLater(ctx context.Context, s *site.Site, stop context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(time.Second):
	}
	if err := s.Check(); err != nil {
		stop(mistake{err})
	}
}

// A mistake is in what the program has in it.
type mistake struct{ error }

// announce says where the site is.
func announce(out io.Writer, s *site.Site, services *serve.Services, opts Options) {
	plain := s.Listeners.Plain
	home := serve.Address("http", plain)
	fmt.Fprintf(out, "Seewire is at %s\n", home)
	if s.Listeners.Secure != nil {
		fmt.Fprintf(out, "      and at %s, with HTTP/2\n", serve.Address("https", s.Listeners.Secure))
	}
	for _, address := range s.Listeners.Reached() {
		fmt.Fprintf(out, "      and at http://%s; a class joins at http://%[1]s/c\n", address)
	}
	if names := s.Listeners.SaysNames(); names != "" {
		fmt.Fprintln(out, names)
	}
	for _, notice := range services.Notices {
		fmt.Fprintln(out, notice)
	}
	if n := s.Mistakes(); n > 0 {
		fmt.Fprintf(out, "There are mistakes in the content (%d). The pages show them; so does: seewire lint -content %s\n", n, opts.Site.Content)
	}
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
