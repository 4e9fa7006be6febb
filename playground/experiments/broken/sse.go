package broken

import (
	"encoding/json"
	"net/http"
	"strconv"

	"seewire/playground"
	"seewire/playground/stream"
)

// serveSSE answers with an event for each token, until the fault.
func (m *model) serveSSE(w http.ResponseWriter, r *http.Request) {
	fault, after := faultOf(r), playground.Controls(r).Int("after")
	switch fault {
	case "401":
		refuse(w, http.StatusUnauthorized)
		return
	case "429":
		refuse(w, http.StatusTooManyRequests)
		return
	}
	// From the 200 on an error has no status any more.
	q, err := readQuestion(r)
	if err != nil {
		refuse(w, http.StatusBadRequest)
		return
	}

	line := playground.NewLine(w, r)
	defer line.Close()
	out := stream.New(line)
	answer, isNew := m.answer(r, q)
	sent := 0
	defer func() { answer.bill(r, q, isNew, sent) }()

	for n, token := range answer.after(r.Context(), q.After) {
		if n > after {
			switch fault {
			case "event":
				out.Send(stream.Event{Type: "error", Data: failure})
				return
			case "data":
				out.Send(stream.Event{Data: overloaded})
				return
			case "length":
				out.Send(stream.Event{Data: `{"finish":"length"}`})
				out.Send(stream.Event{Data: "[DONE]"})
				return
			case "cut":
				playground.Cut(w)
				return
			case "end":
				return
			case "html":
				out.Raw([]byte(page))
				return
			case "silence":
				line.Hold()
			case "slow":
				rest(r.Context())
			}
			after += 4 // a slow answer pauses again
		}
		event := stream.Event{ID: strconv.Itoa(n), Data: tokenJSON(n, token)}
		if err := out.Send(event); err != nil {
			return
		}
		sent = n
	}
	if r.Context().Err() != nil {
		return // the client has left
	}
	out.Send(stream.Event{Data: `{"finish":"stop"}`})
	out.Send(stream.Event{Data: "[DONE]"})
}

// readQuestion reads what the client asks: from the body, or from the address,
// which is all that a GET has.
func readQuestion(r *http.Request) (question, error) {
	q := question{Prompt: playground.Controls(r).Text("prompt")}
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			return q, err
		}
	}
	q.Key = r.Header.Get("Idempotency-Key")
	q.After, _ = strconv.Atoi(r.Header.Get("Last-Event-ID")) // what is no number is none
	return q, nil
}

// tokenJSON is a token and its number.
func tokenJSON(n int, text string) string {
	b, err := json.Marshal(struct {
		N    int    `json:"n"`
		Text string `json:"text"`
	}{n, text})
	if err != nil {
		panic(err) // they have no way to fail
	}
	return string(b)
}
