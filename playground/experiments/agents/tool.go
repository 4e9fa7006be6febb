package agents

import (
	"encoding/json"
	"fmt"
	"net/http"

	"seewire/playground"
)

// reply answers the requests that take no time.
func (s *session) reply(m message) message {
	switch m.Method {
	case "initialize":
		return result(m, serverInfo())
	case "ping", "logging/setLevel":
		return result(m, object{})
	case "tools/list":
		return result(m, object{"tools": []object{{
			"name":        "book_seat",
			"description": "Books a seat on a train. Asks the user which one.",
			"inputSchema": object{"type": "object", "properties": object{"train": object{"type": "integer"}}, "required": []string{"train"}},
		}}})
	default:
		return failure(m, -32601, "no such method: "+m.Method)
	}
}

// serverInfo answers initialize.
func serverInfo() object {
	return object{
		"protocolVersion": version,
		"capabilities":    object{"tools": object{}, "logging": object{}},
		"serverInfo":      object{"name": "seewire", "version": "1"},
	}
}

// take takes what needs no reply: a notification, or the answer to a question.
func (s *session) take(r *http.Request, m message) {
	if m.Method == "notifications/initialized" {
		go s.tellLater(r)
		return
	}
	var id string
	json.Unmarshal(m.ID, &id) // an id that is no text belongs to no question
	s.mu.Lock()
	defer s.mu.Unlock()
	if answers := s.asked[id]; answers != nil && m.Method == "" {
		delete(s.asked, id)
		answers <- m
	}
}

// tellLater says something that no request has asked for.
func (s *session) tellLater(r *http.Request) {
	if s.wait(playground.Controls(r).Duration("every") * 3 / 2) {
		s.common.put(notification("notifications/message", object{"level": "notice", "data": "Train 7 is five minutes late."}), 0)
	}
}

// call runs the tool for a request, and says all that belongs to it in out. It
// goes on when the connection is lost: that the client wants no result any more
// it would have to say (MCP 2025-11-25, Transports, "Sending Messages to the
// Server"). Only the session's end stops it.
func (s *session) call(r *http.Request, m message, out *outbox) {
	var params struct {
		Name      string
		Arguments struct{ Train int }
		Meta      struct{ ProgressToken json.RawMessage } `json:"_meta"`
	}
	if err := json.Unmarshal(m.Params, &params); err != nil || params.Name != "book_seat" {
		out.put(failure(m, -32602, "the tool is book_seat, and it needs a train"), 0)
		return
	}
	s.mu.Lock()
	s.calls++
	run := s.calls
	s.mu.Unlock()
	if run > maxCalls {
		out.put(failure(m, -32000, "too many calls in one session"), 0)
		return
	}
	playground.LogEvent(r, "tool-started", "book_seat has started, run %d", run)

	every := playground.Controls(r).Duration("every")
	progress := func(step, done int, text string) bool {
		if !s.wait(every) {
			return false
		}
		if params.Meta.ProgressToken != nil { // no progress for a client that has not asked for it
			out.put(notification("notifications/progress", object{
				"progressToken": params.Meta.ProgressToken, "progress": done, "total": 4, "message": text,
			}), step)
		}
		return true
	}
	if !progress(1, 1, "looking for the train") || !progress(2, 2, "looking for seats") || !s.wait(every) {
		return
	}
	seat := s.ask(run, out)
	if s.ctx.Err() != nil {
		return
	}
	if seat == "" {
		playground.Logf(r, "book_seat has ended without a seat, run %d", run)
		out.put(result(m, content("Nothing was booked: the user does not want to.")), 6)
		return
	}
	if !progress(4, 3, "holding the seat") || !progress(5, 4, "paying") || !s.wait(every) {
		return
	}
	playground.LogEvent(r, "seat-booked", "book_seat has booked a seat, run %d", run)
	out.put(result(m, content(fmt.Sprintf("Train %d: a seat by the %s is booked. Bookings: %d.", params.Arguments.Train, seat, run))), 6)
}

func content(text string) object {
	return object{"content": []object{{"type": "text", "text": text}}}
}

// ask asks the user, by way of the client, and waits for the answer. It is empty
// where there is none.
func (s *session) ask(run int, out *outbox) (seat string) {
	if !s.canAsk {
		return "window"
	}
	id := fmt.Sprintf("question-%d", run)
	answers := make(chan message, 1)
	s.mu.Lock()
	s.asked[id] = answers
	s.mu.Unlock()
	out.put(request(id, "elicitation/create", object{
		"mode":    "form",
		"message": "Window or aisle?",
		"requestedSchema": object{
			"type":       "object",
			"properties": object{"seat": object{"type": "string", "enum": []string{"window", "aisle"}}},
			"required":   []string{"seat"},
		},
	}), 3)
	select {
	case answer := <-answers:
		var result struct {
			Action  string
			Content struct{ Seat string }
		}
		json.Unmarshal(answer.Result, &result)
		if result.Action != "accept" || result.Content.Seat != "aisle" && result.Content.Seat != "window" {
			return ""
		}
		return result.Content.Seat
	case <-s.ctx.Done():
		return ""
	}
}
