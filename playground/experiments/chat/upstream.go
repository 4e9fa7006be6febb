package chat

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"seewire/playground"
)

// What one answer of a real model may take, so that nobody runs up a bill without bound.
const (
	mostTokens  = 2048             // in one answer; a question that asks for more gets as many
	mostAtOnce  = 16               // answers, of which an address has half
	patience    = time.Minute      // for the head of a response, and for each event after another
	listTime    = 10 * time.Second // for the list of models
	listAge     = time.Minute
	listPause   = 5 * time.Second // after a question for it that failed
	largestLine = 1 << 20
	largestBody = 4 << 20 // of an answer that is no stream
)

// An Upstream is a real model behind the experiment: a server that answers OpenAI's chat
// completions, as most that serve models do. Its key leaves this program in requests to
// that server alone.
type Upstream struct {
	base   *url.URL
	key    string
	name   string
	client *http.Client
	places *playground.Places
	budget budget

	listing sync.Mutex // held while one asks: the others wait for what it learns
	listed  time.Time
	list    []Model
	noList  error
}

// A Model is one that can be asked for.
type Model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

// BuiltIn is the model that answers without an Upstream.
var BuiltIn = Model{modelName, "model", 1795824000, "seewire"}

// NewUpstream returns the model at a base URL, below which are /chat/completions and
// /models. The key may be empty. Name is the only model that may be asked for; with "" any
// that the server lists may, and the first is asked for by who names none. All answers
// together take so many tokens an hour.
func NewUpstream(base *url.URL, key, name string, tokens int) *Upstream {
	return &Upstream{
		base: base, key: key, name: name,
		client: &http.Client{
			// The key is not for another server.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		places: playground.NewPlaces(mostAtOnce),
		budget: budget{limit: tokens, by: map[netip.Prefix]int{}},
	}
}

// upstreamKey is the key of the Upstream in a request's context.
type upstreamKey struct{}

// With lets the requests under ctx be answered by a real model.
func With(ctx context.Context, u *Upstream) context.Context {
	return context.WithValue(ctx, upstreamKey{}, u)
}

func upstreamOf(r *http.Request) *Upstream {
	u, _ := r.Context().Value(upstreamKey{}).(*Upstream)
	return u
}

// passed are the parameters of a question that are passed on. Others may cost more than
// tokens: a better class of service, a search in the Web, more answers than one.
var passed = []string{
	"messages", "tools", "tool_choice", "parallel_tool_calls", "response_format", "temperature", "top_p", "stop", "seed",
	"presence_penalty", "frequency_penalty", "logit_bias", "reasoning_effort",
}

// ask asks the model. What is returned is closed when it has been read, or by its close.
func (u *Upstream) ask(ctx context.Context, peer netip.Prefix, question Request) (*relayed, error) {
	if question.N > 1 {
		return nil, &fault{Status: http.StatusBadRequest, Message: "n is more than 1: here a question has one answer", Param: "n"}
	}
	tokens := mostTokens
	for _, asked := range []int{question.MaxTokens, question.MaxCompletionTokens} {
		if asked > 0 {
			tokens = min(tokens, asked)
		}
	}
	name, err := u.choose(ctx, question.Model)
	if err != nil {
		return nil, err
	}
	parameter := "max_tokens" // which all servers know
	if question.MaxCompletionTokens > 0 {
		parameter = "max_completion_tokens"
	}
	body := question.body()
	body["model"], body["stream"], body[parameter] = name, question.Stream, tokens
	if question.Stream {
		body["stream_options"] = map[string]bool{"include_usage": true} // what it has cost
	}

	if !u.places.Take(peer, 1) {
		return nil, &fault{Status: http.StatusTooManyRequests, Type: "rate_limit_error", Code: "rate_limit_exceeded", RetryAfter: "5",
			Message: "As many answers of the model are under way as may be, in all or from your address. Try again in a moment."}
	}
	reserved := tokens + len(quoted(body))/4
	wait, ok := u.budget.take(peer, reserved)
	if !ok {
		u.places.Release(peer, 1)
		return nil, &fault{Status: http.StatusTooManyRequests, Type: "rate_limit_error", Code: "insufficient_quota", RetryAfter: fmt.Sprint(int(wait.Seconds()) + 1),
			Message: "The tokens that this site gives to its model in an hour are used up, in all or for your address."}
	}
	a := &relayed{upstream: u, peer: peer, reserved: reserved, asked: reserved - tokens, most: tokens, wantsUsage: question.StreamOptions.IncludeUsage}
	if err := a.open(ctx, body, question.Stream); err != nil {
		// OpenAI's models that reason want the newer name.
		refused, ok := errors.AsType[*fault](err)
		if !ok || refused.Param != "max_tokens" || parameter != "max_tokens" {
			a.close()
			return nil, err
		}
		delete(body, parameter)
		body["max_completion_tokens"] = tokens
		if err := a.open(ctx, body, question.Stream); err != nil {
			a.close()
			return nil, err
		}
	}
	return a, nil
}

// choose is the name of the model that is asked.
func (u *Upstream) choose(ctx context.Context, wanted string) (string, error) {
	if u.name != "" {
		return u.name, nil
	}
	list, err := u.Models(ctx)
	switch {
	case slices.ContainsFunc(list, func(m Model) bool { return m.ID == wanted }), err != nil && wanted != "":
		return wanted, nil
	case err != nil:
		return "", err
	case len(list) == 0:
		return "", &fault{Status: http.StatusBadGateway, Type: "upstream_error", Message: "The model's server lists no model. The host names one with -model-name."}
	}
	return list[0].ID, nil
}

// Models are those that may be asked for.
func (u *Upstream) Models(ctx context.Context) ([]Model, error) {
	if u.name != "" {
		return []Model{{u.name, "model", BuiltIn.Created, u.base.Hostname()}}, nil
	}
	u.listing.Lock()
	defer u.listing.Unlock()
	age := listAge
	if u.noList != nil {
		age = listPause
	}
	if time.Since(u.listed) >= age {
		list, err := u.fetchModels(ctx)
		if ctx.Err() != nil {
			return nil, err // the client has left: that says nothing about the server
		}
		u.list, u.noList, u.listed = list, err, time.Now()
	}
	return u.list, u.noList
}

// fetchModels asks for the list.
func (u *Upstream) fetchModels(ctx context.Context) ([]Model, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	response, err := u.send(ctx, http.MethodGet, "models", nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var list struct {
		Data []Model `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, largestBody)).Decode(&list); err != nil {
		return nil, &fault{Status: http.StatusBadGateway, Type: "upstream_error", Message: "The model's server answered the question for its models with no list of them."}
	}
	return list.Data, nil
}

// send sends a request. Of what is no success it makes a fault.
func (u *Upstream) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		content = strings.NewReader(quoted(body))
	}
	request, err := http.NewRequestWithContext(ctx, method, u.base.JoinPath(path).String(), content)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if u.key != "" {
		request.Header.Set("Authorization", "Bearer "+u.key)
	}
	response, err := u.client.Do(request)
	if err != nil {
		return nil, u.failed(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		return nil, u.refused(response)
	}
	return response, nil
}

// failed is that no response came, or no more of it.
func (u *Upstream) failed(ctx context.Context, err error) *fault {
	if errors.Is(context.Cause(ctx), errSilent) || errors.Is(err, context.DeadlineExceeded) {
		return &fault{Status: http.StatusGatewayTimeout, Type: "upstream_error", Code: "upstream_timeout", Message: "The model's server has sent nothing for too long."}
	}
	if wrong, ok := errors.AsType[*url.Error](err); ok {
		err = wrong.Err // without the address
	}
	return &fault{Status: http.StatusBadGateway, Type: "upstream_error", Code: "upstream_unreachable", Message: "The model's server can't be reached: " + u.without(err.Error())}
}

// refused is what a response says that is no success.
func (u *Upstream) refused(response *http.Response) *fault {
	start, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	var said struct {
		Error struct {
			Message string `json:"message"`
			Type    string `json:"type"`
			Param   any    `json:"param"`
			Code    any    `json:"code"`
		} `json:"error"`
	}
	json.Unmarshal(start, &said) // what is no JSON says nothing
	f := &fault{Status: response.StatusCode, Message: u.without(said.Error.Message), Type: said.Error.Type, RetryAfter: response.Header.Get("Retry-After")}
	f.Param, _ = said.Error.Param.(string)
	f.Code, _ = said.Error.Code.(string)
	status := response.StatusCode
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		// Its message may have a part of the key in it, and it is the host's to mend.
		f = &fault{Status: http.StatusBadGateway, Type: "upstream_error", Code: "upstream_unauthorized",
			Message: fmt.Sprintf("The model's server refused the key that the host of this site has given (%d).", status)}
	case f.Message == "" || status < 400:
		kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
		f.Message = fmt.Sprintf("The model's server answered %d with %s: it is no API of chat completions, or a proxy is in between.", status, kind)
		fallthrough
	case status >= 500:
		f.Type = "upstream_error"
		if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
			f.Status = http.StatusBadGateway
		}
	}
	return f
}

// without takes the key out of a text that the model's server has sent.
func (u *Upstream) without(text string) string {
	if u.key == "" {
		return text
	}
	return strings.ReplaceAll(text, u.key, "…")
}

// errSilent ends a response that has been silent for too long.
var errSilent = errors.New("silent for too long")

// A relayed answer is a real model's, passed on as it comes.
type relayed struct {
	upstream   *Upstream
	peer       netip.Prefix
	reserved   int // tokens
	asked      int // of them, about
	most       int // in the answer
	wantsUsage bool

	body   io.ReadCloser
	cancel context.CancelCauseFunc
	ctx    context.Context
	silent *time.Timer
	lines  *bufio.Scanner
	whole  string // of an answer that is no stream
	chunk  int
	spent  int  // tokens, as the model's server has counted
	done   bool // [DONE] came
	closed bool
}

// open sends the question.
func (a *relayed) open(ctx context.Context, body any, stream bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	silent := time.AfterFunc(patience, func() { cancel(errSilent) })
	response, err := a.upstream.send(ctx, http.MethodPost, "chat/completions", body)
	if err != nil {
		silent.Stop()
		cancel(nil)
		return err
	}
	a.ctx, a.cancel, a.silent, a.body = ctx, cancel, silent, response.Body
	want := "application/json"
	if stream {
		want = "text/event-stream"
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != want {
		return &fault{Status: http.StatusBadGateway, Type: "upstream_error", Code: "upstream_type",
			Message: fmt.Sprintf("The model's server answered with %q, where %s was asked for.", kind, want)}
	}
	if stream {
		a.lines = bufio.NewScanner(response.Body)
		a.lines.Buffer(nil, largestLine)
		return nil
	}
	defer a.close()
	text, err := io.ReadAll(io.LimitReader(response.Body, largestBody))
	if err != nil {
		return a.upstream.failed(ctx, err)
	}
	if !json.Valid(text) {
		return &fault{Status: http.StatusBadGateway, Type: "upstream_error", Code: "upstream_type", Message: "The model's server answered with JSON that breaks off."}
	}
	a.whole, a.done = a.upstream.without(string(text)), true
	a.count(text)
	return nil
}

// chunks yields what comes, as it comes. The last one is an error where [DONE] did not
// come.
func (a *relayed) chunks() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		defer a.close()
		for {
			data, err := a.next()
			if err == nil && data == "[DONE]" {
				a.done = true
				return
			}
			if err == nil && a.chunk > 2*a.most+16 {
				err = &fault{Status: http.StatusBadGateway, Type: "upstream_error", Message: "The model's server sends more tokens than were asked for."}
			}
			if err != nil {
				yield(a.chunk, asError(err))
				return
			}
			if bare := a.count([]byte(data)); bare && !a.wantsUsage {
				continue
			}
			if !yield(a.chunk, a.upstream.without(data)) || isError(data) {
				return
			}
			a.chunk++
		}
	}
}

// next is the data of the next event.
func (a *relayed) next() (string, error) {
	var data []string
	for a.lines.Scan() {
		a.silent.Reset(patience)
		line := a.lines.Text()
		if line == "" && len(data) > 0 {
			return strings.Join(data, "\n"), nil
		}
		if value, ok := strings.CutPrefix(line, "data:"); ok {
			data = append(data, strings.TrimPrefix(value, " "))
		}
	}
	if errors.Is(context.Cause(a.ctx), errSilent) {
		return "", a.upstream.failed(a.ctx, errSilent)
	}
	return "", &fault{Status: http.StatusBadGateway, Type: "upstream_error", Code: "upstream_cut", Message: "The model's server broke off before [DONE]."}
}

// count takes in what a chunk, or a whole answer, says of tokens. Bare is a chunk that says
// nothing else.
func (a *relayed) count(chunk []byte) (bare bool) {
	if !bytes.Contains(chunk, []byte(`"usage"`)) {
		return false
	}
	var said struct {
		Choices []struct{} `json:"choices"`
		Usage   *usage     `json:"usage"`
	}
	if json.Unmarshal(chunk, &said) != nil || said.Usage == nil {
		return false
	}
	a.spent = max(said.Usage.Total, said.Usage.Prompt+said.Usage.Completion)
	return len(said.Choices) == 0
}

// isError says whether a chunk is an error, after which nothing comes.
func isError(data string) bool {
	var chunk struct {
		Error json.RawMessage `json:"error"`
	}
	return json.Unmarshal([]byte(data), &chunk) == nil && len(chunk.Error) > 0 && string(chunk.Error) != "null"
}

// close ends the request, and counts what it has cost: as the model's server says, or else
// about what was asked and a token a chunk.
func (a *relayed) close() {
	if a.closed {
		return
	}
	a.closed = true
	if a.body != nil {
		a.silent.Stop()
		a.cancel(nil)
		a.body.Close()
	}
	spent := a.spent
	if spent == 0 && a.body != nil {
		spent = a.asked + a.chunk
	}
	a.upstream.budget.settle(a.peer, a.reserved, spent)
	a.upstream.places.Release(a.peer, 1)
}

// A budget is of tokens in an hour. A peer may have as many as it leaves to others.
type budget struct {
	limit int

	mu    sync.Mutex
	until time.Time // the hour's end
	taken int
	by    map[netip.Prefix]int
}

// take takes tokens; if there are none it says for how long.
func (b *budget) take(peer netip.Prefix, n int) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.After(b.until) {
		b.until, b.taken = now.Add(time.Hour), 0
		clear(b.by)
	}
	free := b.limit - b.taken
	if n > free || peer.IsValid() && b.by[peer]+n > free {
		return b.until.Sub(now), false
	}
	b.taken += n
	b.by[peer] += n
	return 0, true
}

// settle puts what was spent in place of what was taken.
func (b *budget) settle(peer netip.Prefix, taken, spent int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken = max(0, b.taken+spent-taken)
	b.by[peer] = max(0, b.by[peer]+spent-taken)
}
