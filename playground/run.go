package playground

import (
	"context"
	"errors"
	"net/http"
)

// Why a run ended that neither side ended: the cause of its context. As the
// reason of a WebSocket's close frame they are read by the client.
var (
	ErrTimeLimit     = errors.New("the run's time is up")
	ErrServerClosing = errors.New("the server is closing")
)

// A run is what the Runner has put into a request's context.
type run struct {
	ctx    context.Context
	values Values
}

// runKey is the key of the run in a request's context.
type runKey struct{}

// Controls returns the request's controls.
func Controls(r *http.Request) Values {
	return runOf(r).values
}

// Run returns the context of the run itself. It ends with the run's time, or
// with the server, and its cause says which: ErrTimeLimit or ErrServerClosing.
// It does not end when the client leaves: a WebSocket learns that from its
// reads, because the request's own context is of no use once the connection has
// been taken over (see http.Hijacker).
func Run(r *http.Request) context.Context {
	return runOf(r).ctx
}

func runOf(r *http.Request) *run {
	found, ok := r.Context().Value(runKey{}).(*run)
	if !ok {
		panic("playground: the handler was called without a Runner")
	}
	return found
}
