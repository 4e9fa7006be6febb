// Package site answers requests: the pages of the course, the experiments, what
// was on the wire, and bytes to be dissected. It doesn't know how requests come
// in; that is serve's.
//
// Routes has all addresses.
package site

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"seewire/bus"
	"seewire/class"
	"seewire/cmd/seewire/internal/author"
	"seewire/cmd/seewire/internal/joint"
	"seewire/cmd/seewire/internal/onefile"
	"seewire/cmd/seewire/internal/phrases"
	"seewire/cmd/seewire/internal/references"
	"seewire/playground"
	"seewire/playground/experiments"
	"seewire/playground/experiments/chat"
	"seewire/playground/export"
	"seewire/playground/handon"
	"seewire/playground/wire"
)

// Options are what a host can set of the site.
type Options struct {
	Streams int            // event streams and sockets that may be open at once
	Limit   time.Duration  // of a run
	Memory  int64          // bytes of captures that are kept
	Hosts   []string       // names to answer to beside the machine's own, in lower case
	Proxies Proxies        // in front, that are trusted
	Content author.Folder  // over the course; "" for none
	Data    string         // a folder that keeps classes over a restart; "" for none
	Watch   *Watching      // what `seewire watch` adds; nil for none
	Model   *chat.Upstream // a real one behind the chat experiment; nil for none
	Log     *slog.Logger   // nil for none
}

// A Site is everything that the routes need.
type Site struct {
	Listeners   Listeners
	life        context.Context // ends when the server does
	limit       time.Duration   // of a run
	captures    *wire.Store
	between     *bus.Bus
	joint       *joint.Captures
	dissections *export.Dissections
	codes       phrases.Codes // in English, for programs
	onefile     func() (*onefile.Page, error)
	experiments []playground.Experiment
	runner      *playground.Runner
	classes     *class.Classes
	watching    *Watching      // nil for none
	model       *chat.Upstream // nil for none
	pages       *pages
	handon      *handon.Server // nil for a server that has joined no others
	downloads   map[string]download
	handler     http.Handler      // all routes
	backends    map[string]string // addresses of the servers behind experiments, by the name that is dialed

	places  places
	proxies Proxies // in front, that are trusted

	log       *slog.Logger
	panics    atomic.Int64 // of handlers
	dissected atomic.Int64 // answers that were computed
	refused   tally        // requests, by the code of the problem
	open      gauges

	followed chan struct{} // closed when edits of the content are no longer followed; nil where they never are
}

// New reads the course. What is made of it, and of all else that is in the program,
// is made when somebody wants it.
func New(life context.Context, opts Options, captures *wire.Store, between *bus.Bus) (*Site, error) {
	a := &Site{
		life:     life,
		limit:    opts.Limit,
		captures: captures,
		between:  between,
		backends: map[string]string{},
		places:   newPlaces(opts.Streams),
		proxies:  opts.Proxies,
		watching: opts.Watch,
		model:    opts.Model,
		log:      cmp.Or(opts.Log, slog.New(slog.DiscardHandler)),
		open:     gauges{},
	}
	a.Listeners.names = opts.Hosts
	a.experiments = experiments.All(life, a.Listeners.ownOrigins, a.dialBackend, between)
	for i := range a.experiments {
		if e := &a.experiments[i]; e.ID == chat.ID {
			e.SSE, e.WS, e.API.HTTP = a.behindChat(e.SSE), a.behindChat(e.WS), a.behindChat(e.API.HTTP)
		}
	}
	a.downloads = downloadsOf(a.experiments)
	limits := playground.Limits{Duration: opts.Limit, Streams: opts.Streams}
	a.runner = playground.NewRunner(limits)
	a.runner.Panicked = a.panicked
	var err error
	a.pages, err = newPages(opts.Content, a.experiments, &a.Listeners)
	if err != nil {
		return nil, err
	}
	a.pages.watching = opts.Watch != nil
	a.codes = phrases.NewCodes(a.pages.edition.Load().course, "en")
	a.onefile = onefile.New(a.pages.edition.Load().course)
	// A capture's dissection takes about as much as its bytes do. Of an eighth
	// of all captures it is kept: those that somebody looks at.
	a.dissections = export.NewDissections(int(opts.Memory/8), a.codes)
	if a.pages.edited {
		a.followed = make(chan struct{})
		go func() {
			defer close(a.followed)
			a.pages.follow(life, opts.Content, references.Experiments(a.experiments))
		}()
	}
	a.joint, err = joint.New(between, captures)
	if err != nil {
		return nil, err
	}
	a.classes, err = class.New(class.Options{Bus: between, Lesson: a.pages.predicted, Data: opts.Data})
	if err != nil {
		return nil, err
	}
	a.runner.Crowd = a.classes
	if between != nil && between.State().Shared {
		if err := a.shareRuns(); err != nil {
			return nil, err
		}
	}
	a.handler = a.routes()
	return a, nil
}

// shareRuns has runs answered by one server each.
func (a *Site) shareRuns() (err error) {
	var counted []playground.Experiment
	for _, e := range a.experiments {
		counted = append(counted, a.open.countedRuns(e))
	}
	a.handon, err = handon.New(handon.Options{
		Bus:      a.between,
		Life:     a.life,
		Runner:   a.runner,
		Log:      a.logElsewhere,
		Around:   a.logged,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}, counted)
	return err
}

// away is how many of the open streams another server answers.
func (a *Site) away() int64 {
	if a.handon == nil {
		return 0
	}
	return a.handon.Away()
}

// Handler answers on all addresses of the site.
func (a *Site) Handler() http.Handler { return a.handler }

// Check makes all that is made when it is wanted, and says what is wrong with it: a
// broken reference, or a script or a recording that is none.
func (a *Site) Check() error { return a.pages.check() }

// Mistakes are how many there are in the content, which the pages show.
func (a *Site) Mistakes() int { return len(a.pages.edition.Load().course.Problems) }

// CaptureLimits divides the memory that captures may take.
func CaptureLimits(total int64) wire.Limits {
	return wire.Limits{
		CaptureBytes: 8 << 20,
		Captures:     2000,
		TotalBytes:   total,
		Connections:  512, // WebKitGTK opens one for each POST, of which a run of measure makes 231
		Age:          30 * time.Minute,
	}
}

// Wait returns when no stream and no feed is open and edits are no longer
// followed, or when ctx ends.
func (a *Site) Wait(ctx context.Context) {
	if a.handon != nil {
		a.handon.Close(ctx)
	}
	a.runner.Wait(ctx)
	a.places.feeds.Close(ctx)
	a.classes.Close()
	a.joint.Close()
	if a.followed != nil {
		select {
		case <-a.followed:
		case <-ctx.Done():
		}
	}
}
