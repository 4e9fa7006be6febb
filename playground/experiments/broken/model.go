package broken

import (
	"context"
	"crypto/sha256"
	"iter"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"seewire/playground"
)

// maxKept is how many answers are kept; the oldest makes room.
const maxKept = 1000

// A model makes answers, a token at a time, and keeps those that have a key.
type model struct {
	mu    sync.Mutex
	kept  map[place]*answer
	order []place // the oldest first
}

// A place is where an answer is kept: for its run and its key.
type place [sha256.Size]byte

func newModel() *model { return &model{kept: map[place]*answer{}} }

// An answer is made whether or not it is being read: with the clock.
type answer struct {
	tokens []string
	begun  time.Time
	every  time.Duration
}

// A question is what a client asks.
type question struct {
	Prompt string `json:"prompt"`
	Key    string `json:"key"`   // the answer's, "" for one that is not kept
	After  int    `json:"after"` // the number of the last token that the client has
}

// answer returns the kept answer to a question, or a new one, and whether it is
// new.
func (m *model) answer(r *http.Request, q question) (a *answer, isNew bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := sha256.Sum256([]byte(playground.RunName(r) + " " + q.Key))
	if a := m.kept[at]; a != nil && q.Key != "" {
		return a, false
	}
	a = &answer{generate(q.Prompt), time.Now(), playground.Controls(r).Duration("every")}
	if q.Key == "" {
		return a, true
	}
	if len(m.order) == maxKept {
		delete(m.kept, m.order[0])
		m.order = m.order[1:]
	}
	m.kept[at] = a
	m.order = append(m.order, at)
	return a, true
}

// after yields the tokens after a number, with theirs, as they are made: those
// that there are already at once. It ends with ctx.
func (a *answer) after(ctx context.Context, last int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for n := max(last, 0) + 1; n <= len(a.tokens); n++ {
			wait := time.NewTimer(time.Until(a.begun.Add(time.Duration(n) * a.every)))
			select {
			case <-wait.C:
			case <-ctx.Done():
				wait.Stop()
				return
			}
			if !yield(n, a.tokens[n-1]) {
				return
			}
		}
	}
}

// bill logs how many tokens a request has cost: those that were made for it.
func (a *answer) bill(r *http.Request, q question, isNew bool, sent int) {
	switch {
	case !isNew:
		playground.LogEvent(r, "made", "%d tokens made: the answer was kept under its key", 0)
	case q.Key != "":
		playground.LogEvent(r, "made", "%d tokens made and kept, whoever reads them", len(a.tokens))
	default:
		playground.LogEvent(r, "made", "%d tokens made", sent)
	}
}

// generate makes an answer up. Like a model's, it is not the same the next time.
func generate(prompt string) []string {
	parts := english
	if strings.ContainsFunc(prompt, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		parts = chinese
	}
	var tokens []string
	for _, choices := range parts {
		tokens = append(tokens, strings.Split(choices[rand.IntN(len(choices))], "|")...)
	}
	return tokens
}

// The parts of an answer, each in several ways. They have four tokens each.
var (
	english = [][]string{
		{"The |sky |is |blue ", "Our |sky |looks |blue ", "A |sky |is |blue "},
		{"because |air |scatters |light: ", "since |molecules |scatter |light: ", "as |air |spreads |light: "},
		{"blue |light |far |more ", "short |waves |much |more ", "the |blue |part |more "},
		{"than |it |scatters |red. ", "than |the |long |ones. ", "than |the |red |part. "},
		{"At |dusk |it |is ", "In |the |evening |it's ", "By |sunset |it |is "},
		{"the |other |way |round.", "red |that |is |left.", "the |red |that |remains."},
	}
	chinese = [][]string{
		{"天空|看上去|是|蓝的，", "晴天|的|天空|发蓝，", "我们|看到|的|蓝色，"},
		{"是因为|空气|会|散射光：", "来自|被|空气|散射的光：", "原因|在于|空气|分子："},
		{"波长|短的|蓝光，|散射得", "蓝光|的|波长短，|散射得", "太阳光里|的|蓝光，|散射得"},
		{"比|红光|多|得多。", "远|比|红光|厉害。", "要|比|红光|强很多。"},
		{"到了|傍晚，|光|走得远，", "太阳|落山|时，|路更长，", "黄昏|时|阳光|斜射，"},
		{"剩下|的|就是|红色。", "只|留下|了|红光。", "蓝光|散尽，|只剩|红光。"},
	}
)
