package program

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"seewire/cmd/seewire/internal/serve"
	"seewire/cmd/seewire/internal/site"
	"seewire/cmd/seewire/internal/terminal"
	"seewire/playground/wire"
	"seewire/watch"
)

const watchUsage = `Usage: seewire watch [flags] TARGET

Stands in front of a server of your own, or of a model's API, and shows every
exchange as it happens: event streams and WebSockets live, byte by byte. Have
your client ask http://localhost:8090 in place of the target; it changes nothing
but the Host header. It speaks HTTP/1.1 or HTTP/2, as your client does.

  seewire watch http://localhost:3000
  seewire watch https://api.provider.example

`

// watchOptions are those of `seewire watch`.
type watchOptions struct {
	Options
	listen    string
	cert, key string
	watch     watch.Options
}

func parseWatchFlags(args []string, out io.Writer) (watchOptions, error) {
	var o watchOptions
	var mebibytes int
	flags := flag.NewFlagSet("seewire watch", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, watchUsage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.listen, "listen", "localhost:8090", "`host:port` for your clients; :8090 lets the whole network in")
	flags.StringVar(&o.Serve.Addr, "addr", "localhost:8091", "`host:port` of the page that shows what is watched")
	flags.StringVar(&o.cert, "cert", "", "`file` with a certificate, so that your clients can speak TLS, too, and HTTP/2 over it")
	flags.StringVar(&o.key, "key", "", "`file` with the key of -cert")
	flags.BoolVar(&o.watch.Secrets, "secrets", false, "keep Authorization, Cookie, keys and tokens; without it they are covered in all that is kept")
	flags.BoolVar(&o.watch.Insecure, "insecure", false, "do not check the target's certificate")
	flags.IntVar(&mebibytes, "memory", 512, "`MiB` to keep; the oldest exchanges go first")
	flags.BoolVar(&o.Open, "open", isatty.IsTerminal(os.Stdout.Fd()), "open the browser; the default is true in a terminal")
	flags.StringVar((*string)(&o.Site.Content), "content", "", "`folder` with lessons, terms and words that lie over the course")
	flags.TextVar(&o.Level, "log", o.Level, "`level` of what is logged on the standard error: error, warn, info or debug")
	targets, err := terminal.ParseAll(flags, args)
	if err != nil {
		return o, err
	}
	usage := func(format string, a ...any) (watchOptions, error) {
		fmt.Fprintf(out, format+"\n\n", a...)
		flags.Usage()
		return o, terminal.ErrUsage
	}
	switch {
	case len(targets) != 1:
		return usage("name one target, such as http://localhost:3000")
	case mebibytes < 16:
		return usage("-memory must be at least 16")
	case (o.cert == "") != (o.key == ""):
		return usage("-cert and -key go together")
	}
	if o.cert != "" {
		certificate, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return usage("certificate: %v", err)
		}
		o.watch.Certificate = &certificate
	}
	target := targets[0]
	if !strings.Contains(target, "://") {
		target = "http://" + target
	}
	if o.watch.Target, err = url.Parse(target); err != nil {
		return usage("%v", err)
	}
	o.Serve.TLS, o.Serve.Origins = "off", serve.Beside
	o.Site.Memory = int64(mebibytes) << 20
	o.Site.Streams, o.Site.Limit = 10_000, 2*time.Minute
	return o, nil
}

// Watch watches until ctx ends.
func Watch(ctx context.Context, args []string, out io.Writer) error {
	opts, err := parseWatchFlags(args, out)
	if err != nil {
		return err
	}
	// What is watched is kept as long as there is room for it, for days.
	limits := site.CaptureLimits(opts.Site.Memory)
	limits.Captures, limits.Connections, limits.Age = watch.MostRows+1000, 10_000, 365*24*time.Hour
	captures := wire.NewStore(limits)
	defer captures.Close()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", opts.listen)
	if err != nil {
		return fmt.Errorf("listen for your clients: %w; choose another address with -listen", err)
	}
	w, err := watch.New(opts.watch, captures, listener.Addr())
	if errors.Is(err, watch.ErrTarget) {
		return fmt.Errorf("%s can't be watched: an address begins with http or https, names a host, and has no query", opts.watch.Target)
	}
	if err != nil {
		return err
	}
	opts.Site.Watch = &site.Watching{Watch: w, Key: site.NewKey()}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	served := make(chan error, 1)
	go func() {
		err := w.Serve(ctx, listener)
		if err != nil {
			stop(mistake{err})
		}
		served <- err
	}()
	err = serveSite(ctx, opts.Options, captures, func(s *site.Site, _ *serve.Services) string {
		home := serve.Address("http", s.Listeners.Plain) + "/watch#key=" + opts.Site.Watch.Key
		through := "http://" + w.Address()
		fmt.Fprintf(out, "Seewire watches %s\n", opts.watch.Target)
		fmt.Fprintf(out, "   through %s: have your client ask that\n", through)
		if opts.watch.Certificate != nil {
			fmt.Fprintf(out, "   or https://%s\n", w.Address())
		}
		fmt.Fprintf(out, "   and shows it at %s\n", home)
		if opts.watch.Secrets {
			fmt.Fprintln(out, "Keys, tokens and cookies are kept: mind who gets what you export.")
		}
		if !isLoopback(listener.Addr()) {
			fmt.Fprintln(out, "The whole network can reach your server through it.")
		}
		return home
	}, out)
	stop(nil)
	return errors.Join(err, <-served)
}

func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
