package lessons

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"seewire/lessons/container"
)

var day = regexp.MustCompile(`\b20\d\d-\d\d-\d\d\b`)

// resolveLinks turns what links refer to into addresses, and says which of
// them lead nowhere.
func (r *resolver) resolveLinks(d *draft) {
	// The error is nil: this walker never gives one.
	_ = ast.Walk(d.root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.AutoLink:
			d.problem(n, "a bare address").do("write [text](address \"what it is, the day it was checked\")")
		case *ast.Link:
			r.resolveLink(d, n)
		}
		return ast.WalkContinue, nil
	})
}

func (r *resolver) resolveLink(d *draft, link *ast.Link) {
	destination := string(link.Destination)
	scheme, rest, _ := strings.Cut(destination, ":")
	switch {
	case scheme == "field":
		r.resolveField(d, link, rest)
	case scheme == "run":
		r.resolveRun(d, link, rest)
	case scheme == "lesson":
		r.resolveLesson(d, link, rest)
	case destination == notATerm: // linkTerms takes it out
	case scheme == "page": // of this site; the crawl of all pages finds those that are not there
		link.Destination = []byte("/" + d.site + "/" + rest)
	case scheme == "https" || scheme == "http":
		d.resolveSource(link, destination)
	case strings.HasPrefix(destination, "#"):
		if !d.ids[destination[1:]] {
			d.problem(link, "no heading or block on this page has the id %q", destination[1:]).do("write one that is there: %s", choice(d.ids))
		}
	default:
		d.problem(link, "a link to %q", destination).do("begin it with field:, run:, lesson:, page:, https: or #")
	}
}

// resolveField points at a field of the capture, and without JavaScript at its
// explanation.
func (r *resolver) resolveField(d *draft, link *ast.Link, name string) {
	if !slices.Contains(r.refs.FieldNames(), name) {
		d.problem(link, "no dissector has a field %q", name).do("write a name that is on the page of fields")
	}
	link.SetAttributeString("data-field", []byte(name))
	link.Destination = []byte("/" + d.site + "/fields#" + name)
}

// resolveRun sets controls of the page's playground and runs it.
func (r *resolver) resolveRun(d *draft, link *ast.Link, query string) {
	controls, err := url.ParseQuery(query)
	if err != nil {
		d.problem(link, "run:%s: %v", query, err).do("write it as the query of an address: run:cut=3&how=reset")
		return
	}
	experiment := d.experiment()
	if err := r.refs.CheckControls(experiment, controls); err != nil {
		d.wrong(link, "run:"+query, err)
	}
	link.SetAttributeString("data-run", []byte(query))
	link.Destination = []byte("?" + query + "#playground")
}

// resolveLesson leads to a lesson, to a place in it (lesson:reconnect#why), or
// to a run of it that begins by itself (lesson:reconnect?how=end&cut=3).
func (r *resolver) resolveLesson(d *draft, link *ast.Link, target string) {
	place, id, _ := strings.Cut(target, "#")
	slug, query, runs := strings.Cut(place, "?")
	other := r.drafts[slug][d.site]
	switch {
	case other == nil:
		d.problem(link, "there is no lesson %q", slug).do("write one of: %s", choice(r.drafts))
		return
	case other.lost: // it can't be read, and says so itself
		link.Destination = []byte("/" + d.site + "/lessons/" + slug)
		return
	case id != "" && runs:
		d.problem(link, "%s: a run begins at the playground, not at #%s", target, id).do("take the #%s out", id)
	case id != "" && !other.hasID(id):
		d.problem(link, "lesson %q has no id %q", slug, id).do("write one that is there: %s", choice(other.ids))
	}
	if runs {
		controls, err := url.ParseQuery(query)
		if err == nil {
			err = r.refs.CheckControls(other.experiment(), controls)
		}
		if err != nil {
			d.wrong(link, "lesson:"+target, err)
		}
		controls.Set("run", "now")
		target = slug + "?" + controls.Encode() + "#playground"
	}
	link.Destination = []byte("/" + d.site + "/lessons/" + target)
}

// resolveSource notes what is elsewhere: it must say what it is and when it
// was looked at.
func (d *draft) resolveSource(link *ast.Link, address string) {
	title := string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(link.Title))))
	if !day.MatchString(title) {
		d.problem(link, "%s: the title lacks the day on which it was checked", address).
			do("write (%s \"WHATWG HTML §9.2.6, 2026-11-22\")", address)
	}
	link.SetAttributeString("rel", []byte("external"))
	source := Source{URL: address, Title: title}
	if !slices.Contains(d.sources, source) {
		d.sources = append(d.sources, source)
	}
}

// hasID says whether a heading or a block of the lesson has an id.
func (d *draft) hasID(id string) bool {
	d.tree()
	return d.ids[id]
}

// experiment is the one that the page's playground runs.
func (d *draft) experiment() string {
	for _, node := range children(d.tree()) {
		if c, ok := node.(*container.Container); ok && c.Name == "playground" {
			return c.Settings.Values["experiment"]
		}
	}
	return ""
}
