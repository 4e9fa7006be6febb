// Package check asks an endpoint what the course teaches: an event stream, or a
// WebSocket. It says what holds and what does not, and shows the bytes that it
// was seen in.
package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Verdict is how something is.
type Verdict string

const (
	Good    Verdict = "good"
	Wrong   Verdict = "wrong"   // a client will lose something by it
	Advice  Verdict = "advice"  // it works, and there is something to know
	Unknown Verdict = "unknown" // it could not be seen from here
)

// A Finding is what was seen of one thing.
type Finding struct {
	Key     string         `json:"key"` // names its words: "check." and the key
	Verdict Verdict        `json:"verdict"`
	Args    map[string]any `json:"args,omitempty"` // for the words
	Seen    string         `json:"seen,omitempty"` // the bytes that it was seen in, at most maxSeen; they may be no text
	Lesson  string         `json:"lesson"`         // the slug of the one that explains it
}

// maxSeen is how many bytes of the wire a finding shows.
const maxSeen = 160

// A Report is all that was found, in the order in which it was looked for.
type Report struct {
	Address  string    `json:"address"`
	Findings []Finding `json:"findings"`
}

// Wrong says whether anything is.
func (r Report) Wrong() bool {
	for _, f := range r.Findings {
		if f.Verdict == Wrong {
			return true
		}
	}
	return false
}

// Options are what to ask, and how.
type Options struct {
	Address *url.URL      // http and https for an event stream, ws and wss for a WebSocket
	Header  http.Header   // is sent as well: a token, for instance
	Body    string        // of an event stream: it is asked for by POST with this body
	Listen  time.Duration // how long it listens for what comes by itself; 20 s if 0
	Strict  bool          // of a WebSocket: sends what no client may send, too
	TLS     *tls.Config   // whom to trust; nil for the system
	PID     int           // the server's process on this machine, to see whether it notices a client that has left; 0 for none
}

// maxListen bounds how long a check listens.
const maxListen = 10 * time.Minute

// short is how long a check waits for an answer.
const short = 5 * time.Second

// ErrAddress says that an address can't be checked.
var ErrAddress = errors.New("check: the address begins with http, https, ws or wss and names a host")

// Run checks an endpoint, with at most a handful of connections, one after the
// other. What the endpoint does wrong is in the report; an error is ErrAddress,
// or the cause of the end of ctx.
func Run(ctx context.Context, o Options) (Report, error) {
	c := &checker{Options: o, report: Report{Address: o.Address.String()}}
	if c.Listen == 0 {
		c.Listen = 20 * time.Second
	}
	c.Listen = min(c.Listen, maxListen)
	if c.Address.Host == "" {
		return c.report, ErrAddress
	}
	switch c.Address.Scheme {
	case "http", "https":
		c.stream(ctx)
	case "ws", "wss":
		c.socket(ctx)
	default:
		return c.report, ErrAddress
	}
	return c.report, context.Cause(ctx)
}

type checker struct {
	Options
	report Report
}

// say adds a finding. Args are names and values by turns.
func (c *checker) say(key string, seen string, args ...any) {
	o, ok := outcomes[key]
	if !ok {
		panic("check: no outcome " + key)
	}
	f := Finding{Key: key, Verdict: o.verdict, Lesson: o.lesson, Seen: seen[:min(len(seen), maxSeen)]}
	for i := 0; i+1 < len(args); i += 2 {
		if f.Args == nil {
			f.Args = map[string]any{}
		}
		f.Args[args[i].(string)] = args[i+1]
	}
	c.report.Findings = append(c.report.Findings, f)
}

func (c *checker) secure() bool { return c.Address.Scheme == "https" || c.Address.Scheme == "wss" }

// hostPort is where to connect to.
func (c *checker) hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[u.Scheme == "https" || u.Scheme == "wss"]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// dial connects to an address, through TLS where it is to be, and records.
func (c *checker) dial(ctx context.Context, address string, secure bool) (*recorder, error) {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil || !secure {
		if err != nil {
			return nil, err
		}
		return record(conn), nil
	}
	through, err := c.handshake(ctx, conn, address, "http/1.1")
	if err != nil {
		return nil, err
	}
	return record(through), nil
}

func (c *checker) handshake(ctx context.Context, conn net.Conn, address string, protocols ...string) (*tls.Conn, error) {
	config := c.TLS.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	config.ServerName, _, _ = net.SplitHostPort(address)
	config.NextProtos = protocols
	through := tls.Client(conn, config)
	if err := through.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return through, nil
}

// unreached says why there is no answer.
func (c *checker) unreached(err error, rec *recorder) {
	var header tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	seen := ""
	if rec != nil {
		seen = string(rec.recorded().Server)
	}
	switch {
	case errors.As(err, &header), errors.Is(err, http.ErrSchemeMismatch):
		c.say("reach.plain", seen)
	case strings.HasPrefix(seen, "\x15\x03"), strings.HasPrefix(seen, "HTTP/1.0 400") && strings.Contains(seen, "HTTPS server"):
		c.say("reach.tls", seen)
	case errors.As(err, &certificate):
		c.say("reach.certificate", "", "error", certificate.Err.Error())
	default:
		c.say("reach.failed", seen, "error", plainError(err))
	}
}

// plainError is an error without the method and address that it was met with.
func plainError(err error) string {
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	var operation *net.OpError
	if errors.As(err, &operation) {
		err = operation.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", short)
	}
	return err.Error()
}

// line is the header line of a name, as it stands in a head; "" if there is none.
func line(head, name string) string {
	for line := range strings.SplitSeq(head, "\r\n") {
		if field, _, ok := strings.Cut(line, ":"); ok && strings.EqualFold(field, name) {
			return line
		}
	}
	return ""
}

// headOf is the bytes of the last head that the server has sent.
func headOf(server []byte) string {
	text := string(server)
	for strings.HasPrefix(text, "HTTP/1.1 1") && !strings.HasPrefix(text, "HTTP/1.1 101") { // interim responses
		_, after, found := strings.Cut(text, "\r\n\r\n")
		if !found {
			break
		}
		text = after
	}
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	return head
}
