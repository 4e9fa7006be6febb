package agents

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// A response is what the model makes of one question. How far it has come is a matter
// of the clock: it goes on whether or not anybody reads.
type response struct {
	question
	id    string
	begun time.Time
	every time.Duration // a token
	said  []string      // the tokens of the whole answer
	ends  string        // "completed", "incomplete", "failed", or "error"

	stopped chan struct{} // closed once the model is stopped

	mu     sync.Mutex
	made   int // how many tokens there were when it was stopped
	wasCut bool
}

// begin begins a response now.
func begin(q question, id string, every time.Duration, outcome string) *response {
	r := &response{question: q, id: id, begun: time.Now(), every: every, said: answerTo(string(q.Input)), ends: "completed", stopped: make(chan struct{})}
	switch {
	case outcome != "done":
		r.ends = outcome
		r.said = r.said[:len(r.said)/2]
	case q.MaxOutputTokens > 0 && q.MaxOutputTokens < len(r.said):
		r.ends = "incomplete"
		r.said = r.said[:q.MaxOutputTokens]
	}
	return r
}

// stop stops the model, and says how many tokens it has made; false where there is
// nothing to stop.
func (r *response) stop() (made int, stopped bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	made, isStopped := r.progress()
	if isStopped || made == len(r.said) {
		return made, false
	}
	r.made = made
	close(r.stopped)
	return made, true
}

// progress says how many tokens there are, and whether there will be no more of them
// because the model was stopped. r.mu is held.
func (r *response) progress() (made int, stopped bool) {
	select {
	case <-r.stopped:
		return r.made, true
	default:
		return min(len(r.said), int(time.Since(r.begun)/r.every)), false
	}
}

// now is the response as it stands.
func (r *response) now() resource {
	r.mu.Lock()
	made, stopped := r.progress()
	r.mu.Unlock()
	switch {
	case stopped:
		return r.resource("cancelled", made)
	case made < len(r.said):
		return r.resource("in_progress", made)
	default:
		return r.atEnd()
	}
}

// atEnd is the response once the model has made all of it.
func (r *response) atEnd() resource {
	if r.ends == "error" {
		return r.resource("failed", len(r.said))
	}
	return r.resource(r.ends, len(r.said))
}

// takes is how long the model takes.
func (r *response) takes() time.Duration { return time.Duration(len(r.said)) * r.every }

// The numbers of a response's events: four before the text, one for each token, and
// those that close what was opened.
const firstToken = 4

// region: follow
// follow yields the events after the one with a number, as they are made: those that
// there are already at once. It ends with the response, or with ctx.
func (r *response) follow(ctx context.Context, after int) iter.Seq[typedEvent] {
	return func(yield func(typedEvent) bool) {
		for number := after + 1; ; number++ {
			e, tokens, ok := r.event(number)
			if !ok || !r.wait(ctx, tokens) || !yield(e) {
				return
			}
		}
	}
}

// endregion

// wait waits until the model has made so many tokens. It returns false where it never
// will, or ctx ends before.
func (r *response) wait(ctx context.Context, tokens int) bool {
	timer := time.NewTimer(time.Until(r.begun.Add(time.Duration(tokens) * r.every)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.stopped:
	case <-ctx.Done():
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	made, _ := r.progress()
	return made >= tokens
}

// event is the one with a number, and how many tokens are made before it. It returns
// false behind the last.
func (r *response) event(number int) (e typedEvent, tokens int, ok bool) {
	whole := strings.Join(r.said, "")
	begun, text := r.item("in_progress", ""), object{"type": "output_text", "text": whole, "annotations": []any{}}
	in := func(more object) object { // the part of an item of the output that it is about
		more["item_id"], more["output_index"], more["content_index"] = begun.ID, 0, 0
		return more
	}
	e.Number = number
	switch closing := number - firstToken - len(r.said); {
	case number < 0:
		return typedEvent{}, 0, false
	case number == 0:
		e.Type, e.more = "response.created", object{"response": r.resource("in_progress", 0)}
	case number == 1:
		e.Type, e.more = "response.in_progress", object{"response": r.resource("in_progress", 0)}
	case number == 2:
		e.Type, e.more = "response.output_item.added", object{"output_index": 0, "item": begun}
	case number == 3:
		e.Type, e.more = "response.content_part.added", in(object{"part": object{"type": "output_text", "text": "", "annotations": []any{}}})
	case closing < 0:
		e.Type, e.more = "response.output_text.delta", in(object{"delta": r.said[number-firstToken], "logprobs": []any{}})
		return e, number - firstToken + 1, true
	case closing == 0 && r.ends == "error":
		e.Type, e.more = "error", object{"code": modelFailure["code"], "message": modelFailure["message"], "param": nil}
	case closing == 0 && r.ends == "failed":
		e.Type, e.more = "response.failed", object{"response": r.atEnd()}
	case r.ends == "error" || r.ends == "failed":
		return typedEvent{}, 0, false
	case closing == 0:
		e.Type, e.more = "response.output_text.done", in(object{"text": whole, "logprobs": []any{}})
	case closing == 1:
		e.Type, e.more = "response.content_part.done", in(object{"part": text})
	case closing == 2:
		e.Type, e.more = "response.output_item.done", object{"output_index": 0, "item": r.item(r.ends, whole)}
	case closing == 3:
		e.Type, e.more = "response."+r.ends, object{"response": r.atEnd()}
	default:
		return typedEvent{}, 0, false
	}
	if number < firstToken {
		return e, 0, true
	}
	return e, len(r.said), true
}

// An event of the Responses API. Its type is in it, and its number.
type typedEvent struct {
	Type   string
	Number int
	more   object
	stream string // over a WebSocket: what the client has called it
}

// MarshalJSON writes what all events have first.
func (e typedEvent) MarshalJSON() ([]byte, error) {
	head := raw(struct {
		Type   string `json:"type"`
		Number int    `json:"sequence_number"`
		Stream string `json:"stream_id,omitempty"`
	}{e.Type, e.Number, e.stream})
	return append(append(head[:len(head)-1], ','), raw(e.more)[1:]...), nil
}

// A resource is a response as JSON.
type resource struct {
	ID         string  `json:"id"`
	Object     string  `json:"object"`
	CreatedAt  int64   `json:"created_at"`
	Status     string  `json:"status"`
	Background bool    `json:"background"`
	Model      string  `json:"model"`
	Output     []item  `json:"output"`
	Usage      *usage  `json:"usage"`
	Error      object  `json:"error"`
	Incomplete object  `json:"incomplete_details"`
	Previous   *string `json:"previous_response_id"`
	MaxOutput  *int    `json:"max_output_tokens"`
	Store      bool    `json:"store"`

	// What is asked for in another way is not listened to.
	Instructions *string `json:"instructions"`
	Metadata     object  `json:"metadata"`
	Parallel     bool    `json:"parallel_tool_calls"`
	Temperature  int     `json:"temperature"`
	TopP         int     `json:"top_p"`
	ToolChoice   string  `json:"tool_choice"`
	Tools        []any   `json:"tools"`
}

// An item is one of the output.
type item struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"`
	Status  string   `json:"status"`
	Role    string   `json:"role"`
	Content []object `json:"content"`
}

// A usage is in tokens.
type usage struct {
	Input         int    `json:"input_tokens"`
	InputDetails  object `json:"input_tokens_details"`
	Output        int    `json:"output_tokens"`
	OutputDetails object `json:"output_tokens_details"`
	Total         int    `json:"total_tokens"`
}

// modelFailure is what a model says that fails.
var modelFailure = object{"code": "server_error", "message": "The model has failed, as this run asked it to."}

func (r *response) resource(status string, made int) resource {
	o := resource{
		ID: r.id, Object: "response", CreatedAt: r.begun.Unix(), Status: status, Background: r.Background, Model: r.Model,
		Output: []item{}, Store: r.Store == nil || *r.Store,
		Metadata: object{}, Parallel: true, Temperature: 1, TopP: 1, ToolChoice: "auto", Tools: []any{},
	}
	if r.Previous != "" {
		o.Previous = &r.Previous
	}
	if r.MaxOutputTokens > 0 {
		o.MaxOutput = &r.MaxOutputTokens
	}
	if made > 0 {
		state := map[string]string{"completed": "completed", "in_progress": "in_progress"}[status]
		if state == "" {
			state = "incomplete"
		}
		o.Output = append(o.Output, r.item(state, strings.Join(r.said[:made], "")))
	}
	switch status {
	case "in_progress":
		return o
	case "failed":
		o.Error = modelFailure
	case "incomplete":
		o.Incomplete = object{"reason": "max_output_tokens"}
	}
	asked := (utf8.RuneCountInString(string(r.Input)) + 3) / 4 // about
	o.Usage = &usage{asked, object{"cached_tokens": 0}, made, object{"reasoning_tokens": 0}, asked + made}
	return o
}

// item is the message that the model writes.
func (r *response) item(status, text string) item {
	m := item{ID: "msg_" + strings.TrimPrefix(r.id, "resp_"), Type: "message", Status: status, Role: "assistant", Content: []object{}}
	if text != "" {
		m.Content = append(m.Content, object{"type": "output_text", "text": text, "annotations": []any{}})
	}
	return m
}

// What the model says, in the language of the question.
var (
	inEnglish = []string{"Train", " 7", " leaves", " at", " 9:40", ".", " A", " window", " seat", " is", " free", " in", " coach", " 4", "."}
	inChinese = []string{"7", " 次", "列车", " 9:40", " 发车", "，", "4", " 号", "车厢", "还有", "一个", "靠窗", "的", "座位", "。"}
)

// answerTo are the tokens of the answer to a question.
func answerTo(question string) []string {
	if strings.ContainsFunc(question, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return inChinese
	}
	return inEnglish
}
