package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"seewire/playground"
)

// A reply is the answer to a request, and what there is to log of it. It hears
// of causes by playground.Because.
type reply struct {
	http.ResponseWriter
	status int // 0 until the head is sent
	cause  error
}

func (r *reply) WriteHeader(status int) {
	if r.status == 0 && status >= 200 || status == http.StatusSwitchingProtocols {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *reply) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

func (r *reply) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Because notes the first cause: what failed, and not what came of it.
func (r *reply) Because(cause error) {
	if r.cause == nil {
		r.cause = cause
	}
}

// logged logs what fails in a handler, and answers for one that panics.
func (a *Site) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &reply{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == http.ErrAbortHandler { // a handler cuts its connection off
				panic(fault)
			}
			if fault != nil {
				out.cause = fmt.Errorf("panic: %v", fault)
				a.panicked(r.Method, r.URL.Path, fault, debug.Stack())
				if out.status != 0 {
					panic(http.ErrAbortHandler) // the client is not to take half an answer for a whole one
				}
				a.answerForPanic(out, r)
				return
			}
			a.logFailure(out, r)
		}()
		next.ServeHTTP(out, r)
	})
}

// panicked counts and logs a handler's panic.
func (a *Site) panicked(method, path string, fault any, stack []byte) {
	a.panics.Add(1)
	a.log.Error("a handler panicked", "method", method, "path", path, "panic", fmt.Sprint(fault), "stack", string(stack))
}

// answerForPanic answers with a page or, to a program, with JSON.
func (a *Site) answerForPanic(w *reply, r *http.Request) {
	defer func() {
		if fault := recover(); fault != nil && w.status == 0 { // not even that page can be made
			http.Error(w, "the answer could not be made", http.StatusInternalServerError)
		}
	}()
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		a.pages.broken(w, r, nil)
		return
	}
	broken(w)
}

// logFailure logs an answer with a 5xx status, if it has one. That the server is
// full is no error of its own: it says so to the client, and counts it. Other such
// answers of an experiment are what it is about.
func (a *Site) logFailure(out *reply, r *http.Request) {
	if out.status < 500 {
		return
	}
	level := slog.LevelError
	refused, isProblem := errors.AsType[playground.Problem](out.cause)
	switch {
	case isProblem && out.status == http.StatusServiceUnavailable:
		level = slog.LevelWarn
		a.refused.add(refused.Code)
	case out.cause == nil && a.recordable(r.URL.Path), r.URL.Path == "/healthz":
		level = slog.LevelDebug
	}
	a.log.Log(context.WithoutCancel(r.Context()), level, "a request failed",
		"method", r.Method, "path", r.URL.Path, "status", out.status, "peer", r.RemoteAddr, "cause", fmt.Sprint(out.cause))
}
