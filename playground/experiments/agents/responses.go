package agents

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"seewire/playground"
	"seewire/playground/stream"
)

const (
	maxResponses = 1000            // that are kept at once, for all addresses
	keepTime     = 2 * time.Minute // from the beginning of one
	maxName      = 100             // bytes of a model's name
)

// responses are those that are kept. Their API is the part of OpenAI's Responses that
// a stream needs (https://developers.openai.com/api/reference/resources/responses,
// read 2026-11-29).
type responses struct {
	places *playground.Places // one for each
	routes *http.ServeMux

	mu   sync.Mutex
	byID map[string]*response
}

func newResponses() *responses {
	all := &responses{places: playground.NewPlaces(maxResponses), routes: http.NewServeMux(), byID: map[string]*response{}}
	all.routes.HandleFunc("POST /v1/responses", all.create)
	all.routes.HandleFunc("GET /v1/responses/{id}", all.retrieve)
	all.routes.HandleFunc("DELETE /v1/responses/{id}", all.delete)
	all.routes.HandleFunc("POST /v1/responses/{id}/cancel", all.cancel)
	all.routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		notFound("%s %s is not answered here. A response is made with POST /v1/responses, or over a WebSocket to the same address.", r.Method, r.URL.Path).write(w)
	})
	return all
}

func (all *responses) serve(w http.ResponseWriter, r *http.Request) { all.routes.ServeHTTP(w, r) }

// A question is what a client asks.
type question struct {
	Type            string `json:"type"` // over a WebSocket
	StreamID        string `json:"stream_id"`
	Model           string `json:"model"`
	Input           input  `json:"input"`
	Stream          bool   `json:"stream"`
	Background      bool   `json:"background"` // the model goes on without the connection
	Store           *bool  `json:"store"`
	MaxOutputTokens int    `json:"max_output_tokens"`
	Previous        string `json:"previous_response_id"`
}

// parseQuestion reads a question, and says what is wrong with it.
func parseQuestion(body []byte) (question, error) {
	var q question
	err := json.Unmarshal(body, &q)
	switch {
	case err != nil:
		return q, invalid("", "the body can't be read: %v", err)
	case q.Input == "":
		return q, invalid("input", "input has nothing that a user says")
	case len(q.Model) > maxName || len(q.StreamID) > maxName || len(q.Previous) > 2*maxName:
		return q, invalid("model", "a name has at most %d bytes", maxName)
	case q.MaxOutputTokens < 0:
		return q, invalid("max_output_tokens", "max_output_tokens is a number above 0")
	case q.Background && q.Store != nil && !*q.Store:
		return q, invalid("store", "a response in the background has to be kept: store can't be false")
	}
	q.Model = cmp.Or(q.Model, "seewire")
	return q, nil
}

// input is the last thing that a user has said: a text, or one in a list of items.
type input string

func (in *input) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, (*string)(in)) == nil {
		return nil
	}
	var items []struct {
		Role    string
		Content json.RawMessage
	}
	if err := json.Unmarshal(b, &items); err != nil {
		return err
	}
	for _, item := range items {
		if item.Role != "user" {
			continue
		}
		var text string
		var parts []struct{ Text string }
		if json.Unmarshal(item.Content, &text) != nil && json.Unmarshal(item.Content, &parts) == nil {
			for _, part := range parts {
				text += part.Text
			}
		}
		*in = input(text)
	}
	return nil
}

// begin begins a response, and keeps it. What is said to it goes into the log.
func (all *responses) begin(r *http.Request, q question) (*response, error) {
	if q.Previous != "" && all.find(q.Previous) == nil {
		return nil, &fault{Status: http.StatusBadRequest, Type: "invalid_request_error", Param: "previous_response_id", Code: "previous_response_not_found",
			Message: fmt.Sprintf("The previous response %q is not kept here.", q.Previous)}
	}
	peer := playground.Peer(r)
	if !all.places.Take(peer, 1) {
		return nil, &fault{Status: http.StatusTooManyRequests, Type: "rate_limit_error", Code: "rate_limit_exceeded",
			Message: "As many responses are kept as this server allows, in all or from one address. Try again in a minute."}
	}
	controls := playground.Controls(r)
	// Not to be guessed: who has it reads the response. The part before it is of the run.
	made := begin(q, "resp_"+owner(r)+rand.Text(), max(controls.Duration("every")/2, time.Millisecond), controls.Text("outcome"))
	all.mu.Lock()
	all.byID[made.id] = made
	all.mu.Unlock()
	time.AfterFunc(keepTime, func() {
		all.forget(made)
		all.places.Release(peer, 1)
	})

	playground.LogEvent(r, "model-started", "the model has started")
	time.AfterFunc(made.takes(), func() {
		if made.now().Status != "cancelled" {
			playground.LogEvent(r, "model-ended", "the model is done: %d tokens", len(made.said))
		}
	})
	return made, nil
}

func (all *responses) find(id string) *response {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.byID[id]
}

func (all *responses) forget(one *response) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.byID, one.id)
}

// lose says that nobody is there for a response that is not in the background. The model
// stops, and what it has made is gone.
func (all *responses) lose(r *http.Request, one *response) {
	if made, stopped := one.stop(); stopped {
		playground.LogEvent(r, "model-stopped", "the model has stopped after %d tokens", made)
		all.forget(one)
	}
}

// ownerLength is how much of an ID says which run it is of.
const ownerLength = 8

// owner is that part, for a new response: of several servers one keeps those of a run.
func owner(r *http.Request) string {
	hash := fnv.New32a()
	hash.Write([]byte(playground.RunName(r)))
	return fmt.Sprintf("%0*x", ownerLength, hash.Sum32())
}

// ownerOf is that part, for any request of the API.
func ownerOf(r *http.Request) string {
	id, below := strings.CutPrefix(r.URL.Path, "/v1/responses/resp_")
	if !below {
		return owner(r)
	}
	return id[:min(len(id), ownerLength)]
}

// create answers with a response: with its events, with the whole once it is made, or
// at once where it goes on in the background.
func (all *responses) create(w http.ResponseWriter, r *http.Request) {
	var body json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		faultOf(err).write(w)
		return
	}
	q, err := parseQuestion(body)
	if err != nil {
		faultOf(err).write(w)
		return
	}
	made, err := all.begin(r, q)
	if err != nil {
		faultOf(err).write(w)
		return
	}
	if !q.Background {
		defer all.lose(r, made)
	}
	switch {
	case q.Stream:
		all.pass(w, r, made, -1)
	case q.Background || made.wait(r.Context(), len(made.said)):
		send(w, http.StatusOK, made.now())
	}
}

// region: retrieve
// retrieve answers with a response as it stands, or goes on with its events after the
// one that the client names.
func (all *responses) retrieve(w http.ResponseWriter, r *http.Request) {
	kept := all.find(r.PathValue("id"))
	query := r.URL.Query()
	switch {
	case kept == nil || !kept.Background && kept.now().Status == "in_progress":
		notFound("There is no response %q: it is over two minutes old, or its connection was lost.", r.PathValue("id")).write(w)
	case query.Get("stream") != "true":
		send(w, http.StatusOK, kept.now())
	case !kept.Background || !kept.Stream:
		invalid("stream", "only a response that was made with background and stream can be streamed again").write(w)
	default:
		after, err := strconv.Atoi(cmp.Or(query.Get("starting_after"), "-1"))
		if err != nil || after < -1 {
			invalid("starting_after", "starting_after is the sequence_number of an event").write(w)
			return
		}
		all.pass(w, r, kept, after)
	}
}

// endregion

// region: pass
// pass sends the events of a response, from the one behind a number on.
func (all *responses) pass(w http.ResponseWriter, r *http.Request, from *response, after int) {
	out := stream.New(w)
	for e := range from.follow(r.Context(), after) {
		if err := out.Send(stream.Event{Type: e.Type, Data: string(raw(e))}); err != nil {
			return // the client has left, and may come back
		}
		if from.cutAfter(e.Number, r) {
			pause(r.Context(), from.every) // so that it arrives
			if playground.Controls(r).Text("how") == "reset" {
				playground.Cut(w)
			}
			return
		}
	}
}

// endregion

// cutAfter reports whether the connection is to be lost now that the client has the event
// with a number: once in a response, and only in the first of its run.
func (r *response) cutAfter(number int, request *http.Request) bool {
	controls := playground.Controls(request)
	at := map[string]int{"question": firstToken - 1, "result": firstToken + 4}[controls.Text("cut")]
	if controls.Text("moments") == "surprise" {
		at = firstToken + playground.Random(request).IntN(5)
	}
	if attempt, err := strconv.Atoi(request.URL.Query().Get("attempt")); err == nil && attempt > 1 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if at == 0 || number != at || r.wasCut {
		return false
	}
	r.wasCut = true
	return true
}

// pause lets time pass, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// cancel stops the model of a response in the background.
func (all *responses) cancel(w http.ResponseWriter, r *http.Request) {
	kept := all.find(r.PathValue("id"))
	switch {
	case kept == nil:
		notFound("There is no response %q.", r.PathValue("id")).write(w)
	case !kept.Background:
		invalid("", "only a response in the background can be cancelled; the others end with their connection").write(w)
	default:
		if made, stopped := kept.stop(); stopped {
			playground.LogEvent(r, "model-stopped", "the model has stopped after %d tokens", made)
		}
		send(w, http.StatusOK, kept.now())
	}
}

// delete forgets a response.
func (all *responses) delete(w http.ResponseWriter, r *http.Request) {
	kept := all.find(r.PathValue("id"))
	if kept == nil {
		notFound("There is no response %q.", r.PathValue("id")).write(w)
		return
	}
	kept.stop()
	all.forget(kept)
	send(w, http.StatusOK, object{"id": kept.id, "object": "response", "deleted": true})
}

// A fault is an error as OpenAI's API has it.
type fault struct {
	Status                     int
	Message, Type, Param, Code string
}

// body is what a client gets of it.
func (f *fault) body() object {
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return object{"message": f.Message, "type": f.Type, "param": orNull(f.Param), "code": orNull(f.Code)}
}

func (f *fault) Error() string { return f.Message }

func invalid(param, format string, a ...any) *fault {
	return &fault{Status: http.StatusBadRequest, Type: "invalid_request_error", Param: param, Message: fmt.Sprintf(format, a...)}
}

func notFound(format string, a ...any) *fault {
	return &fault{Status: http.StatusNotFound, Type: "invalid_request_error", Message: fmt.Sprintf(format, a...)}
}

// faultOf makes a fault of an error.
func faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	f := invalid("", "the body can't be read: %v", err)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		f.Status = http.StatusRequestEntityTooLarge
	}
	return f
}

func (f *fault) write(w http.ResponseWriter) {
	playground.Because(w, f)
	if f.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	send(w, f.Status, object{"error": f.body()})
}

func send(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(append(raw(value), '\n'))
}
