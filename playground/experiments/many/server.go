package many

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
)

// A server is the service from one start to the next stop.
type server struct {
	hub    *hub
	door   *door
	policy policy
	full   string // what becomes of a client when too many come: "cut" or "503"

	counts   *counts // of its run
	listener *listener
	http     *http.Server
}

// refuse turns a client away.
func (s *server) refuse(w http.ResponseWriter, r *http.Request) {
	playground.Logf(r, "queue full")
	if s.full == "cut" {
		playground.Cut(w)
		return
	}
	w.Header().Set("Retry-After", "1")
	http.Error(w, errFull.Error(), http.StatusServiceUnavailable)
}

// serve begins to serve the crowd, over connections in memory.
func (s *server) serve(ctx context.Context, handler http.Handler) {
	s.listener = newListener()
	s.http = &http.Server{
		Handler:     handler,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(io.Discard, "", 0),
	}
	go s.http.Serve(s.listener)
}

// stop ends the server, and every connection that it has.
func (s *server) stop(end websocket.StatusCode) {
	s.hub.close(end) // what a WebSocket has taken over, http.Server does not close
	s.http.Close()
}

// write sends a message, for which the client may take up to 10 s to make room.
func write(socket *playground.Socket, message message) error {
	return socket.Send(message.frame, 10*time.Second)
}
