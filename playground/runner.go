package playground

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits are what the runs are held to.
type Limits struct {
	// Duration is the longest that a run may take. The default is 2 minutes.
	Duration time.Duration

	// Streams is how many runs may be open at once, of all experiments
	// together, shared as [Places] are. The default is 10000.
	Streams int

	// Body is the largest request body, in bytes. The default is 128 KiB, which
	// has room for a picture of 64 KiB in base64.
	Body int64
}

// A Runner makes handlers of experiments: it checks the controls, lets pages of
// any origin in, counts what is open, and gives every run an end.
type Runner struct {
	// Panicked is told of the panic of a handler that has taken its connection over,
	// with the stack; others go up to net/http. It is set before the first request.
	Panicked func(method, path string, fault any, stack []byte)

	// Crowd has runs whose lines are cut together, from outside; nil for none. It is
	// set before the first request.
	Crowd Crowd

	// Elsewhere is asked before a request of an experiment with Shared is answered. It
	// reports whether it has answered, as another server does that remembers the run;
	// nil where there is no other one. It is set before the first request.
	Elsewhere func(e Experiment, w http.ResponseWriter, r *http.Request) bool

	limits  Limits
	streams *Places        // one for each run that is open
	ending  sync.WaitGroup // runs whose response is not complete although their place is free
}

// NewRunner returns a Runner. Its runs end with the server if the server's
// BaseContext does, because of ErrServerClosing.
func NewRunner(limits Limits) *Runner {
	limits.Duration = cmp.Or(limits.Duration, 2*time.Minute)
	limits.Streams = cmp.Or(limits.Streams, 10000)
	limits.Body = cmp.Or(limits.Body, 128<<10)
	return &Runner{limits: limits, streams: NewPlaces(limits.Streams)}
}

// SSE returns the handler of /play/{ID}/sse.
func (rn *Runner) SSE(e Experiment) http.Handler {
	h := rn.crowded("sse", rn.elsewhere(e, e.SSE))
	begin := func(w http.ResponseWriter, r *http.Request, values Values, leave func()) {
		if s := newEventStream(r); s != nil {
			rn.apart(lasting(s.life, r), s, h, w, r, values, leave)
			return
		}
		rn.inPlace(h, w, r, values, leave)
	}
	if e.Origins {
		return rn.admitted(e.Controls, begin, http.MethodGet, http.MethodOptions)
	}
	methods := e.Methods
	if methods == nil {
		methods = []string{http.MethodGet, http.MethodPost}
	}
	return open(rn.admitted(e.Controls, begin, methods...), methods...)
}

// WS returns the handler of /play/{ID}/ws.
func (rn *Runner) WS(e Experiment) http.Handler {
	h := overHTTP1(rn.crowded("ws", rn.elsewhere(e, e.WS)))
	return rn.admitted(e.Controls, func(w http.ResponseWriter, r *http.Request, values Values, leave func()) {
		if conn := connectionOf(r.Context()); conn != nil {
			rn.apart(lasting(conn.life, r), nil, h, w, r, values, leave)
			return
		}
		rn.inPlace(h, w, r, values, leave)
	}, http.MethodGet)
}

// overHTTP1 answers requests that came over HTTP/2, where nothing can be
// upgraded: what a WebSocket's handler would say to them is in header fields that
// HTTP/2 forbids, and clients take it for a broken stream (RFC 9113 §8.2.2).
func overHTTP1(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor > 1 {
			Problem{Status: http.StatusBadRequest, Code: "http1", Title: "A WebSocket begins with HTTP/1.1",
				Detail: "This request came over HTTP/" + strconv.Itoa(r.ProtoMajor) + "; ask over HTTP/1.1 (RFC 6455 §4.1)."}.Write(w)
			return
		}
		next(w, r)
	}
}

// Send returns the handler of /play/{ID}/send.
func (rn *Runner) Send(e Experiment) http.Handler {
	h := rn.elsewhere(e, e.Send)
	if e.Origins {
		return rn.handler(e.Controls, h, http.MethodPost, http.MethodOptions)
	}
	return rn.Handler(e.Controls, h, http.MethodPost)
}

// API returns the handler of the experiment's API, for each of its paths.
func (rn *Runner) API(e Experiment) http.Handler {
	h := rn.Handler(e.Controls, rn.elsewhere(e, e.API.HTTP), e.API.Methods...)
	if e.API.WS == nil {
		return h
	}
	e.WS = e.API.WS
	ws := rn.WS(e)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if upgrades(r) {
			ws.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// elsewhere puts what is asked before a handler of an experiment.
func (rn *Runner) elsewhere(e Experiment, h http.HandlerFunc) http.HandlerFunc {
	if e.Shared == nil || rn.Elsewhere == nil {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if !rn.Elsewhere(e, w, r) {
			h(w, r)
		}
	}
}

// HandedOn answers a request that another server has let in, counted and handed on to
// this one. The run ends with life, because of its cause.
func (rn *Runner) HandedOn(life context.Context, e Experiment, h http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
	values, err := Parse(e.Controls, r.URL.Query())
	if err != nil {
		refuse(w, err)
		return
	}
	rn.apart(&outliving{life, r.Context()}, nil, h, w, r, values, func() {})
}

// Poll returns the handler of /play/{ID}/poll.
func (rn *Runner) Poll(e Experiment) http.Handler {
	return rn.Handler(e.Controls, e.Poll, http.MethodGet)
}

// Visit returns the handler of /play/{ID}/visit.
func (rn *Runner) Visit(e Experiment) http.Handler {
	return rn.handler(e.Controls, e.Visit, http.MethodPost)
}

// Behind puts a handler of a [Backend] under the Runner's care. What lets pages
// of any origin in is left to who stands in front of it, and so is whose request
// it is: to the limits these are the server's own.
func (rn *Runner) Behind(e Experiment, h http.HandlerFunc) http.Handler {
	handler := rn.handler(e.Controls, h, http.MethodGet)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = ""
		handler.ServeHTTP(w, r)
	})
}

// Handler puts h under the Runner's care, and opens it to pages of any origin.
// In h the request's context ends when the client leaves, when the run's time
// is up or when the server closes, and [Controls] are at hand.
func (rn *Runner) Handler(controls []Control, h http.HandlerFunc, methods ...string) http.Handler {
	return open(rn.handler(controls, h, methods...), methods...)
}

// open opens a handler to pages of any origin.
func open(handler http.Handler, methods ...string) http.Handler {
	allowed := strings.Join(methods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// That is safe: no response depends on credentials.
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			preflight(w, allowed)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// preflight answers what a browser asks before it lets a page send more than a
// form could (Fetch §3.3.3).
func preflight(w http.ResponseWriter, methods string) {
	w.Header().Set("Access-Control-Allow-Methods", methods)
	w.Header().Set("Access-Control-Allow-Headers", "*, Authorization") // the star does not cover Authorization
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

func (rn *Runner) handler(controls []Control, h http.HandlerFunc, methods ...string) http.Handler {
	return rn.admitted(controls, func(w http.ResponseWriter, r *http.Request, values Values, leave func()) {
		rn.inPlace(h, w, r, values, leave)
	}, methods...)
}

// admitted hands on the requests that a run begins with, each with its controls and
// with a place that next gives back.
func (rn *Runner) admitted(controls []Control, next func(w http.ResponseWriter, r *http.Request, values Values, leave func()), methods ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			Problem{Status: http.StatusMethodNotAllowed, Code: "method", Title: "Method not allowed",
				Detail: "This address takes " + strings.Join(methods, " and ") + "."}.Write(w)
			return
		}

		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil { // what can't be read would count as not said
			Problem{Status: http.StatusBadRequest, Code: "query", Title: "The query can't be read",
				Detail: err.Error() + ". In a value write % as %25, ; as %3B and & as %26."}.Write(w)
			return
		}
		values, err := Parse(controls, query)
		if err != nil {
			refuse(w, err)
			return
		}

		peer := Peer(r)
		if !rn.streams.Take(peer, 1) {
			w.Header().Set("Retry-After", "5")
			Problem{Status: http.StatusServiceUnavailable, Code: "too-many-streams", Title: "Too many streams",
				Detail: "As many streams are open as this server allows, in all or from one address. Try again in a moment."}.Write(w)
			return
		}
		next(w, r, values, func() { rn.streams.Release(peer, 1) })
	})
}

// inPlace runs a handler where it is called.
func (rn *Runner) inPlace(h http.HandlerFunc, w http.ResponseWriter, r *http.Request, values Values, leave func()) {
	defer leave()
	out, end := rn.begin(r.Context(), w, r, values)
	defer end()
	defer out.lift() // the end of the response has no deadline, nor has the next one on the connection
	h(out, r)
}

// apart runs a handler in a goroutine of its own, with a context that ends with life.
// When the connection has been taken over, by the handler for a WebSocket or for an
// event stream that may take it, net/http's goroutine returns: its stack, and what it
// has for a request and a response, are free while the connection is open.
func (rn *Runner) apart(life context.Context, may *eventStream, h http.HandlerFunc, w http.ResponseWriter, r *http.Request, values Values, leave func()) {
	request := r.Context()
	out, end := rn.begin(life, w, r, values)
	left := context.AfterFunc(request, func() {
		if life.Err() == nil { // or the run ends by itself, and says why
			end()
		}
	})
	parted := make(chan any, 1)
	out.part = func(fault any) {
		left() // the request's context ends now
		parted <- fault
		out.part = nil
	}
	if may != nil {
		may.end = end
		out.may = may
	}
	method, path := r.Method, r.URL.Path // or an open stream would keep all of the request
	rn.ending.Add(1)
	go func() {
		defer rn.ending.Done()
		defer func() {
			fault := recover()
			out.lift()
			end()
			leave()
			if out.stream != nil {
				out.stream.finish(fault == nil)
			}
			switch {
			case out.part != nil:
				out.part(fault)
			case fault != nil && fault != http.ErrAbortHandler && rn.Panicked != nil:
				rn.Panicked(method, path, fault, debug.Stack())
			}
		}()
		h(out, r)
	}()
	if fault := <-parted; fault != nil {
		panic(fault)
	}
}

// begin begins the run of a request: its context, and its response.
func (rn *Runner) begin(parent context.Context, w http.ResponseWriter, r *http.Request, values Values) (*response, context.CancelFunc) {
	ctx, end := context.WithTimeoutCause(parent, rn.limits.Duration, ErrTimeLimit)
	*r = *r.WithContext(&run{ctx, values}) // in place: an open stream keeps one Request, not two
	if r.ContentLength != 0 {
		r.Body = http.MaxBytesReader(w, r.Body, rn.limits.Body)
	}
	return &response{ResponseWriter: w, run: ctx, deadline: deadline{lazy: r.ProtoMajor == 1}}, end
}

// closeTimeout is how long a handler that has hijacked its connection may go on
// once its run has ended. A closing handshake can wait without end for a client
// that has stopped in the middle of a frame.
const closeTimeout = 15 * time.Second

// refuse answers for a control that was wrong.
func refuse(w http.ResponseWriter, err error) {
	p := Problem{Status: http.StatusBadRequest, Code: "control", Title: "A control has a value that it does not take", Detail: err.Error()}
	if wrong, ok := errors.AsType[*ControlError](err); ok {
		p.Code, p.Control = wrong.Code, wrong.Control.Name
	}
	p.Write(w)
}

// Open returns how many runs are open.
func (rn *Runner) Open() int { return rn.streams.Taken() }

// Wait waits until every run has ended, or ctx has, and lets no new one begin.
// It is called once, when the server closes.
func (rn *Runner) Wait(ctx context.Context) error {
	if err := rn.streams.Close(ctx); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		rn.ending.Wait()
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
