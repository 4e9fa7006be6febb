package program

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"seewire/bus"
	"seewire/cmd/seewire/internal/serve"
	"seewire/cmd/seewire/internal/site"
	"seewire/cmd/seewire/internal/terminal"
	"seewire/playground/experiments/chat"
)

// Options are what a person who hosts Seewire can set.
type Options struct {
	Serve  serve.Options
	Site   site.Options
	Bus    bus.Options
	Open   bool
	Health bool
	Level  slog.Level
}

func ParseFlags(args []string, out io.Writer) (Options, error) {
	var o Options
	var mebibytes, tokens int
	var model *url.URL
	var name string
	flags := flag.NewFlagSet("seewire", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, "Usage: seewire [flags]               serves the course\n"+
			"       seewire watch [flags] TARGET  shows what goes to a server of your own (seewire watch -h)\n"+
			"       seewire check [flags] URL     says what is wrong with a stream (seewire check -h)\n"+
			"       seewire dissect [flags] FILE  prints what is in a file (seewire dissect -h)\n"+
			"       seewire new SLUG -content DIR begins a lesson of your own (seewire new -h)\n"+
			"       seewire lint [-content DIR]   says what is wrong with the content (seewire lint -h)\n\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.Serve.Addr, "addr", "localhost:8080", "`host:port` to listen on; :8080 lets the whole network in")
	flags.StringVar(&o.Serve.TLS, "tls", serve.Beside, "`host:port` for TLS with HTTP/2; auto: beside -addr, on port 8443 or a free one; off: none")
	flags.StringVar(&o.Serve.Cert, "cert", "", "`file` with the certificate for -tls; without it one is made, and kept")
	flags.StringVar(&o.Serve.Key, "key", "", "`file` with the key of -cert")
	flags.StringVar(&o.Serve.Origins, "origins", serve.Beside, "`host:port,host:port` of two more origins, for the lesson about strangers; auto: beside -addr, on free ports; off: none")
	flags.Func("host", "`name` by which others reach this server, such as the one that a proxy passes on; several with commas or several times; * for any", func(value string) error {
		for name := range strings.SplitSeq(value, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			if !site.IsName(name) {
				return errors.New("a name has no scheme and no port, as in -host course.example.com")
			}
			o.Site.Hosts = append(o.Site.Hosts, name)
		}
		return nil
	})
	flags.BoolVar(&o.Open, "open", isatty.IsTerminal(os.Stdout.Fd()), "open the browser; the default is true in a terminal")
	flags.IntVar(&o.Site.Streams, "streams", 10000, "event streams and sockets that may be open at once; an address may have half of them")
	flags.DurationVar(&o.Site.Limit, "limit", 2*time.Minute, "how long one stream may last")
	flags.IntVar(&mebibytes, "memory", 512, "`MiB` of captures to keep; the oldest go first")
	flags.Func("trust-proxy", "`addresses` and networks of the proxies in front, as in 127.0.0.1,10.0.0.0/8: their X-Forwarded-For says whose share of the limits a request takes", func(list string) (err error) {
		o.Site.Proxies, err = site.ParseProxies(list)
		return err
	})
	flags.StringVar((*string)(&o.Site.Content), "content", "", "`folder` with lessons, terms and words that lie over the course; an edit shows at once")
	flags.StringVar(&o.Site.Data, "data", "", "`folder` that keeps a class over a restart; without it the teacher's page opens it again")
	flags.Func("model", "base `URL` of a real model behind the first lesson and /v1: of any server with OpenAI's chat completions, as in https://api.openai.com/v1; its key is in SEEWIRE_MODEL_KEY", func(value string) (err error) {
		model, err = parseModel(value)
		return err
	})
	flags.StringVar(&name, "model-name", "", "the only `model` of -model that is asked; without it any that it lists may be, and the first is by pages")
	flags.IntVar(&tokens, "model-tokens", 200_000, "`tokens` that all answers of -model together may take in an hour; an address may take half")
	flags.StringVar(&o.Bus.URL, "nats", "", "`URL` of a NATS server that joins several servers of Seewire to one site, as in nats://localhost:4222 or tls://nats.example.com; several of a cluster with commas; SEEWIRE_NATS says it, too, for one with a password in it")
	flags.StringVar(&o.Bus.Credentials, "nats-creds", "", "`file` with the credentials for -nats")
	flags.StringVar(&o.Bus.CA, "nats-ca", "", "`file` with the authorities that may have signed the certificate of -nats; without it the system's")
	flags.StringVar(&o.Bus.Cert, "nats-cert", "", "`file` with a certificate of this server for -nats")
	flags.StringVar(&o.Bus.Key, "nats-key", "", "`file` with the key of -nats-cert")
	flags.TextVar(&o.Level, "log", slog.LevelInfo, "`level` of what is logged on the standard error: error, warn (also requests for which there was no place), info, or debug (also what is no request, and the errors that experiments are about)")
	flags.BoolVar(&o.Health, "health", false, "ask the server at -addr whether it is well, and exit 0 if so")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, terminal.ErrUsage
	}
	usage := func(format string, a ...any) (Options, error) {
		fmt.Fprintf(out, format+"\n", a...)
		flags.Usage()
		return o, terminal.ErrUsage
	}
	o.Bus.URL = cmp.Or(o.Bus.URL, os.Getenv("SEEWIRE_NATS"))
	switch {
	case flags.NArg() > 0:
		return usage("unexpected argument %q", flags.Arg(0))
	case o.Site.Streams < 1:
		return usage("-streams must be at least 1")
	case o.Site.Limit < time.Second:
		return usage("-limit must be at least 1s")
	case mebibytes < 16:
		return usage("-memory must be at least 16")
	case tokens < 4096:
		return usage("-model-tokens must be at least 4096: an answer takes up to 2048")
	case model == nil && name != "":
		return usage("-model-name is for -model")
	case o.Bus.URL == "" && o.Bus != (bus.Options{}):
		return usage("-nats-creds, -nats-ca, -nats-cert and -nats-key are for -nats")
	case (o.Bus.Cert == "") != (o.Bus.Key == ""):
		return usage("-nats-cert and -nats-key go together")
	case (o.Serve.Cert == "") != (o.Serve.Key == ""):
		return usage("-cert and -key go together")
	case o.Serve.Origins != serve.Beside && o.Serve.Origins != "off" && strings.Count(o.Serve.Origins, ",") != 1:
		return usage("-origins wants two addresses, as in -origins localhost:8081,localhost:8082")
	case o.Serve.Cert != "" && (o.Serve.TLS == "" || o.Serve.TLS == "off"):
		return usage("-cert and -key are for -tls")
	}
	if model != nil {
		o.Site.Model = chat.NewUpstream(model, os.Getenv("SEEWIRE_MODEL_KEY"), name, tokens)
	}
	o.Serve.Hosts = o.Site.Hosts
	o.Site.Memory = int64(mebibytes) << 20
	return o, nil
}

// parseModel reads the base URL of a model's server.
func parseModel(value string) (*url.URL, error) {
	base, err := url.Parse(value)
	switch {
	case err != nil:
		return nil, errors.New("it can't be read as a URL") // without the URL, in which there may be a key
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, errors.New("it begins with http:// or https:// and names a host, as in http://localhost:11434/v1")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("it has no user, no query and no fragment: the key belongs into SEEWIRE_MODEL_KEY")
	}
	return base, nil
}
