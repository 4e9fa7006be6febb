package agents

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE is the one address of a server of Streamable HTTP. A POST brings a
// message from the client, a GET opens a stream or goes on with one that was
// lost, and a DELETE ends the session.
func (all *sessions) serveSSE(w http.ResponseWriter, r *http.Request) {
	// A page of another origin may read this header of the response.
	w.Header().Set("Access-Control-Expose-Headers", "Mcp-Session-Id")
	if spoken := r.Header.Get("MCP-Protocol-Version"); spoken != "" && spoken != version {
		refuse(w, http.StatusBadRequest, fmt.Errorf("this server speaks revision %s, not %.20q", version, spoken))
		return
	}
	var m message
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
	}
	if m.Method == "initialize" {
		s, err := all.begin(r, m)
		if err != nil {
			refuse(w, http.StatusServiceUnavailable, err)
			return
		}
		w.Header().Set("Mcp-Session-Id", s.id)
		writeJSON(w, s.reply(m))
		return
	}
	id := r.Header.Get("Mcp-Session-Id")
	if id == "" {
		refuse(w, http.StatusBadRequest, errors.New("every request after initialize needs the header Mcp-Session-Id"))
		return
	}
	s, err := all.find(id)
	if err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	switch r.Method {
	case http.MethodPost:
		s.post(w, r, m)
	case http.MethodDelete:
		s.end()
		w.WriteHeader(http.StatusNoContent)
	default:
		s.listen(w, r)
	}
}

// post takes one message from the client. The answer to a request is JSON, or a
// stream where more than the answer has to be said.
func (s *session) post(w http.ResponseWriter, r *http.Request, m message) {
	switch {
	case !m.isRequest():
		s.take(r, m)
		w.WriteHeader(http.StatusAccepted)
	case m.Method != "tools/call":
		writeJSON(w, s.reply(m))
	default:
		out := s.stream()
		go func() {
			defer out.end()
			s.call(r, m, out)
		}()
		s.pass(w, r, out, 0)
	}
}

// listen answers a GET: with what the server has to say unasked, or with the rest
// of a stream, after the event that the client had last.
func (s *session) listen(w http.ResponseWriter, r *http.Request) {
	number, last := 0, 0
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		if _, err := fmt.Sscanf(id, "%d-%d", &number, &last); err != nil || last < 0 || s.outbox(number) == nil {
			refuse(w, http.StatusBadRequest, fmt.Errorf("no event of this session has the ID %.40q", id))
			return
		}
	}
	s.pass(w, r, s.outbox(number), last)
}

// pass passes a stream on, from the message after the first n. An event's ID says
// which stream it is of, and how far that has come.
func (s *session) pass(w http.ResponseWriter, r *http.Request, from *outbox, n int) {
	controls := playground.Controls(r)
	id := func(n int) string {
		if !controls.On("ids") {
			return ""
		}
		return fmt.Sprintf("%d-%d", from.number, n)
	}
	out := stream.New(w)
	if n == 0 {
		out.Send(stream.Event{ID: id(0)}) // so that a client that gets no further can come back too
	}
	for {
		message, ok := from.next(r.Context(), n)
		if !ok {
			return
		}
		n++
		if err := out.Send(stream.Event{ID: id(n), Data: string(message.text)}); err != nil {
			return // the client has left, and may come back
		}
		if s.cutAfter(message.step, r) {
			s.wait(controls.Duration("every") / 2) // so that it arrives
			if controls.Text("how") == "reset" {
				playground.Cut(w)
				return
			}
			out.Retry(time.Second) // "come back later"; the response ends
			return
		}
	}
}

func writeJSON(w http.ResponseWriter, m message) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(raw(m))
}

// refuse answers with an error of JSON-RPC that has no id.
func refuse(w http.ResponseWriter, status int, err error) {
	playground.Because(w, err)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(raw(failure(message{ID: raw(nil)}, -32000, err.Error())))
}
