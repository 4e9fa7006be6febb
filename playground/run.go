package playground

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
)

// Why a run ended that neither side ended: the cause of its context. As the
// reason of a WebSocket's close frame they are read by the client.
var (
	ErrTimeLimit     = errors.New("the run's time is up")
	ErrServerClosing = errors.New("the server is closing")
)

// A run is the context that the Runner gives a request. It finds itself in it.
type run struct {
	context.Context
	values Values
}

// lasting returns a context for a run that goes on when net/http has ended the request:
// it ends with life, and of the request it has the log. With all of its context an open
// stream would keep what net/http has for the connection.
func lasting(life context.Context, r *http.Request) context.Context {
	if log := r.Context().Value(logKey{}); log != nil {
		return context.WithValue(life, logKey{}, log)
	}
	return life
}

// An outliving context ends with the server, and not with a request whose values it
// has.
type outliving struct {
	context.Context
	request context.Context
}

func (c *outliving) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.request.Value(key)
}

// runKey is the key of the run in a request's context.
type runKey struct{}

func (r *run) Value(key any) any {
	if key == (runKey{}) {
		return r
	}
	return r.Context.Value(key)
}

// Controls returns the request's controls.
func Controls(r *http.Request) Values {
	return runOf(r).values
}

// Run returns the context of the run itself. It ends with the run's time, or
// with the server, and its cause says which: ErrTimeLimit or ErrServerClosing.
// That the client has left is told by the request's context, or once a WebSocket
// has taken the connection over, by its reads.
func Run(r *http.Request) context.Context {
	return runOf(r)
}

// RunName returns what the requests of one run have in common: the run
// parameter, or else the capture; "" where a request is a run of its own.
func RunName(r *http.Request) string {
	query := r.URL.Query()
	return cmp.Or(query.Get("run"), query.Get("capture"))
}

// Random returns a source of random numbers that follow from the run's name:
// every request of a run gets the same, on both sides, and nothing has to be
// remembered in between.
func Random(r *http.Request) *rand.Rand {
	hash := fnv.New64a()
	hash.Write([]byte(RunName(r)))
	return rand.New(rand.NewPCG(hash.Sum64(), 0))
}

func runOf(r *http.Request) *run {
	found, ok := r.Context().Value(runKey{}).(*run)
	if !ok {
		panic("playground: the handler was called without a Runner")
	}
	return found
}
