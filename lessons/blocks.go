package lessons

import (
	"errors"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"

	"seewire/lessons/container"
)

func (r *resolver) predict(d *draft, c *container.Container) Part {
	d.only(c, c.Settings, "answer")
	block := Predict{ID: c.Settings.ID}
	for _, node := range children(c) {
		switch n := node.(type) {
		case *ast.List:
			for _, item := range children(n) {
				block.Options = append(block.Options, d.inline(item.FirstChild()))
			}
		case *ast.Blockquote:
			block.Why += d.render(children(n)...)
		case *ast.Paragraph:
			if block.Question != "" {
				d.problem(n, ":::predict has one paragraph: the question").do("put what explains it into the blockquote")
			}
			block.Question = d.inline(n)
		default:
			d.problem(n, ":::predict holds a paragraph, a list and a blockquote").do("move this above or below the block")
		}
	}
	block.Answer, _ = strconv.Atoi(c.Settings.Values["answer"])
	switch {
	case block.ID == "":
		d.problem(c, ":::predict needs an id").do("write :::predict {#name answer=1}")
	case block.Question == "" || block.Why == "":
		d.problem(c, ":::predict needs a question, a list of options and a blockquote that says why").do("add what is missing")
	case block.Answer < 1 || block.Answer > len(block.Options):
		d.problem(c, ":::predict: answer=%s is none of its %d options", c.Settings.Values["answer"], len(block.Options)).
			do("write the number of the right one, from 1")
	}
	return block
}

// inline renders what is in a paragraph, without the paragraph itself.
func (d *draft) inline(paragraph ast.Node) HTML {
	if paragraph == nil {
		return ""
	}
	if paragraph.NextSibling() != nil && paragraph.Parent().Kind() == ast.KindListItem {
		d.problem(paragraph, "an option is one paragraph").do("take the rest out, or put it into the blockquote")
	}
	return d.render(children(paragraph)...)
}

func (r *resolver) playground(d *draft, c *container.Container) Part {
	experiment, controls := r.controls(d, c)
	return Playground{Experiment: experiment, Controls: controls, Caption: d.render(children(c)...)}
}

// controls reads a block's experiment and its controls: all settings that are
// not named in reserved.
func (r *resolver) controls(d *draft, c *container.Container, reserved ...string) (experiment string, controls url.Values) {
	experiment = c.Settings.Values["experiment"]
	controls = url.Values{}
	for name, value := range c.Settings.Values {
		if name != "experiment" && !slices.Contains(reserved, name) {
			controls.Set(name, value)
		}
	}
	if err := r.refs.CheckControls(experiment, controls); err != nil {
		d.wrong(c, ":::"+c.Name, err)
	}
	return experiment, controls
}

// mostCopies is how many times at most an exercise's program runs at once: each
// is a thread of the visitor's browser.
const mostCopies = 20

func (r *resolver) exercise(d *draft, c *container.Container) Part {
	block := Exercise{ID: c.Settings.ID, Side: c.Settings.Values["side"]}
	block.Experiment, block.Controls = r.controls(d, c, "side", "copies")
	block.Copies = 1
	if copies, ok := c.Settings.Values["copies"]; ok {
		n, err := strconv.Atoi(copies)
		if err != nil || n < 2 || n > mostCopies {
			d.problem(c, ":::exercise: copies=%s is not a number from 2 to %d", copies, mostCopies).do("write how many times the program is to run, as on so many machines")
		}
		block.Copies = n
	}
	if block.ID == "" {
		d.problem(c, ":::exercise needs an id").do("write :::exercise {#name experiment=… side=sse}")
	}
	if block.Side != "sse" && block.Side != "ws" {
		d.problem(c, ":::exercise: side=%s is neither sse nor ws", block.Side).do("write the side that the learner programs")
	}
	for _, node := range children(c) {
		if hints, ok := node.(*container.Container); ok && hints.Name == "hints" {
			block.Hints = d.hints(hints)
			c.RemoveChild(c, hints)
		}
	}
	if _, err := r.refs.Source(block.Experiment + "/exercise/check.js"); errors.Is(err, fs.ErrNotExist) {
		d.problem(c, ":::exercise: the experiment %q has no exercise", block.Experiment).
			do("write one in its folder exercise: check.js, start.js, solution.js")
	}
	block.Body = r.parts(d, c)
	block.Starter = r.program(d, c, block.Experiment+"/exercise/start.js")
	block.Solution = r.program(d, c, block.Experiment+"/exercise/solution.js")
	if block.Solution == "" {
		block.Solution = r.program(d, c, block.Experiment+"/exercise/solution.txt")
	}
	return block
}

// hints are the items of the one list in a :::hints.
func (d *draft) hints(c *container.Container) []HTML {
	d.only(c, c.Settings)
	list, ok := c.FirstChild().(*ast.List)
	if !ok || list.NextSibling() != nil {
		d.problem(c, ":::hints holds one list and nothing else").do("write each hint as an item: 1. …")
		return nil
	}
	var hints []HTML
	for _, item := range children(list) {
		hints = append(hints, d.render(children(item)...))
	}
	return hints
}

// program is a file of an exercise, highlighted; empty where there is none. One
// that is solved with controls alone has no program to begin with, and a text
// for its solution.
func (r *resolver) program(d *draft, c *container.Container, file string) HTML {
	source, err := r.refs.Source(file)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			d.wrong(c, "a program of the exercise", err)
		}
		return ""
	}
	return Highlight(strings.TrimPrefix(path.Ext(file), "."), WithoutMarks(string(source)))
}
