package lessons

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"

	"seewire/lessons/container"
)

// A Guide asks a few questions and says what the answers speak for.
type Guide struct {
	ID        string
	Questions []Question
}

// A Question has answers that speak for or against something.
type Question struct {
	ID      string
	Text    HTML
	Options []Option
}

// An Option is an answer to a question.
type Option struct {
	Text    HTML
	Effects []Effect
}

// An Effect is one reason for or against what a guide chooses between.
type Effect struct {
	For    string // "eventsource", "fetch", "websocket" or "poll"
	Weight int    // from -9 to 9: how much it speaks for it, or against
	Why    HTML
}

// choices are what a guide chooses between: an EventSource, an event stream
// that is read with fetch, a WebSocket, or none of them but a request now and
// then.
var choices = []string{"eventsource", "fetch", "websocket", "poll"}

// effectHead is what stands before a reason, with a colon of either language.
var effectHead = regexp.MustCompile(`^(\w+) ([+-][1-9])(?:: |：)`)

// guide reads a block of questions. Each answer lists what it speaks for:
//
//	:::guide {#guide}
//	:::question {#up}
//	What goes up while something comes down?
//
//	1. Next to nothing
//	   - eventsource +2: Down only is what it was made for.
//	   - websocket -1: Its way up would lie idle.
//	:::
//	:::
func (r *resolver) guide(d *draft, c *container.Container) Part {
	d.only(c, c.Settings)
	block := Guide{ID: c.Settings.ID}
	for _, node := range children(c) {
		question, ok := node.(*container.Container)
		if !ok || question.Name != "question" {
			d.problem(node, ":::guide holds :::question and nothing else").do("move this above or below the block")
			continue
		}
		block.Questions = append(block.Questions, d.question(question))
	}
	if block.ID == "" || len(block.Questions) == 0 {
		d.problem(c, ":::guide needs an id and a question").do("write :::guide {#name} with a :::question in it")
	}
	return block
}

func (d *draft) question(c *container.Container) Question {
	d.only(c, c.Settings)
	q := Question{ID: c.Settings.ID}
	list, ok := c.LastChild().(*ast.List)
	if !ok || c.ChildCount() != 2 || q.ID == "" || c.FirstChild().Kind() != ast.KindParagraph {
		d.problem(c, ":::question has an id, and holds a paragraph and a list of answers").do("add what is missing, and take out the rest")
		return q
	}
	q.Text = d.render(children(c.FirstChild())...)
	for _, item := range children(list) {
		q.Options = append(q.Options, d.option(item))
	}
	return q
}

// option reads an answer and the list below it.
func (d *draft) option(item ast.Node) Option {
	option := Option{Text: d.render(children(item.FirstChild())...)}
	effects, ok := item.LastChild().(*ast.List)
	if !ok || item.ChildCount() != 2 {
		d.problem(item, "an answer is one line, with a list of what it speaks for below it").do("indent the list below the answer: - websocket -1: why")
		return option
	}
	for _, one := range children(effects) {
		option.Effects = append(option.Effects, d.effect(one))
	}
	return option
}

// effect reads "websocket -1: Its way up would lie idle."
func (d *draft) effect(item ast.Node) Effect {
	first, ok := item.FirstChild().FirstChild().(*ast.Text)
	if !ok {
		d.problem(item, "this is no reason").do("write it as: websocket -1: why")
		return Effect{}
	}
	match := effectHead.FindSubmatch(first.Segment.Value(d.source))
	if match == nil || !slices.Contains(choices, string(match[1])) {
		d.problem(item, "this is no reason").do("write it as: websocket -1: why; the choices are %s", strings.Join(choices, ", "))
		return Effect{}
	}
	weight, _ := strconv.Atoi(string(match[2]))
	first.Segment = first.Segment.WithStart(first.Segment.Start + len(match[0]))
	return Effect{For: string(match[1]), Weight: weight, Why: d.render(children(item.FirstChild())...)}
}
