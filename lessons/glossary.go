package lessons

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"seewire/lessons/container"
)

// A Term is a word of the trade, in one language.
type Term struct {
	ID       string // the same in every language: "frame"
	Language string // that it is written in
	Name     string // "Frame"
	HTML     HTML   // what it means
	First    string // the slug of the first lesson that uses it; empty if none does yet

	short string   // what it means, without markup
	names []string // that it has in a text: "frame", "frames"
}

// Glossary are the words of the trade for readers of a language, with the first
// lesson that uses each. They are read from glossary/<language>.md: a heading of
// level 2 for each term, and what it means below.
//
//	## Frame {#frame also="frames, WebSocket frame"}
//
// The other names are for the texts: those and the heading's own are what a
// lesson may call it.
func (c *Course) Glossary(language string) []Term {
	r := c.resolver
	r.mu.Lock()
	terms := slices.Clone(r.glossary(language))
	r.mu.Unlock()
	for _, list := range [][]Lesson{c.Lessons, c.outside} {
		for _, lesson := range list {
			used := lesson.In(language).Body().terms
			for i := range terms {
				if used[terms[i].ID] && terms[i].First == "" {
					terms[i].First = lesson.Slug
				}
			}
		}
	}
	return terms
}

// glossary are the terms without the lessons that use them.
func (r *resolver) glossary(language string) []Term {
	if terms, ok := r.terms[language]; ok {
		return terms
	}
	terms, problems := r.termsIn(language, language)
	r.problems = append(r.problems, problems...)
	if first := r.course.First(); language != first {
		standIn, _ := r.termsIn(first, language)
		if r.course.Whole(language) {
			r.lacks(language, terms, standIn)
			r.lacks(first, standIn, terms)
		}
		for i, term := range standIn {
			if !slices.ContainsFunc(terms, term.same) {
				terms = slices.Insert(terms, min(i, len(terms)), term)
			}
		}
	}
	r.terms[language] = terms
	return terms
}

func (t Term) same(other Term) bool { return t.ID == other.ID }

// termsIn are a language's terms, with links for readers of the site's. The one
// of an upper layer takes the place of the same in a lower one.
func (r *resolver) termsIn(language, site string) (terms []Term, problems Problems) {
	sources, problems := r.layers.readAll("glossary/" + language + ".md")
	for _, source := range sources {
		d := newDraft(source, "", language, site)
		for _, term := range r.readTerms(d) {
			if i := slices.IndexFunc(terms, term.same); i >= 0 {
				terms[i] = term
			} else {
				terms = append(terms, term)
			}
		}
		problems = append(problems, d.problems...)
	}
	return terms, problems
}

// readTerms reads the terms of one file.
func (r *resolver) readTerms(d *draft) []Term {
	d.parse()
	d.check(d.root)
	r.checkProse(d)
	r.resolveLinks(d)
	var terms []Term
	for _, node := range children(d.root) {
		heading, ok := node.(*ast.Heading)
		switch {
		case ok && heading.Level == 2:
			terms = append(terms, newTerm(heading, d))
		case !ok && len(terms) > 0:
			term := &terms[len(terms)-1]
			term.HTML += d.render(node)
			term.short += plain(node, d.source)
		default:
			d.problem(node, "the glossary has headings of level 2, and text below them").do("write ## Name {#id} above this")
		}
	}
	for _, term := range terms {
		if term.short == "" {
			d.problemAt(1, "the term %q is not explained", term.ID).do("write below its heading what it means")
		}
	}
	return terms
}

func newTerm(heading *ast.Heading, d *draft) Term {
	id, _ := heading.AttributeString("id")
	name := plain(heading, d.source)
	term := Term{ID: fmt.Sprintf("%s", id), Language: d.language, Name: name}
	// A name in another language may stand behind: 背压（backpressure）.
	own, _, _ := strings.Cut(name, "（")
	term.names = append(term.names, own)
	if also, ok := heading.AttributeString("also"); ok {
		for other := range strings.SplitSeq(fmt.Sprintf("%s", also), ",") {
			term.names = append(term.names, strings.TrimSpace(other))
		}
	}
	return term
}

// lacks says which of all terms a language has not.
func (r *resolver) lacks(language string, terms, all []Term) {
	for _, term := range all {
		if !slices.ContainsFunc(terms, term.same) {
			file := r.layers.where("glossary/" + language + ".md")
			r.problems.at(file, 1, "the term %q is missing", term.ID).do("write ## … {#%s}, and below it what it means", term.ID)
		}
	}
}

// notATerm is where a link leads that marks a word as none of the glossary's.
const notATerm = "term:"

// linkTerms leads from the first place where a lesson uses a term to what the
// glossary says of it, and gives the terms' IDs. A word that means something else in
// its place is written as [word](term:) and stays as it is.
func (r *resolver) linkTerms(d *draft) (linked map[string]bool) {
	terms := r.glossary(d.language) // the names in the text are that language's
	linked = map[string]bool{}
	var others []*ast.Link
	// The error is nil: this walker never gives one.
	_ = ast.Walk(d.root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Link:
			if string(n.Destination) == notATerm {
				others = append(others, n)
			}
			return ast.WalkSkipChildren, nil
		case *ast.Heading, *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Blockquote:
			if parent, ok := n.Parent().(*container.Container); ok && parent.Name == "claim" { // a link itself, in the table
				return ast.WalkSkipChildren, nil
			}
		case *container.Container:
			if n.Name == "predict" || n.Name == "guide" { // their options are to be pressed
				return ast.WalkSkipChildren, nil
			}
		case *ast.Text:
			linkTermIn(n, d, terms, linked)
		}
		return ast.WalkContinue, nil
	})
	for _, link := range others {
		for _, child := range children(link) {
			link.Parent().InsertBefore(link.Parent(), link, child)
		}
		link.Parent().RemoveChild(link.Parent(), link)
	}
	return linked
}

// linkTermIn makes a link of the first new term in a text. What comes after it
// is a text of its own, which the walk comes to next.
func linkTermIn(node *ast.Text, d *draft, terms []Term, linked map[string]bool) {
	whole := node.Segment
	found, at, length := firstTerm(string(whole.Value(d.source)), terms, linked)
	if found == nil {
		return
	}
	linked[found.ID] = true
	start := whole.Start + at
	link := ast.NewLink()
	link.Destination = []byte("/" + d.site + "/glossary#" + found.ID)
	link.Title = []byte(found.short)
	link.SetAttributeString("class", []byte("term"))
	link.AppendChild(link, ast.NewTextSegment(text.NewSegment(start, start+length)))
	rest := ast.NewTextSegment(text.NewSegment(start+length, whole.Stop))
	rest.SetSoftLineBreak(node.SoftLineBreak())
	rest.SetHardLineBreak(node.HardLineBreak())
	node.SetSoftLineBreak(false)
	node.SetHardLineBreak(false)
	node.Segment = whole.WithStop(start)
	parent := node.Parent()
	parent.InsertAfter(parent, node, link)
	parent.InsertAfter(parent, link, rest)
}

// firstTerm finds the term that a text names first, and of two that begin at
// the same place the longer name.
func firstTerm(in string, terms []Term, linked map[string]bool) (found *Term, at, length int) {
	lower := strings.ToLower(in)
	if len(lower) != len(in) {
		lower = in // a letter whose small form has another length: offsets would be off
	}
	for i := range terms {
		if linked[terms[i].ID] {
			continue
		}
		for _, name := range terms[i].names {
			place := indexWord(lower, strings.ToLower(name))
			if place < 0 {
				continue
			}
			if found == nil || cmp.Or(cmp.Compare(place, at), cmp.Compare(length, len(name))) < 0 {
				found, at, length = &terms[i], place, len(name)
			}
		}
	}
	return found, at, length
}

// indexWord finds a name where it is a word of its own. Chinese has no spaces
// between words: there only letters of the alphabet next to one another count.
func indexWord(in, name string) int {
	for from := 0; ; {
		i := strings.Index(in[from:], name)
		if i < 0 {
			return -1
		}
		start := from + i
		end := start + len(name)
		if !(start > 0 && alphabetic(in[start-1]) && alphabetic(in[start])) &&
			!(end < len(in) && alphabetic(in[end-1]) && alphabetic(in[end])) {
			return start
		}
		from = start + 1
	}
}

func alphabetic(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_'
}
