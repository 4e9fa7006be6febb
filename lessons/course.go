// Package lessons turns words into a course: the lessons with their blocks,
// the interface's words and the explanations of the wire's fields, in every
// language.
//
// [Load] reads the tree that package content embeds:
//
//	course.txt                  the lessons in order, by slug
//	lessons/<slug>/<lang>.md    a lesson; none in any language: it is still coming
//	lessons/<slug>/figures/     its figures, <name>.svg or <name>.<lang>.svg
//	fields/<lang>.md            what each field means
//	glossary/<lang>.md          what each word of the trade means
//	ui/<lang>.json              the interface's words; these files say which languages there are
//
// Everything that a lesson refers to is looked up while loading, and the
// languages are held against each other, so that what is broken stops the
// program and never reaches a reader.
package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// HTML is markup that is ready to be written to a page.
type HTML string

// A Course is all that is read, in every language.
type Course struct {
	Languages []string // in alphabetical order: "en", "zh"
	Lessons   []Lesson // in the order of the course
	Words     map[string]Words
	Fields    map[string][]Field
	Glossary  map[string][]Term
}

// A Lesson is one place in the course.
type Lesson struct {
	Number int // from 1
	Slug   string
	pages  map[string]*Page
}

// In is the lesson in a language; nil while it is still coming.
func (l Lesson) In(language string) *Page { return l.pages[language] }

// Find gives the lesson with a slug.
func (c *Course) Find(slug string) (Lesson, bool) {
	i := slices.IndexFunc(c.Lessons, func(l Lesson) bool { return l.Slug == slug })
	if i < 0 {
		return Lesson{}, false
	}
	return c.Lessons[i], true
}

// Load reads a course. Its error names every problem there is, each with its
// file and line.
func Load(fsys fs.FS, refs References) (*Course, error) {
	c := &Course{Words: map[string]Words{}, Fields: map[string][]Field{}, Glossary: map[string][]Term{}}
	if err := c.loadWords(fsys); err != nil {
		return nil, err
	}
	drafts, err := c.readLessons(fsys)
	if err != nil {
		return nil, err
	}
	r := resolver{course: c, refs: refs, fsys: fsys, drafts: drafts}
	var problems []error
	first := c.Languages[0]
	for _, language := range c.Languages {
		terms, err := r.loadGlossary(language)
		c.Glossary[language] = terms
		problems = append(problems, err, compareTerms(first, language, c.Glossary[first], terms))
	}
	for _, lesson := range c.Lessons {
		var skeletons []skeleton
		for _, language := range c.Languages {
			if d := drafts[lesson.Slug][language]; d != nil {
				lesson.pages[language] = r.finish(d)
				problems = append(problems, d.problems...)
				skeletons = append(skeletons, d.skeleton)
			}
		}
		problems = append(problems, compareAll(skeletons))
	}
	for _, language := range c.Languages {
		fields, err := r.loadFields(language)
		c.Fields[language] = fields
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return c, nil
}

// readLessons reads course.txt and parses every lesson that there is.
func (c *Course) readLessons(fsys fs.FS) (map[string]map[string]*draft, error) {
	list, err := fs.ReadFile(fsys, "course.txt")
	if err != nil {
		return nil, fmt.Errorf("read the order of the lessons: %w", err)
	}
	drafts := map[string]map[string]*draft{}
	var problems []error
	for i, slug := range strings.Fields(string(list)) {
		c.Lessons = append(c.Lessons, Lesson{Number: i + 1, Slug: slug, pages: map[string]*Page{}})
		drafts[slug] = map[string]*draft{}
		var missing []string
		for _, language := range c.Languages {
			file := path.Join("lessons", slug, language+".md")
			source, err := fs.ReadFile(fsys, file)
			if errors.Is(err, fs.ErrNotExist) {
				missing = append(missing, file)
				continue
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("read a lesson: %w", err))
				continue
			}
			drafts[slug][language] = parse(file, slug, language, source)
		}
		if len(drafts[slug]) > 0 && len(missing) > 0 {
			problems = append(problems, fmt.Errorf("%s: missing, while the lesson exists in another language", strings.Join(missing, ", ")))
		}
	}
	return drafts, errors.Join(problems...)
}
