package lessons

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"seewire/lessons/container"
)

// A Term is a word of the trade, in one language.
type Term struct {
	ID    string // the same in every language: "frame"
	Name  string // "Frame"
	HTML  HTML   // what it means
	First string // the slug of the first lesson that uses it; empty if none does yet

	short string   // what it means, without markup
	names []string // that it has in a text: "frame", "frames"
}

// loadGlossary reads glossary/<language>.md: a heading of level 2 for each
// term, and what it means below.
//
//	## Frame {#frame also="frames, WebSocket frame"}
//
// The other names are for the texts: those and the heading's own are what a
// lesson may call it.
func (r *resolver) loadGlossary(language string) ([]Term, error) {
	file := path.Join("glossary", language+".md")
	source, err := fs.ReadFile(r.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read the glossary: %w", err)
	}
	d := &draft{file: file, language: language, markdown: newMarkdown(), page: &Page{}, ids: map[string]bool{}}
	d.source = d.checkUTF8(source)
	d.root = d.markdown.Parser().Parse(text.NewReader(d.source))
	d.check(d.root)
	r.resolveLinks(d)
	var terms []Term
	for _, node := range children(d.root) {
		heading, ok := node.(*ast.Heading)
		switch {
		case ok && heading.Level == 2:
			terms = append(terms, newTerm(heading, d.source))
		case !ok && len(terms) > 0:
			term := &terms[len(terms)-1]
			term.HTML += d.render(node)
			term.short += plain(node, d.source)
		default:
			d.problem(node, "the glossary has headings of level 2, and text below them")
		}
	}
	for _, term := range terms {
		if term.short == "" {
			d.problemAt(1, "the term %q is not explained", term.ID)
		}
	}
	return terms, errors.Join(d.problems...)
}

func newTerm(heading *ast.Heading, source []byte) Term {
	id, _ := heading.AttributeString("id")
	name := plain(heading, source)
	term := Term{ID: fmt.Sprintf("%s", id), Name: name}
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

// compareTerms says which terms one of two languages lacks.
func compareTerms(a, b string, inA, inB []Term) error {
	var problems []error
	lacks := func(language string, in []Term, all []Term) {
		for _, term := range all {
			if !slices.ContainsFunc(in, func(t Term) bool { return t.ID == term.ID }) {
				problems = append(problems, fmt.Errorf("glossary/%s.md: %q is missing", language, term.ID))
			}
		}
	}
	lacks(a, inA, inB)
	lacks(b, inB, inA)
	return errors.Join(problems...)
}

// notATerm is where a link leads that marks a word as none of the glossary's.
const notATerm = "term:"

// linkTerms leads from the first place where a lesson uses a term to what the
// glossary says of it. A word that means something else in its place is written
// as [word](term:) and stays as it is.
func (r *resolver) linkTerms(d *draft) {
	terms := r.course.Glossary[d.language]
	linked := map[string]bool{}
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
	for i := range terms {
		if linked[terms[i].ID] && terms[i].First == "" {
			terms[i].First = d.slug
		}
	}
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
	link.Destination = []byte("/" + d.language + "/glossary#" + found.ID)
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
