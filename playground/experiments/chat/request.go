package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"seewire/playground"
)

// A Request is what a chat client sends, as far as this server reads it. The
// names are those of OpenAI's chat completions.
type Request struct {
	Messages []struct {
		Role    string  `json:"role"`
		Content content `json:"content"`
	} `json:"messages"`
	Model         string `json:"model"`
	N             int    `json:"n"`
	Stream        bool   `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Seed int `json:"seed"`

	// The most tokens that the answer may have, 0 for any number. The second is
	// the older name.
	MaxCompletionTokens int `json:"max_completion_tokens"`
	MaxTokens           int `json:"max_tokens"`

	prompt string // what is answered: the last thing that the user said
	raw    []byte // all that was sent; nil where that is no JSON
}

var (
	errBody    = errors.New("the request is not a JSON object with a list of messages")
	errSlow    = errors.New("the request's body did not come in time")
	errNothing = errors.New("messages has nothing that a user said")
)

// readRequest reads the question: from the body of a POST, or from the address,
// which is all that an EventSource can choose.
func readRequest(r *http.Request) (Request, error) {
	controls := playground.Controls(r)
	if r.Method == http.MethodGet {
		return Request{Stream: true, Seed: controls.Int("seed"), prompt: controls.Text("prompt")}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Request{}, fmt.Errorf("read the body: %w", err)
	}
	return parseRequest(body, controls.Int("seed"))
}

// parseRequest reads a question that is JSON. The seed is for one that has none.
func parseRequest(body []byte, seed int) (Request, error) {
	question := Request{Seed: seed, raw: body}
	if err := json.Unmarshal(body, &question); err != nil {
		return Request{}, errBody
	}
	for _, message := range slices.Backward(question.Messages) {
		if message.Role == "user" {
			question.prompt = string(message.Content)
			return question, nil
		}
	}
	return Request{}, errNothing
}

// content is the text of a message, which some clients send in parts.
type content string

func (c *content) UnmarshalJSON(b []byte) error {
	if text := (*string)(c); json.Unmarshal(b, text) == nil {
		return nil
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	var text strings.Builder
	for _, part := range parts {
		text.WriteString(part.Text)
	}
	*c = content(text.String())
	return nil
}

// body is what of a question is passed on to a real model.
func (q Request) body() map[string]any {
	body := map[string]any{"messages": []map[string]string{{"role": "user", "content": q.prompt}}}
	var sent map[string]json.RawMessage
	json.Unmarshal(q.raw, &sent) // it was read before
	for _, name := range passed {
		if value, ok := sent[name]; ok {
			body[name] = value
		}
	}
	return body
}
