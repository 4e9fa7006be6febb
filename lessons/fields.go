package lessons

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// A Field is what a field of the wire means, in one language.
type Field struct {
	Name     string // "websocket.fin"
	Language string // that it is written in
	HTML     HTML
}

// Fields are those of the wire, with what they mean for readers of a language. They
// are read from fields/<language>.md: a heading of level 2 for each field, its text
// being the field's name, and what it means below. Headings of other levels are for
// those who edit the file.
func (c *Course) Fields(language string) []Field {
	r := c.resolver
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fields[language] == nil {
		r.fields[language] = r.loadFields(language)
	}
	return r.fields[language]
}

// Field is the one of Fields with a name. Where nobody has wanted all of them yet, only
// what stands below its heading is read. ok is false where there is none.
func (c *Course) Field(language, name string) (f Field, ok bool) {
	r := c.resolver
	r.mu.Lock()
	defer r.mu.Unlock()
	fields := r.fields[language]
	if fields == nil {
		if fields = r.fieldNamed(name, language, language); len(fields) == 0 {
			fields = r.fieldNamed(name, c.First(), language)
		}
	}
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// fieldNamed is the field with a name as the uppermost layer has it that has one, with
// links for readers of the site's language.
func (r *resolver) fieldNamed(name, language, site string) []Field {
	sources, _ := r.layers.readAll("fields/" + language + ".md")
	for _, source := range slices.Backward(sources) {
		for section := range strings.SplitSeq("\n"+string(source.text), "\n## ") {
			heading, _, _ := strings.Cut(section, "\n")
			if words := strings.Fields(heading); len(words) > 0 && words[0] == name {
				source.text = []byte("## " + section)
				if fields := r.readFields(newDraft(source, "", language, site)); len(fields) > 0 {
					return fields
				}
			}
		}
	}
	return nil
}

func (r *resolver) loadFields(language string) []Field {
	named := func(name string) func(Field) bool { return func(f Field) bool { return f.Name == name } }
	fields, problems := r.fieldsIn(language, language)
	r.problems = append(r.problems, problems...)
	var missing []string
	for _, name := range r.refs.FieldNames() {
		if !slices.ContainsFunc(fields, named(name)) {
			missing = append(missing, name)
		}
	}
	var standIn []Field
	if len(missing) > 0 && language != r.course.First() {
		standIn, _ = r.fieldsIn(r.course.First(), language)
	}
	for _, name := range missing {
		if i := slices.IndexFunc(standIn, named(name)); i >= 0 {
			fields = append(fields, standIn[i])
		}
		if r.course.Whole(language) {
			file := r.layers.where("fields/" + language + ".md")
			r.problems.at(file, 1, "field %q is not explained", name).do("write ## %s, and below it what it means", name)
		}
	}
	return fields
}

// fieldsIn are a language's fields, with links for readers of the site's. The
// one of an upper layer takes the place of the same in a lower one.
func (r *resolver) fieldsIn(language, site string) (fields []Field, problems Problems) {
	sources, problems := r.layers.readAll("fields/" + language + ".md")
	for _, source := range sources {
		d := newDraft(source, "", language, site)
		for _, f := range r.readFields(d) {
			if i := slices.IndexFunc(fields, func(below Field) bool { return below.Name == f.Name }); i >= 0 {
				fields[i] = f
			} else {
				fields = append(fields, f)
			}
		}
		problems = append(problems, d.problems...)
	}
	return fields, problems
}

// readFields reads the fields of one file.
func (r *resolver) readFields(d *draft) []Field {
	d.parse()
	r.checkProse(d)
	r.resolveLinks(d)
	var fields []Field
	for _, node := range children(d.root) {
		heading, ok := node.(*ast.Heading)
		switch {
		case ok && heading.Level == 2:
			fields = append(fields, Field{Name: plain(heading, d.source), Language: d.language})
			d.checkField(heading, fields, r.refs.FieldNames())
		case !ok && len(fields) > 0:
			d.check(node)
			fields[len(fields)-1].HTML += d.render(node)
		}
	}
	return slices.DeleteFunc(fields, func(f Field) bool { return f.HTML == "" })
}

// checkField says what is wrong with the newest of the fields.
func (d *draft) checkField(heading *ast.Heading, fields []Field, known []string) {
	name := fields[len(fields)-1].Name
	if !slices.Contains(known, name) {
		d.problem(heading, "no dissector has a field %q", name).do("write a name that is on the page of fields, or take it out")
	}
	if slices.ContainsFunc(fields[:len(fields)-1], func(f Field) bool { return f.Name == name }) {
		d.problem(heading, "field %q stands twice", name).do("put them together")
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
