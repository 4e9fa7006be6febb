package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// A Field is what a field of the wire means, in one language.
type Field struct {
	Name string `json:"-"` // "websocket.fin"
	HTML HTML   `json:"html"`
}

// loadFields reads fields/<language>.md: a heading of level 2 for each field,
// its text being the field's name, and what it means below. Headings of other
// levels are for whoever edits the file.
func (r *resolver) loadFields(language string) ([]Field, error) {
	file := path.Join("fields", language+".md")
	source, err := fs.ReadFile(r.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read the fields: %w", err)
	}
	d := &draft{file: file, language: language, markdown: newMarkdown(), page: &Page{}, ids: map[string]bool{}}
	d.source = d.checkUTF8(source)
	d.root = d.markdown.Parser().Parse(text.NewReader(d.source))
	r.resolveLinks(d)
	var fields []Field
	for _, node := range children(d.root) {
		heading, ok := node.(*ast.Heading)
		switch {
		case ok && heading.Level == 2:
			fields = append(fields, Field{Name: plain(heading, d.source)})
			d.checkField(heading, fields, r.refs.FieldNames())
		case !ok && len(fields) > 0:
			d.check(node)
			fields[len(fields)-1].HTML += d.render(node)
		}
	}
	for _, name := range r.refs.FieldNames() {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name && f.HTML != "" }) {
			d.problemAt(1, "field %q is not explained", name)
		}
	}
	return fields, errors.Join(d.problems...)
}

// checkField says what is wrong with the newest of the fields.
func (d *draft) checkField(heading *ast.Heading, fields []Field, known []string) {
	name := fields[len(fields)-1].Name
	if !slices.Contains(known, name) {
		d.problem(heading, "no dissector has a field %q", name)
	}
	if slices.ContainsFunc(fields[:len(fields)-1], func(f Field) bool { return f.Name == name }) {
		d.problem(heading, "field %q stands twice", name)
	}
}

// plain is the text in a node, without its markup.
func plain(node ast.Node, source []byte) string {
	if t, ok := node.(*ast.Text); ok {
		return string(t.Segment.Value(source))
	}
	var all string
	for _, child := range children(node) {
		all += plain(child, source)
	}
	return all
}
