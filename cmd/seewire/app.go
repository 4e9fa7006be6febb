package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"seewire/playground"
	"seewire/playground/experiments"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// An app is everything that the routes need.
type app struct {
	life        context.Context // ends when the server does
	limit       time.Duration   // of a run
	listeners   listeners
	captures    *wire.Store
	dissections *export.Dissections
	experiments []playground.Experiment
	runner      *playground.Runner
	pages       *pages
	handler     http.Handler // all routes
	metrics     *metrics.Set
	backends    map[string]string // addresses of the servers behind experiments, by the name that is dialed

	places  places
	proxies proxies // in front, that are trusted

	followed chan struct{} // closed when edits of the content are no longer followed; nil where they never are
}

// newApp reads the course. A broken reference in it is an error here, so that
// it never reaches a reader.
func newApp(life context.Context, opts options, captures *wire.Store) (*app, error) {
	a := &app{
		life:     life,
		limit:    opts.limit,
		captures: captures,
		// A capture's dissection takes about as much as its bytes do. Of an
		// eighth of all captures it is kept: those that somebody looks at.
		dissections: export.NewDissections(int(opts.memory / 8)),
		backends:    map[string]string{},
		places:      newPlaces(opts.streams),
		proxies:     opts.proxies,
	}
	a.listeners.names = opts.hosts
	a.experiments = experiments.All(life, a.listeners.ownOrigins, a.dialBackend)
	limits := playground.Limits{Duration: opts.limit, Streams: opts.streams}
	a.runner = playground.NewRunner(limits)
	a.metrics = newMetrics(a)
	var err error
	a.pages, err = newPages(opts.content, a.experiments, &a.listeners)
	if err != nil {
		return nil, err
	}
	if a.pages.edited {
		a.followed = make(chan struct{})
		go func() {
			defer close(a.followed)
			a.pages.follow(life, opts.content, references(a.experiments))
		}()
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

// wait returns when no stream and no feed is open and edits are no longer
// followed, or when ctx ends.
func (a *app) wait(ctx context.Context) {
	a.runner.Wait(ctx)
	a.places.feeds.Close(ctx)
	if a.followed != nil {
		select {
		case <-a.followed:
		case <-ctx.Done():
		}
	}
}

// quietLog drops what net/http would print for each client that goes away or
// sends garbage: a workshop sees hundreds, and none is the host's to mend.
func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
