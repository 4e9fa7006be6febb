// Package playground holds what every experiment has in common: its controls,
// and the limits that each run of it is under.
//
// An experiment is one behaviour built twice, over Server-Sent Events and over
// WebSocket. Its handlers are ordinary http.HandlerFuncs; what wraps them is
// [Runner], which checks the controls, counts the open streams and gives each
// run an end.
package playground

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"
)

// An Experiment is one behaviour, built once over each protocol.
type Experiment struct {
	// ID names the experiment in the address: /play/{ID}/sse.
	ID string

	// Controls are the query parameters that the experiment understands, in
	// the order in which the playground shows them. By one that is called over,
	// with the choices http1 and http2, the page chooses the listener that its
	// programs connect to. By one that is called away, their frame acts out that the
	// page is left and comes back (static/js/sandbox/sandbox.js): after so many ms,
	// gone for so many, at fixed moments or by surprise. By one that is called program
	// it chooses the programs: by its first choice the first of each side.
	Controls []Control

	// SSE answers /play/{ID}/sse and WS answers /play/{ID}/ws. They do the
	// same job.
	SSE, WS http.HandlerFunc

	// Methods are those that SSE takes; GET and POST where it names none.
	Methods []string

	// Send answers POST /play/{ID}/send; nil where the event stream needs no
	// way up.
	Send http.HandlerFunc

	// Poll answers GET /play/{ID}/poll, for clients that ask again and again in place of
	// a stream; nil for none. They are shown on the SSE side, and each of PollClients
	// runs beside that side's own program.
	Poll        http.HandlerFunc
	PollClients []string

	// Visit answers POST /play/{ID}/visit, which the page asks for itself before
	// each run, as a site asks its visitors to sign in; nil for none.
	Visit http.HandlerFunc

	// Shared returns a name that is common to the requests which share something that
	// the server remembers, such as how far their run has come: of several servers one
	// answers them all. It returns "" for a request that shares nothing, and is nil
	// where the experiment remembers nothing between requests.
	Shared func(r *http.Request) string

	// Origins says that the experiment is about origins: it chooses by itself
	// which pages may read its answers, and its programs run in frames of the
	// origin that its control "origin" names.
	Origins bool

	// Shown are the credentials that the experiment has made up and that a
	// capture may therefore hold, below the experiment's address and as a whole:
	// "visitor=ada" for a cookie or a parameter, "Bearer ada" for Authorization,
	// "token.ada" for a subprotocol. All others are covered (package secret).
	Shown []string

	// API is where the clients of an API that others have made find the experiment;
	// nil for most.
	API *API

	// Tabs is a program that several tabs of the site share a stream with; nil
	// for none.
	Tabs *Tabs

	// Backends are the servers behind SSE and WS; most experiments have none.
	Backends []Backend

	// Chart says that what the experiment draws of a run is not drawn over time:
	// it has a tab of its own, and not the timeline's axis.
	Chart bool

	// Models says that what is streamed is the answer of a language model, in a form that
	// package answer knows.
	Models bool

	// Source holds the very files that are compiled or run: sse.go, ws.go, poll.go
	// where there is one, and the clients.
	Source fs.FS

	// SSEClients and WSClients name the client programs in Source, the first
	// being the one that a visitor sees. Most experiments have one a side.
	SSEClients, WSClients []string
}

// An API has addresses of its own, with the experiment's controls.
type API struct {
	Paths   []string // as http.ServeMux has them: "/v1/responses", and "/v1/responses/" for those below it
	HTTP    http.HandlerFunc
	WS      http.HandlerFunc // for requests that upgrade to a WebSocket; nil for none
	Methods []string         // those of HTTP
}

// Handler answers both kinds of requests.
func (a *API) Handler() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if a.WS != nil && upgrades(r) {
			a.WS(w, r)
			return
		}
		a.HTTP(w, r)
	}
}

// HasAPI says whether a path is one of the experiment's API.
func (e Experiment) HasAPI(path string) bool {
	return e.API != nil && slices.ContainsFunc(e.API.Paths, func(of string) bool {
		return path == of || strings.HasSuffix(of, "/") && strings.HasPrefix(path, of)
	})
}

// Address is the experiment's own address of the side that a request is for, which is
// another than the request's where that is for its API.
func (e Experiment) Address(r *http.Request) string {
	switch {
	case !e.HasAPI(r.URL.Path):
		return r.URL.Path
	case upgrades(r):
		return "/play/" + e.ID + "/ws"
	default:
		return "/play/" + e.ID + "/sse"
	}
}

// upgrades says whether a request is a WebSocket's handshake (RFC 6455 §4.1).
func upgrades(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Tabs is a program of an experiment that runs on a page of its own. It needs
// the site's own origin, so that it can't run where a learner's programs do.
type Tabs struct {
	Program string // in Source, and at /play/{ID}/{Program}
	Stream  string // the address that it shares
	Heading string // the ID of the lesson's heading that is about it
}
