// Package lessons turns words into a course: the lessons with their blocks,
// the interface's words and the explanations of the wire's fields, in every
// language.
//
// [Load] reads the tree that package content embeds, and what lies over it:
//
//	languages.txt               the languages that are whole; the first is the course's
//	course.txt                  the lessons in order, by slug
//	lessons/<slug>/<lang>.md    a lesson
//	lessons/<slug>/figures/     its figures, <name>.svg or <name>.<lang>.svg
//	lessons/<slug>/words.<lang>.json  the words of its experiment: controls, findings, check, picture
//	fields/<lang>.md            what each field means
//	glossary/<lang>.md          what each word of the trade means
//	terms/<lang>.txt            which words are not written, and what is in their place
//	ui/<lang>.json              the interface's words; these files say which languages there are
//
// Everything that a lesson refers to is looked up while loading, and the whole
// languages are held against each other. All that is wrong is reported at once,
// with its file and line. [Open] reads the same course and looks up what a page
// refers to when somebody wants the page.
//
// A language that has its ui file and is not in languages.txt is begun: what it
// lacks it has from the course's first language, marked with [Page.Language],
// [Field.Language] and [Term.Language].
package lessons

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// HTML is markup that is ready to be written to a page.
type HTML string

// A Course is all that is read, in every language.
type Course struct {
	Languages []string // the whole ones as languages.txt has them, then those that are begun
	Lessons   []Lesson // in the order of the course
	Words     map[string]Words

	// Problems are all that is wrong, in no page's language: what this program
	// says to authors.
	Problems Problems

	whole    []string
	outside  []Lesson // that the order leaves out: they have a page and no place
	resolver *resolver
}

// First is the language that stands in for what another one lacks.
func (c *Course) First() string { return c.Languages[0] }

// Whole says whether a language has everything that the first one has.
func (c *Course) Whole(language string) bool { return slices.Contains(c.whole, language) }

// A Lesson is one place in the course.
type Lesson struct {
	Number int // from 1; 0 for one that the order leaves out
	Slug   string
	pages  map[string]*Page
}

// In is the lesson for readers of a language: in another one where it has not
// been translated.
func (l Lesson) In(language string) *Page { return l.pages[language] }

// Find gives the lesson with a slug.
func (c *Course) Find(slug string) (Lesson, bool) {
	for _, list := range [][]Lesson{c.Lessons, c.outside} {
		if i := slices.IndexFunc(list, func(l Lesson) bool { return l.Slug == slug }); i >= 0 {
			return list[i], true
		}
	}
	return Lesson{}, false
}

// Open reads a course from a tree, or from [Layers] of them, and says nothing of
// its problems: a page, a language's fields and its glossary are made when they are
// wanted first. The course is nil where there is no language; the error says why.
func Open(fsys fs.FS, refs References) (*Course, error) { return open(fsys, refs, true) }

// OpenInterface is Open for who shows no page: the course has no lessons, and not the
// words that lie beside them.
func OpenInterface(fsys fs.FS, refs References) (*Course, error) { return open(fsys, refs, false) }

func open(fsys fs.FS, refs References, lessons bool) (*Course, error) {
	r := &resolver{
		layers: layersOf(fsys), refs: refs, course: &Course{Words: map[string]Words{}},
		drafts: map[string]map[string]*draft{}, fields: map[string][]Field{}, terms: map[string][]Term{},
	}
	r.course.resolver = r
	r.loadLanguages(lessons)
	if len(r.course.Languages) == 0 {
		return nil, r.problems
	}
	if lessons {
		r.readLessons()
	}
	return r.course, nil
}

// Load reads a course and checks all of it. The course has all that could be read,
// and in its Problems what is wrong: nothing that is broken keeps the rest from
// being read. The error is the same problems, for programs that do not go on with
// any; the course is nil where there is no language.
func Load(fsys fs.FS, refs References) (*Course, error) {
	c, err := Open(fsys, refs)
	if err != nil {
		return nil, err
	}
	r := c.resolver
	r.loadUsages()
	r.checkLanguages()
	r.checkWords()
	for _, list := range [][]Lesson{c.Lessons, c.outside} {
		for _, lesson := range list {
			r.checkLesson(lesson)
		}
	}
	for _, language := range c.Languages {
		c.Fields(language)
		c.Glossary(language)
	}
	r.checkExperiments()
	slices.SortStableFunc(r.problems, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	c.Problems = r.problems
	if len(c.Problems) > 0 {
		return c, c.Problems
	}
	return c, nil
}

// checkLesson makes the pages of a lesson, and holds its languages against each
// other.
func (r *resolver) checkLesson(lesson Lesson) {
	var whole []skeleton
	for _, language := range r.course.Languages {
		d := r.drafts[lesson.Slug][language]
		if d.language == language && !d.lost && r.course.Whole(language) {
			whole = append(whole, d.outline())
		}
	}
	parity := compareAll(whole)
	for _, language := range r.course.Languages {
		d := r.drafts[lesson.Slug][language]
		d.page.Body()
		if d.language != language {
			continue // its problems are those of the page that stands in
		}
		for _, p := range d.problems {
			p.Lesson, p.Language = d.slug, language
		}
		r.problems = append(r.problems, d.problems...)
	}
	for _, p := range parity {
		p.Lesson = lesson.Slug
	}
	r.problems = append(r.problems, parity...)
}

// readLessons reads course.txt and every lesson that there is.
func (r *resolver) readLessons() {
	order, problems := r.list("course.txt")
	r.problems = append(r.problems, problems...)
	for _, slug := range order {
		if r.readLesson(slug.name) {
			r.course.Lessons = append(r.course.Lessons, Lesson{Number: len(r.course.Lessons) + 1, Slug: slug.name, pages: r.pages(slug.name)})
			continue
		}
		p := r.problems.at(slug.file, slug.line, "there is no lesson %q", slug.name)
		p.do("write %s, or take the line out", r.layers[0].file("lessons/"+slug.name+"/"+r.course.First()+".md"))
	}
	if len(order) == 0 {
		r.problems.at(r.layers.where("course.txt"), 1, "the course has no lessons").do("write the slug of a lesson on a line of its own")
	}
	r.readOutside(order)
}

// readLesson reads a lesson in every language, and says whether there is one.
func (r *resolver) readLesson(slug string) bool {
	if !validSlug(slug) {
		return false
	}
	drafts := map[string]*draft{}
	var missing []string
	for _, language := range r.course.Languages {
		s, err := r.layers.read("lessons/" + slug + "/" + language + ".md")
		switch {
		case err == nil:
			drafts[language] = read(s, slug, language, language)
		case asProblem(err).File != "": // it exists and is of no use
			drafts[language] = unreadable(asProblem(err), slug, language, language)
		case r.course.Whole(language):
			missing = append(missing, language)
		}
	}
	if len(drafts) == 0 {
		return false
	}
	// What stands in is the course's first language, or else the first that has
	// the lesson.
	var from *draft
	for _, language := range r.course.Languages {
		if from = drafts[language]; from != nil {
			break
		}
	}
	for _, language := range r.course.Languages {
		if drafts[language] == nil {
			drafts[language] = from.forReadersOf(language)
		}
	}
	for _, language := range missing {
		p := &Problem{File: r.layers[0].file("lessons/" + slug + "/" + language + ".md"), Line: 1,
			What: "the lesson is missing in a language that is whole", Lesson: slug, Language: language}
		r.problems = append(r.problems, p.do("write it, or take %q out of languages.txt: a language that is begun may lack lessons", language))
	}
	r.drafts[slug] = drafts
	return true
}

// readOutside reads the lessons that the order leaves out: those of a lower
// layer than the order on purpose, others by mistake.
func (r *resolver) readOutside(order []line) {
	for _, name := range r.layers.glob("lessons/*/*.md") {
		slug := strings.Split(name, "/")[1]
		if r.drafts[slug] != nil || slices.ContainsFunc(order, func(l line) bool { return l.name == slug }) {
			continue
		}
		if !r.readLesson(slug) {
			continue
		}
		r.course.outside = append(r.course.outside, Lesson{Slug: slug, pages: r.pages(slug)})
		if r.layers.depth(name) <= r.layers.depth("course.txt") {
			r.problems.at(r.layers.where("course.txt"), 1, "lesson %q is not in the course", slug).
				do("write %s on a line of its own, or delete the folder lessons/%[1]s", slug)
		}
	}
}

// pages are those of a lesson by language.
func (r *resolver) pages(slug string) map[string]*Page {
	pages := map[string]*Page{}
	for language, d := range r.drafts[slug] {
		d.page.Body = sync.OnceValue(func() Body {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.finish(d)
		})
		pages[language] = d.page
	}
	return pages
}

// validSlug says whether a text can be the name of a lesson: it is a folder's
// and stands in addresses.
func validSlug(slug string) bool {
	for i, r := range slug {
		if !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' && i > 0) {
			return false
		}
	}
	return slug != ""
}

// A line is an entry of a list such as course.txt.
type line struct {
	name string
	file string
	line int
}

// list reads a file of names, one a line, from the uppermost layer in which it
// can be read; # begins a comment.
func (r *resolver) list(name string) (all []line, problems Problems) {
	s, err := r.layers.read(name)
	if err != nil {
		p := asProblem(err)
		if p.File == "" {
			p = (&Problem{File: s.file, Line: 1, What: "the file is missing"}).do("write it, with one name a line")
		}
		problems = append(problems, p)
		if len(r.layers) > 1 {
			below := &resolver{layers: r.layers[1:]}
			all, _ = below.list(name)
		}
		return all, problems
	}
	for i, text := range strings.Split(string(s.text), "\n") {
		text, _, _ = strings.Cut(text, "#")
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case strings.ContainsAny(text, " \t"):
			problems.at(s.file, i+1, "%q is more than one name", text).do("write one name a line")
		case slices.ContainsFunc(all, func(l line) bool { return l.name == text }):
			problems.at(s.file, i+1, "%q stands twice", text).do("take one of the lines out")
		default:
			all = append(all, line{text, s.file, i + 1})
		}
	}
	return all, problems
}
