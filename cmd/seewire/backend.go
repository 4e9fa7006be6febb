package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"seewire/playground"
	"seewire/playground/wire"
)

// backendHop is how captures name the part of the way between an experiment's
// proxy and the server behind it.
const backendHop = "backend"

// backendServices listen for the servers behind the experiments, each on a port
// of the loopback.
func (a *app) backendServices(ctx context.Context) (services []service, err error) {
	for _, e := range a.experiments {
		for _, b := range e.Backends {
			l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				closeAll(services)
				return nil, fmt.Errorf("listen for the server behind %s: %w", e.ID, err)
			}
			s := a.service(wire.Listen(l))
			s.listener.Hop = backendHop
			s.server.Handler = a.checkHost(a.record(a.behind(e, b))) // the name is the one that the client asked for
			s.server.WriteTimeout = b.WriteTimeout
			services = append(services, s)
			a.backends[b.Host] = l.Addr().String()
		}
	}
	return services, nil
}

// behind are the routes of a server behind an experiment.
func (a *app) behind(e playground.Experiment, b playground.Backend) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/play/"+e.ID+"/sse", a.runner.Behind(e, b.SSE))
	mux.Handle("/play/"+e.ID+"/ws", a.runner.Behind(e, b.WS))
	return mux
}

// dialBackend is a playground.Dial.
func (a *app) dialBackend(ctx context.Context, network, addr string) (net.Conn, error) {
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
