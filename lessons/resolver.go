package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"seewire/lessons/container"
)

// A resolver looks up what drafts refer to and makes pages of them.
type resolver struct {
	course *Course
	refs   References
	fsys   fs.FS
	drafts map[string]map[string]*draft // by slug and language
}

// finish makes the page of a draft. What is wrong is noted in the draft.
func (r *resolver) finish(d *draft) *Page {
	r.resolveLinks(d)
	d.page.Parts = r.parts(d, d.root)
	playgrounds := 0
	for _, part := range d.page.Parts {
		if _, ok := part.(Playground); ok {
			playgrounds++
		}
	}
	if playgrounds != 1 {
		d.problemAt(1, "a lesson has one :::playground; this one has %d", playgrounds)
	}
	return d.page
}

// parts turns the blocks below a node into parts of a page. What is plain
// markdown is put together into as few as possible.
func (r *resolver) parts(d *draft, parent ast.Node) []Part {
	var parts []Part
	for _, node := range children(parent) {
		if part := r.block(d, node); part != nil {
			parts = append(parts, part)
			continue
		}
		text := d.render(node)
		if node.Kind() == extast.KindTable {
			text = `<div class="scroll" tabindex="0">` + "\n" + text + "</div>\n"
		}
		if before, ok := last(parts).(HTML); ok {
			parts[len(parts)-1] = before + text
		} else {
			parts = append(parts, text)
		}
	}
	return parts
}

func last(parts []Part) Part {
	if len(parts) == 0 {
		return nil
	}
	return parts[len(parts)-1]
}

// block is the part that a node makes; nil where it is plain markdown.
func (r *resolver) block(d *draft, node ast.Node) Part {
	switch n := node.(type) {
	case *ast.FencedCodeBlock:
		return r.fence(d, n)
	case *container.Container:
		switch n.Name {
		case "predict":
			return r.predict(d, n)
		case "playground":
			return r.playground(d, n)
		case "exercise":
			return r.exercise(d, n)
		case "figure":
			return r.figure(d, n)
		}
		d.problem(n, "no block has the name %q here", n.Name)
		return HTML("")
	}
	return nil
}

func (r *resolver) predict(d *draft, c *container.Container) Part {
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
				d.problem(n, ":::predict has one paragraph: the question")
			}
			block.Question = d.inline(n)
		default:
			d.problem(n, ":::predict holds a paragraph, a list and a blockquote")
		}
	}
	block.Answer, _ = strconv.Atoi(c.Settings.Values["answer"])
	switch {
	case block.ID == "":
		d.problem(c, ":::predict needs an id")
	case block.Question == "" || block.Why == "":
		d.problem(c, ":::predict needs a question, a list of options and a blockquote that says why")
	case block.Answer < 1 || block.Answer > len(block.Options):
		d.problem(c, ":::predict: answer=%s is none of its %d options", c.Settings.Values["answer"], len(block.Options))
	}
	return block
}

// inline renders what is in a paragraph, without the paragraph itself.
func (d *draft) inline(paragraph ast.Node) HTML {
	if paragraph == nil {
		return ""
	}
	if paragraph.NextSibling() != nil && paragraph.Parent().Kind() == ast.KindListItem {
		d.problem(paragraph, "an option is one paragraph")
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
		d.problem(c, ":::%s: %v", c.Name, err)
	}
	return experiment, controls
}

func (r *resolver) exercise(d *draft, c *container.Container) Part {
	block := Exercise{ID: c.Settings.ID, Side: c.Settings.Values["side"]}
	block.Experiment, block.Controls = r.controls(d, c, "side")
	if block.ID == "" {
		d.problem(c, ":::exercise needs an id")
	}
	if block.Side != "sse" && block.Side != "ws" {
		d.problem(c, ":::exercise: side=%s is neither sse nor ws", block.Side)
	}
	for _, node := range children(c) {
		if hints, ok := node.(*container.Container); ok && hints.Name == "hints" {
			block.Hints = d.hints(hints)
			c.RemoveChild(c, hints)
		}
	}
	block.Body = r.parts(d, c)
	block.Starter = r.starter(d, c, block.Experiment)
	return block
}

// hints are the items of the one list in a :::hints.
func (d *draft) hints(c *container.Container) []HTML {
	list, ok := c.FirstChild().(*ast.List)
	if !ok || list.NextSibling() != nil {
		d.problem(c, ":::hints holds one list and nothing else")
		return nil
	}
	var hints []HTML
	for _, item := range children(list) {
		hints = append(hints, d.render(children(item)...))
	}
	return hints
}

// starter is the experiment's exercise.js; an exercise that is solved with
// controls alone has none.
func (r *resolver) starter(d *draft, c *container.Container, experiment string) HTML {
	source, err := r.refs.Source(experiment + "/exercise.js")
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			d.problem(c, "read the program to begin with: %v", err)
		}
		return ""
	}
	return Highlight("js", string(source))
}

// fence is the part that fenced code makes: quoted code and commands; plain
// code is plain markdown.
func (r *resolver) fence(d *draft, f *ast.FencedCodeBlock) Part {
	language, settings, err := d.fenceSettings(f)
	if err != nil {
		d.problem(f, "%v", err)
		return HTML("")
	}
	if language == "terminal" {
		return Terminal{Side: settings.Values["side"], Commands: string(f.Lines().Value(d.source))}
	}
	from, ok := settings.Values["from"]
	if !ok {
		return nil
	}
	file, name, _ := strings.Cut(from, "#")
	text, err := r.quote(file, name)
	if err != nil {
		d.problem(f, "%v", err)
	}
	return Code{File: file, Name: name, HTML: Highlight(language, text)}
}

func (r *resolver) quote(file, name string) (string, error) {
	source, err := r.refs.Source(file)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	return Snippet(file, source, name)
}

// fenceSettings splits the line behind ``` into language and settings.
func (d *draft) fenceSettings(f *ast.FencedCodeBlock) (string, container.Settings, error) {
	info := d.info(f)
	language, rest, _ := strings.Cut(info, " ")
	settings, err := container.ParseSettings(rest)
	return language, settings, err
}

func (d *draft) info(f *ast.FencedCodeBlock) string {
	if f.Info == nil {
		return ""
	}
	return string(f.Info.Segment.Value(d.source))
}
