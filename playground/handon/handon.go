// Package handon has the requests of a run answered by one server of several, which
// remembers what they share.
//
// A request may arrive at any server. It is let in, counted and recorded there, and its
// connection is cut there. If its run belongs to another server, that is handed the
// request over a byte stream of the bus, and the answer goes to the client as it comes:
// with its chunks, its end, a reset, an upgrade. A request that was handed on is never
// handed on again, so that servers which do not agree about the owner send nothing in
// circles. What no client could ask for is not reached by this.
package handon

import (
	"context"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"seewire/playground"
)

// A Bus joins the servers.
type Bus interface {
	playground.Bus
	ID() string
	Several() bool           // whether there are others
	Owner(key string) string // the ID of the server that a key belongs to
	Dial(ctx context.Context, server string) (net.Conn, error)
	Listen() (net.Listener, error)
}

// Options are what a server brings.
type Options struct {
	Bus    Bus
	Life   context.Context // ends with this server, which is then told as the cause
	Runner *playground.Runner

	// Log keeps what an experiment logs on another server for a request that is
	// recorded here.
	Log func(capture, path string, line playground.LogLine)

	// Around is put around the handlers of requests that others hand on.
	Around   func(http.Handler) http.Handler
	ErrorLog *log.Logger
}

// A Server hands requests on, and answers those that others hand on.
type Server struct {
	Options
	http   *http.Server
	served chan struct{}
	leave  func() // the bus

	away atomic.Int64 // requests that another server is answering

	mu   sync.Mutex
	ends map[string]context.CancelCauseFunc // of requests of others, by their IDs
}

// New begins to answer what others hand on of the experiments' requests, and has the
// Runner hand on what belongs to others.
func New(o Options, experiments []playground.Experiment) (*Server, error) {
	s := &Server{Options: o, served: make(chan struct{}), ends: map[string]context.CancelCauseFunc{}}
	mux := http.NewServeMux()
	for _, e := range experiments {
		if e.Shared == nil {
			continue
		}
		for _, path := range []string{"/play/" + e.ID, "/play/" + e.ID + "/{machine}"} {
			mux.Handle(path+"/sse", s.handler(e, e.SSE))
			mux.Handle(path+"/ws", s.handler(e, e.WS))
		}
		if e.Send != nil {
			mux.Handle("/play/"+e.ID+"/send", s.handler(e, e.Send))
		}
		if e.API != nil {
			for _, path := range e.API.Paths {
				mux.Handle(path, s.handler(e, e.API.Handler()))
			}
		}
	}
	s.http = &http.Server{
		Handler:           o.Around(mux),
		BaseContext:       func(net.Listener) context.Context { return o.Life },
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    128 << 10, // what a client may send, and the note
		ErrorLog:          o.ErrorLog,
	}
	listener, err := o.Bus.Listen()
	if err != nil {
		return nil, err
	}
	s.leave, err = o.Bus.Subscribe(subject(o.Bus.ID()), s.hear)
	if err != nil {
		listener.Close()
		return nil, err
	}
	o.Runner.Elsewhere = s.elsewhere
	go func() {
		defer close(s.served)
		s.http.Serve(listener)
	}()
	return s, nil
}

// Away is how many requests other servers are answering for this one.
func (s *Server) Away() int64 { return s.away.Load() }

// Close waits until what others have handed on is answered, or ctx ends. Life has ended
// before.
func (s *Server) Close(ctx context.Context) {
	s.http.Shutdown(ctx)
	s.http.Close()
	<-s.served
	s.leave()
}

// noteHeader has the note of a request that is handed on. What a client says in it does
// not count.
const noteHeader = "Seewire-Handed-On"

// A note is what the owner has to know of a request beside what the client has sent.
type note struct {
	ID   string `json:"id"`   // by which its end is told
	From string `json:"from"` // the server that it arrived at
	Peer string `json:"peer"` // the client's address
	Logs bool   `json:"logs"` // it is recorded there
}

func subject(server string) string { return "handon." + server }

// A message is what servers tell each other beside the requests.
type message struct {
	// Of a run whose end has come where the request arrived.
	End   string `json:"end,omitempty"` // the request's ID
	Cause string `json:"cause,omitempty"`

	// Of a line that an experiment logs.
	Capture string             `json:"capture,omitempty"`
	Path    string             `json:"path,omitempty"`
	Line    playground.LogLine `json:"line,omitzero"`
}

func (s *Server) tell(server string, m message) {
	text, _ := json.Marshal(m)           // texts alone
	s.Bus.Publish(subject(server), text) // an error means that the bus is closed
}

// hear is called with what others tell this server.
func (s *Server) hear(data []byte) {
	var m message
	if json.Unmarshal(data, &m) != nil {
		return
	}
	if m.Capture != "" {
		s.Log(m.Capture, m.Path, m.Line)
		return
	}
	s.mu.Lock()
	end := s.ends[m.End]
	s.mu.Unlock()
	if end != nil {
		end(causeOf(m.Cause))
	}
}

// A toldCause is why a run has ended on another server. It is not ErrServerClosing where
// that closes: this one goes on.
type toldCause string

func (c toldCause) Error() string { return string(c) }

func causeOf(text string) error {
	if text == playground.ErrTimeLimit.Error() {
		return playground.ErrTimeLimit
	}
	return toldCause(text)
}

// handler answers requests that others hand on.
func (s *Server) handler(e playground.Experiment, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var n note
		if json.Unmarshal([]byte(r.Header.Get(noteHeader)), &n) != nil {
			http.Error(w, "there is no note with the request", http.StatusBadRequest)
			return
		}
		r.Header.Del(noteHeader)
		r.RemoteAddr = n.Peer
		if n.Logs {
			capture, path := r.URL.Query().Get("capture"), e.Address(r)
			r = r.WithContext(playground.WithLog(r.Context(), func(l playground.LogLine) {
				s.tell(n.From, message{Capture: capture, Path: path, Line: l})
			}))
		}
		life, end := context.WithCancelCause(s.Life)
		// The handler of a WebSocket goes on when HandedOn has returned.
		s.Runner.HandedOn(life, e, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			s.ends[n.ID] = end
			s.mu.Unlock()
			defer func() {
				s.mu.Lock()
				delete(s.ends, n.ID)
				s.mu.Unlock()
				end(nil)
			}()
			h(w, r)
		}, w, r)
	}
}
