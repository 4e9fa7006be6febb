package lessons

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"seewire/lessons/container"
)

// A resolver looks up what drafts refer to and makes pages of them.
type resolver struct {
	mu       sync.Mutex // is held while something is made that is made when it is wanted
	course   *Course
	refs     References
	layers   Layers
	drafts   map[string]map[string]*draft // by slug, and by the language of those who read it
	problems Problems
	usages   map[string][]usage // by language
	fields   map[string][]Field // by language, of those that were wanted
	terms    map[string][]Term  // likewise, without the lessons that use them

	words       map[string][]word // of the interface, by language
	lessonWords []word            // that lie beside the lessons
}

// finish makes the body of a draft's page. What is wrong is noted in the draft.
func (r *resolver) finish(d *draft) Body {
	if d.lost {
		return Body{}
	}
	root := d.tree()
	r.checkProse(d)
	r.resolveLinks(d)
	body := Body{terms: r.linkTerms(d)}
	playgrounds := 0
	for _, node := range children(root) {
		if c, ok := node.(*container.Container); ok && c.Name == "playground" {
			playgrounds++
		}
	}
	body.Parts, body.Sources = r.parts(d, root), d.sources
	if playgrounds != 1 {
		d.problemAt(1, "a lesson has one :::playground; this one has %d", playgrounds).do("write :::playground {experiment=…} once, and ::: below it")
	}
	return body
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

// only says which settings a node has that mean nothing on it.
func (d *draft) only(node ast.Node, settings container.Settings, known ...string) {
	for _, key := range slices.Sorted(maps.Keys(settings.Values)) {
		if !slices.Contains(known, key) {
			d.problem(node, "the setting %q means nothing here", key).do("%s", only(known))
		}
	}
}

// only is what to do about a setting that is not among these.
func only(known []string) string {
	if len(known) == 0 {
		return "take it out"
	}
	return "take it out, or write one of: " + strings.Join(known, ", ")
}

// choice lists names for a person to choose from.
func choice[V any](names map[string]V) string {
	if len(names) == 0 {
		return "there is none"
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

func last(parts []Part) Part {
	if len(parts) == 0 {
		return nil
	}
	return parts[len(parts)-1]
}

// block is the part that a node makes; nil where it is plain markdown. One that
// has mistakes is not shown: they are, in its place.
func (r *resolver) block(d *draft, node ast.Node) Part {
	before := len(d.problems)
	part := r.make(d, node)
	if len(d.problems) > before {
		return Mistake{slices.Clone(d.problems[before:])}
	}
	return part
}

func (r *resolver) make(d *draft, node ast.Node) Part {
	switch n := node.(type) {
	case *ast.FencedCodeBlock:
		return r.fence(d, n)
	case *container.Container:
		if n.Name != "figure" && n.Parent() != d.root {
			d.problem(n, ":::%s does not stand inside another block", n.Name).do("move it out, or close the other block with ::: above it")
			return HTML("")
		}
		switch n.Name {
		case "predict":
			return r.predict(d, n)
		case "playground":
			return r.playground(d, n)
		case "exercise":
			return r.exercise(d, n)
		case "figure":
			return r.figure(d, n)
		case "claim":
			return r.claim(d, n)
		case "verdicts":
			return r.verdicts(d, n)
		case "guide":
			return r.guide(d, n)
		}
		d.problem(n, "no block has the name %q here", n.Name).do("write one of: claim, exercise, figure, guide, playground, predict, verdicts")
		return HTML("")
	}
	return nil
}
