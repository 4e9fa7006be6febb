// Package serve has a site listen, in plain text, through TLS, at other origins
// and for the servers behind experiments, and ends all that in good order.
package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"seewire/cmd/seewire/internal/site"
	"seewire/playground/wire"
)

// Options are where to listen.
type Options struct {
	Addr    string
	TLS     string // an address, Beside, or "off" or "" for none
	Cert    string // files, or "" for a certificate of its own
	Key     string
	Origins string       // two addresses with a comma between them, Beside, or "off"
	Hosts   []string     // names to answer to beside the machine's own
	Log     *slog.Logger // nil for none
}

// Services are the servers of a site, which all listen.
type Services struct {
	Notices []string // what a person has to know about them

	site    *site.Site
	options Options
	life    context.Context
	all     []service
}

// Listen listens for a site, whose requests end with life.
func Listen(ctx, life context.Context, s *site.Site, o Options) (*Services, error) {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	services := &Services{site: s, options: o, life: life}
	for _, listen := range []func(context.Context) error{services.plain, services.secure, services.origins, services.backends} {
		if err := listen(ctx); err != nil {
			closeAll(services.all)
			return nil, err
		}
	}
	return services, nil
}

func (s *Services) add(services ...service) { s.all = append(s.all, services...) }

func (s *Services) say(notice string) { s.Notices = append(s.Notices, notice) }

func (s *Services) plain(ctx context.Context) error {
	l, err := listen(ctx, addrFlag, s.options.Addr)
	if err != nil {
		return err
	}
	s.site.Listeners.Plain = l.Addr()
	s.add(s.service(wire.Listen(l), s.site.Handler()))
	return nil
}

// secure serves what comes through TLS: first HTTP/1.1, then HTTP/2; nothing
// with -tls=off. With -tls=auto a failure is a notice and no error.
func (s *Services) secure(ctx context.Context) error {
	switch s.options.TLS {
	case "", "off":
		return nil
	case Beside:
		l, err := listenBeside(ctx, s.site.Listeners.Plain)
		if err != nil {
			s.say("There is no HTTP/2: " + err.Error())
			return nil
		}
		c, err := s.serveSecure(l, s.options.Addr)
		if err != nil && s.options.Cert == "" {
			s.say("There is no HTTP/2: " + err.Error())
			return nil
		}
		if c.file != "" {
			s.say("A browser warns of the certificate there, once: nobody vouches for it. -tls off does without.")
		}
		s.Notices = append(s.Notices, c.notes...)
		return err
	}
	l, err := listen(ctx, tlsFlag, s.options.TLS)
	if err != nil {
		return err
	}
	c, err := s.serveSecure(l, s.options.TLS)
	if c.file != "" {
		s.say(trust(c.file))
	}
	s.Notices = append(s.Notices, c.notes...)
	return err
}

// serveSecure serves what comes through TLS on a listener, whose certificate
// has the host of an address among its own.
func (s *Services) serveSecure(l net.Listener, addr string) (certificate, error) {
	c, err := findCertificate(s.options, certificateHosts(l.Addr(), addr, s.options.Hosts))
	if err != nil {
		l.Close()
		return c, err
	}
	s.site.Listeners.Secure = l.Addr()
	secure := newSecureListener(l, c.Certificate, s.options.Log)
	http1 := s.service(wire.Listen(secure.http1), s.site.Handler())
	http2 := s.service(wire.ListenHTTP2(secure.http2, s.site.Choose), s.site.Handler())
	// The handshake has chosen HTTP/2 already, and is over: for the server these
	// connections have no TLS.
	http2.server.Protocols = new(http.Protocols)
	http2.server.Protocols.SetUnencryptedHTTP2(true)
	s.add(http1, http2)
	return c, nil
}

// origins serves the two other origins; nothing with -origins=off. With
// -origins=auto a failure is a notice and no error.
func (s *Services) origins(ctx context.Context) error {
	var addresses []string
	switch s.options.Origins {
	case "off":
		return nil
	case Beside:
		free := net.JoinHostPort(s.site.Listeners.Plain.(*net.TCPAddr).IP.String(), "0")
		addresses = []string{free, free}
	default:
		addresses = strings.Split(s.options.Origins, ",") // two, as the flag's check has seen
	}
	var services []service
	for i, at := range []*net.Addr{&s.site.Listeners.Own, &s.site.Listeners.Foreign} {
		l, err := listen(ctx, originsFlag, addresses[i])
		if err == nil {
			services = append(services, s.service(wire.Listen(l), s.site.Frame()))
			*at = l.Addr()
			continue
		}
		closeAll(services)
		s.site.Listeners.Own = nil
		if s.options.Origins == Beside {
			s.say("There are no other origins: " + err.Error())
			return nil
		}
		return err
	}
	s.add(services...)
	return nil
}

// backendHop is how captures name the part of the way between an experiment's
// proxy and the server behind it.
const backendHop = "backend"

// backends listens for the servers behind the experiments, each on a port of the
// loopback.
func (s *Services) backends(ctx context.Context) error {
	for _, b := range s.site.Backends() {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("listen for the servers behind experiments: %w", err)
		}
		one := s.service(wire.Listen(l), b.Handler)
		one.listener.Hop = backendHop
		one.server.WriteTimeout = b.WriteTimeout
		s.add(one)
		s.site.Reach(b, l.Addr())
	}
	return nil
}

// grace is how long open streams have to end after the first signal. With what
// comes after, and with a second and a half to spare where the machine is busy,
// the process is gone within five seconds.
const grace = 3 * time.Second

// Serve serves until ctx ends. Then it ends what is open, and calls end first,
// which ends the life of the site.
func (s *Services) Serve(ctx context.Context, end func()) error {
	served := make(chan error, len(s.all))
	for _, one := range s.all {
		go func() { served <- one.server.Serve(one.listener) }()
	}
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end()
	if !s.shutdown(context.WithoutCancel(ctx)) {
		return nil // the machine is so busy that exiting closes the rest
	}
	for range s.all {
		// The two that share the port of TLS close it for each other.
		if err := <-served; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("serve: %w", err)
		}
	}
	return nil
}

// shutdown waits for what is open, and then cuts it off. It reports whether all
// is closed.
//
// http.Server.Shutdown waits for event streams and does not know of hijacked
// connections. That is why the life of the site has ended before: SSE handlers
// return, WebSockets send a close frame with 1001.
func (s *Services) shutdown(ctx context.Context) bool {
	last, cancel := context.WithTimeout(ctx, grace+500*time.Millisecond)
	defer cancel()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		var all sync.WaitGroup
		for _, one := range s.all {
			all.Go(func() { one.server.Shutdown(last) })
		}
		all.Wait()
	}()
	ended := make(chan struct{})
	go func() { defer close(ended); s.site.Wait(last) }()
	wait(ended, grace)                  // for the answer to a close frame
	wait(stopped, 200*time.Millisecond) // for a page that is being sent

	cut := make(chan struct{})
	go func() {
		defer close(cut)
		for _, one := range s.all {
			one.listener.CloseConns()
		}
		<-ended
		<-stopped
	}()
	return wait(cut, time.Second)
}

// wait reports whether something is done within a time.
func wait(done <-chan struct{}, longest time.Duration) bool {
	select {
	case <-done:
		return true
	case <-time.After(longest):
		return false
	}
}
