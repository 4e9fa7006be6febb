package lessons

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"seewire/lessons/container"
)

// A Claim is a sentence that people repeat, with a verdict and the reasons.
type Claim struct {
	ID      string
	Verdict string // "true", "partly" or "false"
	Says    HTML   // the claim
	Brief   HTML   // the claim, without a paragraph around it
	Body    HTML   // the reasons
	Runs    HTML   // links to the runs that show it

	// Own names findings, such as "reconnect.gap": what they said of the
	// reader's own runs is shown beside the claim.
	Own []string
}

// Verdicts is a table of all claims on the page.
type Verdicts struct {
	ID      string
	Caption HTML
}

// verdicts reads a block that holds the table's caption.
//
//	:::verdicts {#verdicts}
//	All claims on this page.
//	:::
func (r *resolver) verdicts(d *draft, c *container.Container) Part {
	d.only(c, c.Settings)
	paragraph, ok := c.FirstChild().(*ast.Paragraph)
	if !ok || c.ChildCount() != 1 || c.Settings.ID == "" {
		d.problem(c, ":::verdicts has an id, and holds one paragraph: the table's caption").do("write :::verdicts {#name}, and the caption below it")
		return Verdicts{}
	}
	return Verdicts{ID: c.Settings.ID, Caption: d.inline(paragraph)}
}

// claim reads a block that holds a quotation, the reasons, and in a last
// paragraph the links to the runs that show it. There is no claim without one.
//
//	:::claim {#reconnects verdict=partly own="reconnect.gap"}
//	> It reconnects by itself.
//
//	After a drop, yes. After a 500, no.
//
//	[Cut the line](lesson:reconnect?how=reset)
//	:::
func (r *resolver) claim(d *draft, c *container.Container) Part {
	d.only(c, c.Settings, "verdict", "own")
	block := Claim{
		ID:      c.Settings.ID,
		Verdict: c.Settings.Values["verdict"],
		Own:     strings.Fields(c.Settings.Values["own"]),
	}
	if block.ID == "" {
		d.problem(c, ":::claim needs an id").do("write :::claim {#name verdict=…}")
	}
	if !slices.Contains([]string{"true", "partly", "false"}, block.Verdict) {
		d.problem(c, ":::claim: verdict=%s is neither true, partly nor false", block.Verdict).do("write one of them")
	}
	for _, name := range block.Own {
		if _, ok := r.course.Words[d.language]["finding."+name]; !ok {
			d.problem(c, ":::claim: own=%s: no finding has that name", name).do("write one whose words are in the interface's file, as finding.<name>")
		}
	}
	nodes := children(c)
	if len(nodes) < 3 || nodes[0].Kind() != ast.KindBlockquote || !onlyRuns(nodes[len(nodes)-1], d.source) {
		d.problem(c, ":::claim holds a quotation, text, and a paragraph of nothing but links to runs").
			do("put [Run it](run:…) or [Run it](lesson:…?…) into a last paragraph")
		return block
	}
	block.Says = d.render(children(nodes[0])...)
	block.Brief = d.render(children(nodes[0].FirstChild())...)
	block.Body = d.render(nodes[1 : len(nodes)-1]...)
	block.Runs = d.render(children(nodes[len(nodes)-1])...)
	return block
}

// onlyRuns says whether a paragraph is one or more links that run something.
func onlyRuns(node ast.Node, source []byte) bool {
	links := 0
	for _, child := range children(node) {
		switch n := child.(type) {
		case *ast.Link:
			if _, here := n.AttributeString("data-run"); !here && !strings.Contains(string(n.Destination), "run=now") {
				return false
			}
			links++
		case *ast.Text: // between two links
			if strings.TrimSpace(string(n.Segment.Value(source))) != "" {
				return false
			}
		default:
			return false
		}
	}
	return node.Kind() == ast.KindParagraph && links > 0
}
