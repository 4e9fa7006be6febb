package site

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"seewire/playground"
)

// A Backend is a server behind an experiment, to be listened for.
type Backend struct {
	Handler      http.Handler
	WriteTimeout time.Duration
	host         string // that is dialed
}

// Backends are the servers behind all experiments.
func (a *Site) Backends() (all []Backend) {
	for _, e := range a.experiments {
		for _, b := range e.Backends {
			handler := a.logged(a.checkHost(a.record(a.behind(e, b)))) // the name is the one that the client asked for
			all = append(all, Backend{handler, b.WriteTimeout, b.Host})
		}
	}
	return all
}

// Reach says where a backend listens.
func (a *Site) Reach(b Backend, at net.Addr) { a.backends[b.host] = at.String() }

// behind are the routes of a server behind an experiment.
func (a *Site) behind(e playground.Experiment, b playground.Backend) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/play/"+e.ID+"/sse", a.runner.Behind(e, b.SSE))
	mux.Handle("/play/"+e.ID+"/ws", a.runner.Behind(e, b.WS))
	return mux
}

// dialBackend is a playground.Dial.
func (a *Site) dialBackend(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	addr, ok := a.backends[host]
	if !ok {
		return nil, fmt.Errorf("no server is called %s", host)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}
