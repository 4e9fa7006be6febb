// Package view renders the pages. Every component takes a view model shaped
// like the screen and does no I/O; what it shows comes from the words and the
// lessons that it is given.
//
//	page := view.Page{Language: "zh", Path: "lessons/reconnect", …}
//	view.Lesson(page, view.LessonModel{…}).Render(ctx, w)
//
// The pages are [Contents], [Lesson], [Fields] and [Error].
package view

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"seewire/lessons"
)

// A Page is what every page needs besides its own content.
type Page struct {
	Words    lessons.Words
	Language string // the one that the page is in: "zh"

	// Languages are all that there are, for the switch and for hreflang.
	Languages []Language

	// Base is the scheme and host that the request came to, with no slash at
	// its end: "http://localhost:8080".
	Base string

	// HTTP2 is the same for the listener with HTTP/2; empty where there is none.
	HTTP2 string

	// Path is the page's path in its language: "" for the contents,
	// "lessons/reconnect", "fields". The same path exists in every language.
	Path string

	// Untranslated says what language the page's main part is in where that is
	// not the page's own; nil where it is.
	Untranslated *Untranslated

	// Edition is what the page was made from, where that may be edited while
	// the page is open; empty where not.
	Edition string

	// Problems are what is wrong with it.
	Problems lessons.Problems

	// Lesson is the lesson's slug, empty where there is none.
	Lesson string

	// Runs is the slug of the lesson whose experiment the page runs, where it is
	// not that lesson's own page.
	Runs string

	// Way is the way through a lesson, in the head of the site; nil on other pages.
	Way templ.Component

	// Watching says that the site is that of `seewire watch`.
	Watching bool

	// Class says that the page is one of a class: it loads the styles of these.
	Class bool

	// Title and Description are plain text for the head. The site's name is
	// added to the title; an empty one leaves the name alone.
	Title, Description string

	// Ahead is what scripts fetch when they have been loaded, for the browser to
	// fetch meanwhile.
	Ahead Ahead

	// Missing says that the page stands for something that does not exist:
	// it has no canonical address and is not to be indexed.
	Missing bool

	// Static gives the address of a file in the static tree: "css/base.css".
	Static func(file string) string
}

// Ahead are the addresses of a module and of what it shows; empty where there
// is none.
type Ahead struct{ Module, Data string }

// Untranslated is the language in which a page's main part is shown because it
// has not been translated into the page's own.
type Untranslated struct {
	Language string
	Words    lessons.Words
}

// A Language is one that the course is written in.
type Language struct {
	Code string // in addresses: "zh"
	Tag  string // in the lang attribute: "zh-CN"
	Name string // in itself: "中文"
}

// LanguagesOf lists the languages of a course.
func LanguagesOf(course *lessons.Course) []Language {
	var all []Language
	for _, code := range course.Languages {
		words := course.Words[code]
		all = append(all, Language{Code: code, Tag: words.Text("language.tag"), Name: words.Text("language.name")})
	}
	return all
}

// Text is a word of the interface in the page's language; pairs are the names
// and values of its placeholders.
func (p Page) Text(key string, pairs ...any) string { return p.Words.Text(key, pairs...) }

// Main is the page with the words of its main part's language.
func (p Page) Main() Page {
	if p.Untranslated != nil {
		p.Words = p.Untranslated.Words
	}
	return p
}

// mainLanguage is the language of the page's main part.
func (p Page) mainLanguage() string {
	if p.Untranslated != nil {
		return p.Untranslated.Language
	}
	return p.Language
}

// words is the address of the words that scripts add to the page's main part:
// with those of a lesson's experiment.
func (p Page) words() string {
	address := "/" + p.mainLanguage() + "/words.json"
	switch {
	case p.Lesson != "":
		address += "?lesson=" + url.QueryEscape(p.Lesson)
	case p.Runs != "":
		address += "?runs=" + url.QueryEscape(p.Runs)
	}
	return address
}

// Tag is the page's language for the lang attribute.
func (p Page) Tag() string { return p.language(p.Language).Tag }

// language is what is known of a language.
func (p Page) language(code string) Language {
	for _, l := range p.Languages {
		if l.Code == code {
			return l
		}
	}
	return Language{code, code, code}
}

// lang is the attribute of an element whose text is in a language, if that is
// not the page's.
func (p Page) lang(language string) templ.Attributes {
	if language == p.Language {
		return nil
	}
	return templ.Attributes{"lang": p.language(language).Tag}
}

// progress says how far the page's language has come with a list whose entries
// are in these languages: "" where nothing is left to do.
func (p Page) progress(key string, languages []string) string {
	own, other := 0, ""
	for _, language := range languages {
		if language == p.Language {
			own++
		} else {
			other = p.language(language).Name
		}
	}
	if other == "" {
		return ""
	}
	return p.Text("translation."+key, "n", own, "total", len(languages), "language", other)
}

// FullTitle is the title with the site's name.
func (p Page) FullTitle() string {
	if p.Title == "" {
		return p.Text("site.title")
	}
	return p.Title + " · " + p.Text("site.name")
}

// In is the address of a path in the page's language.
func (p Page) In(path string) templ.SafeURL { return templ.SafeURL("/" + p.Language + "/" + path) }

// Absolute is the page's own address in a language.
func (p Page) Absolute(language string) string { return p.Base + "/" + language + "/" + p.Path }

// Switch is the address that remembers a language and goes to this page in it.
func (p Page) Switch(language string) templ.SafeURL {
	query := url.Values{"to": {language}, "path": {"/" + language + "/" + p.Path}}
	return templ.SafeURL("/language?" + query.Encode())
}

// SocketBase is Base for WebSocket addresses.
func (p Page) SocketBase() string { return "ws" + strings.TrimPrefix(p.Base, "http") }

// current is the value of aria-current.
func current(is bool) string {
	if is {
		return "page"
	}
	return "false"
}

// A LessonModel is a lesson's page.
type LessonModel struct {
	Lesson lessons.Lesson
	Page   *lessons.Page // the lesson in the page's language
	Total  int           // how many lessons the course has

	// Previous and Next are the neighbours; nil where there is none.
	Previous, Next *lessons.Lesson

	// Playground is what stands at the lesson's :::playground, and Ahead what it
	// fetches at once.
	Playground templ.Component
	Ahead      Ahead

	// Capture is the ID in the commands for a terminal until the page has its own.
	Capture string
}

// NewLesson fills a model with what the course knows. The caller adds the
// playground and the capture.
func NewLesson(course *lessons.Course, lesson lessons.Lesson, language string) LessonModel {
	m := LessonModel{Lesson: lesson, Page: lesson.In(language), Total: len(course.Lessons)}
	n := lesson.Number
	if n > 1 {
		m.Previous = &course.Lessons[n-2]
	}
	if n > 0 && n < len(course.Lessons) {
		m.Next = &course.Lessons[n]
	}
	return m
}

// languagesOf are those that the lessons are in for a reader of one.
func languagesOf(course *lessons.Course, reader string) []string {
	var all []string
	for _, lesson := range course.Lessons {
		all = append(all, lesson.In(reader).Language)
	}
	return all
}

// exercises lists the ids of a page's exercises, separated by spaces.
func exercises(page *lessons.Page) string {
	var ids []string
	for _, e := range page.Exercises() {
		ids = append(ids, e.ID)
	}
	return strings.Join(ids, " ")
}
