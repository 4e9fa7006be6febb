package lessons

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"seewire/lessons/container"
)

// A draft is a lesson in one language whose references are still to be looked up.
type draft struct {
	from           source // its file
	slug, language string
	site           string // the language of the pages that its links lead to

	lost     bool // its file is of no use
	source   []byte
	root     ast.Node // nil until it is parsed
	page     *Page
	ids      map[string]bool // of headings and blocks
	sources  []Source        // that it cites
	problems Problems
}

// read reads what a lesson begins with: what it is called.
func read(from source, slug, language, site string) *draft {
	d := newDraft(from, slug, language, site)
	d.source = d.takeFront(from.text)
	if d.page.Question == "" {
		d.page.Question = slug // something to call it by
	}
	return d
}

// tree is the lesson as far as it can be read by itself.
func (d *draft) tree() ast.Node {
	if d.root == nil {
		d.parse()
		d.check(d.root)
	}
	return d.root
}

func newDraft(from source, slug, language, site string) *draft {
	return &draft{
		from: from, slug: slug, language: language, site: site,
		source: from.text,
		page:   &Page{Language: language},
		ids:    map[string]bool{},
	}
}

// parse turns the source into a tree.
func (d *draft) parse() { d.root = markdown().Parser().Parse(text.NewReader(d.source)) }

// unreadable stands for a lesson whose file is of no use.
func unreadable(p *Problem, slug, language, site string) *draft {
	d := newDraft(source{}, slug, language, site)
	d.page.Question = slug
	d.lost, d.problems = true, Problems{p}
	return d
}

// forReadersOf is the same lesson with its links on another language's pages.
func (d *draft) forReadersOf(site string) *draft {
	if d.lost {
		return unreadable(d.problems[0], d.slug, d.language, site)
	}
	return read(d.from, d.slug, d.language, site)
}

// takeFront reads the lines between --- at the top. It gives the source with
// these lines emptied, so that offsets go on counting from the file's start.
func (d *draft) takeFront(source []byte) []byte {
	front, body, ok := bytes.Cut(bytes.TrimPrefix(source, []byte("---\n")), []byte("\n---\n"))
	if !ok || !bytes.HasPrefix(source, []byte("---\n")) {
		d.problemAt(1, "the lesson does not begin with question: and summary: between two lines ---").do("write them there")
		return source
	}
	for i, line := range strings.Split(string(front), "\n") {
		key, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); key {
		case "question":
			d.page.Question = value
		case "summary":
			d.page.Summary = value
		default:
			d.problemAt(i+2, "front matter has question and summary, not %q", line).do("take the line out; a value is one line")
		}
	}
	if d.page.Question == "" || d.page.Summary == "" {
		d.problemAt(1, "the front matter lacks the question or the summary").do("write a line for each: question: …")
	}
	lines := bytes.Count(source[:len(source)-len(body)], []byte("\n"))
	return append(bytes.Repeat([]byte("\n"), lines), body...)
}

// check collects the ids and finds what no lesson may contain.
func (d *draft) check(root ast.Node) {
	// The error is nil: this walker never gives one.
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Heading:
			d.checkHeading(n)
		case *container.Container:
			if n.Err != nil {
				d.problem(n, ":::%s: %v", n.Name, n.Err).do("write :::%s {#id key=value key=\"a longer value\"}", n.Name)
			}
			if !n.Closed {
				d.problem(n, ":::%s is not closed", n.Name).do("write ::: on a line of its own below what belongs to it")
			}
			d.addID(n, n.Settings.ID)
			d.checkPlace(n, ":::"+n.Name)
		case *ast.FencedCodeBlock:
			if strings.Contains(d.info(n), " ") || d.info(n) == "terminal" {
				d.checkPlace(n, "```"+d.info(n))
			}
		case *ast.HTMLBlock, *ast.RawHTML:
			d.problem(node, "HTML in a lesson").do("write markdown or a block; `code` holds a tag that is to be seen")
		case *ast.Image:
			d.problem(node, "an image").do("write :::figure {src=name.svg}, with the drawing in the lesson's folder figures")
		case *extast.TableHeader:
			for _, cell := range children(n) {
				if cell.ChildCount() == 0 {
					d.problem(n, "a column of the table has no head").do("name the column")
				}
			}
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			d.checkText(n)
		}
		return ast.WalkContinue, nil
	})
}

func (d *draft) checkHeading(h *ast.Heading) {
	value, _ := h.AttributeString("id")
	id, ok := value.([]byte)
	if !ok {
		d.problem(h, "a heading without an id").do("write ## … {#id}, with the same id in every language")
		return
	}
	if h.Level == 1 {
		d.problem(h, "a heading of level 1: the question is the title").do("write ## …")
	}
	d.addID(h, string(id))
}

func (d *draft) addID(node ast.Node, id string) {
	if id == "" {
		return
	}
	if d.ids[id] {
		d.problem(node, "the id %q stands twice", id).do("give one of them another")
	}
	d.ids[id] = true
}

// checkPlace sees to it that what becomes a part of the page of its own stands
// between the paragraphs, and not in a list or a quotation.
func (d *draft) checkPlace(node ast.Node, what string) {
	if parent := node.Parent().Kind(); parent != ast.KindDocument && parent != container.Kind {
		d.problem(node, "%s stands in a list or a quotation", what).do("move it out, between paragraphs")
	}
}

// checkText finds markup that was not understood as such and would be seen.
func (d *draft) checkText(t *ast.Text) {
	for _, leftover := range []string{"**", ":::", "{#", "](", "```"} {
		if bytes.Contains(t.Segment.Value(d.source), []byte(leftover)) {
			d.problem(t, "%q stays in the text as it is", leftover).do("close what it begins, or write it as `code`; beside Chinese punctuation write \\ **…**\\ with the spaces")
		}
	}
}

// problem notes what is wrong at a node.
func (d *draft) problem(node ast.Node, format string, args ...any) *Problem {
	return d.problemAt(d.line(node), format, args...)
}

func (d *draft) problemAt(line int, format string, args ...any) *Problem {
	return d.problems.at(d.from.file, line, format, args...)
}

// wrong notes an error about something at a node.
func (d *draft) wrong(node ast.Node, what string, err error) {
	p := asProblem(err)
	d.problem(node, "%s: %s", what, p.What).do("%s", p.Remedy)
}

// line is the line on which a node begins, or the nearest one around it that
// knows its place.
func (d *draft) line(node ast.Node) int {
	for ; node != nil; node = node.Parent() {
		if pos := node.Pos(); pos > 0 && pos <= len(d.source) {
			return lineAt(d.source, pos)
		}
	}
	return 1
}

// render writes nodes as HTML.
func (d *draft) render(nodes ...ast.Node) HTML {
	var out bytes.Buffer
	for _, node := range nodes {
		if err := markdown().Renderer().Render(&out, d.source, node); err != nil {
			d.problem(node, "render: %v", err).do("write it another way")
		}
	}
	return HTML(out.String())
}

// children lists the nodes directly below one.
func children(node ast.Node) []ast.Node {
	var all []ast.Node
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		all = append(all, child)
	}
	return all
}
