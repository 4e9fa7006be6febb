package chat

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"iter"
	"net/http"
	"strings"
	"time"

	"seewire/playground"
)

// modelName is what the answers say that they come from.
const modelName = "seewire-small-talk"

// An answer is the next message of a conversation.
type answer struct {
	id        string
	created   time.Time
	tokens    []string // joined, they are the text
	finish    string   // why there are no more: "stop", or "length" where the client wanted no more
	usage     usage
	withUsage bool // the client asked for a last chunk with the usage in it

	real *relayed // a real model's, in place of all that; nil for none
}

// answerTo answers a question: by a real model where there is one behind the experiment,
// or else by ours, whose tokens are the same for the same prompt and seed.
func answerTo(ctx context.Context, r *http.Request, question Request) (answer, error) {
	if upstream := upstreamOf(r); upstream != nil && question.Model != modelName {
		real, err := upstream.ask(ctx, playground.Peer(r), question)
		return answer{real: real}, err
	}
	tokens, finish := generate(question.prompt, question.Seed), "stop"
	if most := cmp.Or(question.MaxCompletionTokens, question.MaxTokens); most > 0 && most < len(tokens) {
		tokens, finish = tokens[:most], "length"
	}
	asked := len(tokenize(question.prompt))
	return answer{
		id:        "chatcmpl-" + rand.Text(),
		created:   time.Now(),
		tokens:    tokens,
		finish:    finish,
		usage:     usage{asked, len(tokens), asked + len(tokens)},
		withUsage: question.StreamOptions.IncludeUsage,
	}, nil
}

// pace is how long a token takes at a rate. A real model has its own.
func (a answer) pace(rate int) time.Duration {
	if a.real != nil {
		return time.Millisecond
	}
	return time.Second / time.Duration(rate)
}

// complete says whether all chunks were there. Where a real model has failed, the last
// one is an error.
func (a answer) complete() bool { return a.real == nil || a.real.done }

// close gives up an answer that nobody reads to its end.
func (a answer) close() {
	if a.real != nil {
		a.real.close()
	}
}

// A completion is an answer, or a chunk of one, as OpenAI's clients read it.
type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"` // in seconds since 1970
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

type choice struct {
	Index        int               `json:"index"`
	Delta        map[string]string `json:"delta,omitzero"`   // in a chunk: what is new
	Message      map[string]string `json:"message,omitzero"` // in a whole answer
	FinishReason *string           `json:"finish_reason"`    // null until it is finished
}

// usage counts tokens, as a bill would.
type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// chunks yields the answer as a stream sends it: a chunk that says who speaks,
// a chunk for each token, and one that says that this was all. With each comes
// its number, which is the token's.
func (a answer) chunks() iter.Seq2[int, string] {
	if a.real != nil {
		return a.real.chunks()
	}
	return func(yield func(int, string) bool) {
		next := 0
		chunk := func(usage *usage, choices ...choice) bool {
			next++
			return yield(next-1, a.json("chat.completion.chunk", usage, choices))
		}
		if !chunk(nil, choice{Delta: map[string]string{"role": "assistant", "content": ""}}) {
			return
		}
		// The chunks of the tokens differ in nothing else. So JSON is written once, with all
		// of them in one chunk, and cut at marks between them.
		const mark, marked = "\x1f", `\u001f` // is in no token
		parts := strings.Split(a.json("chat.completion.chunk", nil, []choice{{
			Delta: map[string]string{"content": mark + strings.Join(a.tokens, mark) + mark},
		}}), marked)
		before, after := parts[0], parts[len(parts)-1]
		for _, token := range parts[1 : len(parts)-1] {
			next++
			if !yield(next-1, before+token+after) {
				return
			}
		}
		if chunk(nil, choice{Delta: map[string]string{}, FinishReason: &a.finish}) && a.withUsage {
			chunk(&a.usage, []choice{}...)
		}
	}
}

// whole returns the answer in one piece.
func (a answer) whole() string {
	if a.real != nil {
		return a.real.whole
	}
	return a.json("chat.completion", &a.usage, []choice{{
		Message:      map[string]string{"role": "assistant", "content": strings.Join(a.tokens, "")},
		FinishReason: &a.finish,
	}})
}

func (a answer) json(object string, usage *usage, choices []choice) string {
	return quoted(completion{a.id, object, a.created.Unix(), modelName, choices, usage})
}

// quoted writes strings and numbers as JSON.
func quoted(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // they have no way to fail
	}
	return string(text)
}
