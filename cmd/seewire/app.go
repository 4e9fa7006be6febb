package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"seewire/playground"
	"seewire/playground/experiments"
	"seewire/playground/wire"
)

// An app is everything that the routes need.
type app struct {
	life        context.Context // ends when the server does
	limit       time.Duration   // of a run
	listeners   listeners
	captures    *wire.Store
	experiments []playground.Experiment
	runner      *playground.Runner
	pages       *pages
	handler     http.Handler // all routes
	metrics     *metrics.Set
	backends    map[string]string // addresses of the servers behind experiments, by the name that is dialed

	feeds    sync.WaitGroup // the viewers' live feeds that are open
	watching chan struct{}  // a place in it for each of them
	uploads  chan struct{}  // a place in it for each body that is in memory to be dissected
	dissects chan struct{}  // a place in it for each dissection on request
}

// newApp reads the course. A broken reference in it is an error here, so that
// it never reaches a reader.
func newApp(life context.Context, opts options, captures *wire.Store) (*app, error) {
	a := &app{
		life:     life,
		limit:    opts.limit,
		captures: captures,
		backends: map[string]string{},
		watching: make(chan struct{}, opts.streams),
		uploads:  make(chan struct{}, 8),
		dissects: make(chan struct{}, 2),
	}
	a.experiments = experiments.All(life, a.listeners.ownOrigins, a.dialBackend)
	limits := playground.Limits{Duration: opts.limit, Streams: opts.streams}
	a.runner = playground.NewRunner(limits)
	a.metrics = newMetrics(a)
	var err error
	a.pages, err = newPages(a.experiments, &a.listeners)
	if err != nil {
		return nil, err
	}
	a.handler = a.routes()
	return a, nil
}

// captureLimits divides the memory that captures may take.
func captureLimits(total int64) wire.Limits {
	return wire.Limits{
		CaptureBytes: 8 << 20,
		Captures:     2000,
		TotalBytes:   total,
		Connections:  64,
		Age:          30 * time.Minute,
	}
}

// wait returns when no stream and no feed is open, or when ctx ends.
func (a *app) wait(ctx context.Context) {
	a.runner.Wait(ctx)
	done := make(chan struct{})
	go func() { a.feeds.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// quietLog drops what net/http would print for each client that goes away or
// sends garbage: a workshop sees hundreds, and none is the host's to mend.
func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
