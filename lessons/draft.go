package lessons

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"seewire/lessons/container"
)

// A draft is a lesson in one language that has been parsed and whose
// references are still to be looked up.
type draft struct {
	file           string // for messages
	slug, language string

	markdown goldmark.Markdown
	source   []byte
	root     ast.Node
	page     *Page
	ids      map[string]bool // of headings and blocks
	skeleton skeleton
	problems []error
}

// parse reads a lesson's source as far as it can be read by itself.
func parse(file, slug, language string, source []byte) *draft {
	d := &draft{
		file: file, slug: slug, language: language,
		markdown: newMarkdown(),
		page:     &Page{Language: language},
		ids:      map[string]bool{},
	}
	d.source = d.takeFront(d.checkUTF8(source))
	d.root = d.markdown.Parser().Parse(text.NewReader(d.source))
	d.check(d.root)
	d.skeleton = d.outline()
	return d
}

// checkUTF8 gives the source with everything in it that is no UTF-8 replaced:
// goldmark's rules for Chinese lines panic at such bytes.
func (d *draft) checkUTF8(source []byte) []byte {
	if utf8.Valid(source) {
		return source
	}
	d.problemAt(1, "the file is not UTF-8")
	return bytes.ToValidUTF8(source, []byte("\uFFFD"))
}

// takeFront reads the lines between --- at the top. It gives the source with
// these lines emptied, so that offsets go on counting from the file's start.
func (d *draft) takeFront(source []byte) []byte {
	front, body, ok := bytes.Cut(bytes.TrimPrefix(source, []byte("---\n")), []byte("\n---\n"))
	if !ok || !bytes.HasPrefix(source, []byte("---\n")) {
		d.problemAt(1, "the lesson does not begin with question: and summary: between two lines ---")
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
			d.problemAt(i+2, "front matter has question and summary, not %q", line)
		}
	}
	if d.page.Question == "" || d.page.Summary == "" {
		d.problemAt(1, "the front matter lacks the question or the summary")
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
				d.problem(n, ":::%s: %v", n.Name, n.Err)
			}
			if !n.Closed {
				d.problem(n, ":::%s is not closed", n.Name)
			}
			d.addID(n, n.Settings.ID)
			d.checkPlace(n, ":::"+n.Name)
		case *ast.FencedCodeBlock:
			if strings.Contains(d.info(n), " ") || d.info(n) == "terminal" {
				d.checkPlace(n, "```"+d.info(n))
			}
		case *ast.HTMLBlock, *ast.RawHTML:
			d.problem(node, "HTML in a lesson: write a block instead")
		case *ast.Image:
			d.problem(node, "an image: use :::figure")
		case *extast.TableHeader:
			for _, cell := range children(n) {
				if cell.ChildCount() == 0 {
					d.problem(n, "a column of the table has no head")
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
		d.problem(h, "a heading without an id: write ## … {#id}")
		return
	}
	if h.Level == 1 {
		d.problem(h, "a heading of level 1: the question is the title")
	}
	d.addID(h, string(id))
}

func (d *draft) addID(node ast.Node, id string) {
	if id == "" {
		return
	}
	if d.ids[id] {
		d.problem(node, "the id %q stands twice", id)
	}
	d.ids[id] = true
}

// checkPlace sees to it that what becomes a part of the page of its own stands
// between the paragraphs, and not in a list or a quotation.
func (d *draft) checkPlace(node ast.Node, what string) {
	if parent := node.Parent().Kind(); parent != ast.KindDocument && parent != container.Kind {
		d.problem(node, "%s stands in a list or a quotation", what)
	}
}

// checkText finds markup that was not understood as such and would be seen.
func (d *draft) checkText(t *ast.Text) {
	for _, leftover := range []string{"**", ":::", "{#", "](", "```"} {
		if bytes.Contains(t.Segment.Value(d.source), []byte(leftover)) {
			d.problem(t, "%q stays in the text as it is", leftover)
		}
	}
}

// problem notes what is wrong at a node.
func (d *draft) problem(node ast.Node, format string, args ...any) {
	d.problemAt(d.line(node), format, args...)
}

func (d *draft) problemAt(line int, format string, args ...any) {
	d.problems = append(d.problems, fmt.Errorf("%s:%d: %s", d.file, line, fmt.Sprintf(format, args...)))
}

// line is the line on which a node begins, or the nearest one around it that
// knows its place.
func (d *draft) line(node ast.Node) int {
	for ; node != nil; node = node.Parent() {
		if pos := node.Pos(); pos > 0 && pos <= len(d.source) {
			return 1 + bytes.Count(d.source[:pos], []byte("\n"))
		}
	}
	return 1
}

// render writes nodes as HTML.
func (d *draft) render(nodes ...ast.Node) HTML {
	var out bytes.Buffer
	for _, node := range nodes {
		if err := d.markdown.Renderer().Render(&out, d.source, node); err != nil {
			d.problem(node, "render: %v", err)
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
