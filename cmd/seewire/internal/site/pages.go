package site

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/a-h/templ"

	"seewire/cmd/seewire/internal/author"
	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/view"
	"seewire/lessons"
	"seewire/playground"
	"seewire/static"
)

// pages are what a person reads.
type pages struct {
	edition     atomic.Pointer[edition]
	edited      bool // there may be another edition
	experiments map[string]shownExperiment
	recordings  map[string]func() (*Recording, error) // by the experiment's ID
	listeners   *Listeners
	static      *static.Files
	watching    bool // the site is that of `seewire watch`
}

// newPages reads the course, with a folder over it. Mistakes that are in the folder
// the pages show; those without one are for check.
func newPages(folder author.Folder, experiments []playground.Experiment, listeners *Listeners) (*pages, error) {
	course, err := references.Course(folder)
	if err != nil {
		return nil, err
	}
	files, err := StaticFiles()
	if err != nil {
		return nil, err
	}
	p := &pages{
		edited: folder != "", experiments: map[string]shownExperiment{}, recordings: map[string]func() (*Recording, error){},
		listeners: listeners, static: files,
	}
	p.edition.Store(newEdition(course))
	for _, e := range experiments {
		if p.experiments[e.ID], err = show(e); err != nil {
			return nil, err
		}
		p.recordings[e.ID] = sync.OnceValues(func() (*Recording, error) { return ReadRecording(e) })
	}
	return p, nil
}

// check says what is wrong with what the pages are made of.
func (p *pages) check() error {
	all := []error{p.static.Check()}
	if !p.edited {
		all = append(all, references.Check())
	}
	for _, recording := range p.recordings {
		_, err := recording()
		all = append(all, err)
	}
	return errors.Join(all...)
}

// page is what every page of a request has in common.
func (p *pages) page(r *http.Request, path string) view.Page {
	e := p.now(r)
	lang := languageOf(e.languages, r)
	page := view.Page{
		Words:     e.course.Words[lang],
		Language:  lang,
		Languages: view.LanguagesOf(e.course),
		Base:      base(r),
		HTTP2:     p.listeners.http2(r),
		Watching:  p.watching,
		Path:      path,
		Static:    p.static.URL,
		Problems:  e.course.Problems.Of("", ""),
	}
	if p.edited {
		page.Edition = e.id
	}
	return page
}

// home goes to the contents in the visitor's language.
func (p *pages) home(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept-Language")
	http.Redirect(w, r, "/"+preferred(p.now(r).languages, r)+"/", http.StatusFound)
}

// language remembers the language that somebody chose, and goes to the page in
// it: /language?to=zh&path=/zh/lessons/reconnect.
func (p *pages) language(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	if !p.now(r).languages.Known(to) {
		p.notFound(w, r)
		return
	}
	remember(w, to)
	// Only to a page of that language: this is not a way to send people to
	// other places.
	path, err := url.Parse(r.URL.Query().Get("path"))
	if err != nil || path.Host != "" || path.Scheme != "" || !strings.HasPrefix(path.Path, "/"+to+"/") {
		path = &url.URL{Path: "/" + to + "/"}
	}
	http.Redirect(w, r, path.String(), http.StatusSeeOther)
}

func (p *pages) contents(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "")
	page.Description = page.Text("site.description")
	page.Problems = p.now(r).course.Problems
	demo, err := p.demo(page, p.now(r).course)
	if err != nil {
		p.broken(w, r, err)
		return
	}
	if demo != nil {
		page.Runs, page.Ahead = demo.Lesson, demo.Ahead(page)
	}
	render(w, r, http.StatusOK, view.Contents(page, p.now(r).course, demo))
}

func (p *pages) lesson(w http.ResponseWriter, r *http.Request) {
	course := p.now(r).course
	lesson, ok := course.Find(r.PathValue("slug"))
	if !ok {
		p.notFound(w, r)
		return
	}
	page := p.page(r, "lessons/"+lesson.Slug)
	text := lesson.In(page.Language)
	if text.Language != page.Language {
		page.Untranslated = &view.Untranslated{Language: text.Language, Words: course.Words[text.Language]}
	}
	page.Problems = course.Problems.Of(lesson.Slug, page.Language, text.Language)
	page.Lesson, page.Title, page.Description = lesson.Slug, text.Question, text.Summary
	model, err := p.lessonModel(page, lesson, r)
	if err != nil {
		p.broken(w, r, err)
		return
	}
	page.Ahead = model.Ahead
	render(w, r, http.StatusOK, view.Lesson(page, model))
}

// fields is the page of all fields and what they mean.
func (p *pages) fields(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "fields")
	page.Title = page.Text("fields.title")
	page.Description = page.Text("fields.lead")
	render(w, r, http.StatusOK, view.Fields(page, p.now(r).course.Fields(page.Language)))
}

// glossary is the page of the trade's words.
func (p *pages) glossary(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "glossary")
	page.Title = page.Text("glossary.title")
	page.Description = page.Text("glossary.lead")
	render(w, r, http.StatusOK, view.Glossary(page, p.now(r).course))
}

// words are the interface's words for the scripts of every page, with
// ?lesson=six those of the lesson's experiment too, with ?runs=six also those of the
// run that a page makes by itself; with ?part=bytes those that a script asks for
// when it is wanted.
func (p *pages) words(w http.ResponseWriter, r *http.Request) {
	words := map[string]string{}
	part := r.URL.Query().Get("part")
	e := p.now(r)
	experiment, runs := "", r.URL.Query().Get("runs")
	if lesson, ok := e.course.Find(cmp.Or(r.URL.Query().Get("lesson"), runs)); ok {
		block, _ := lesson.In(firstSegment(r)).Playground()
		experiment = block.Experiment
	}
	for key, word := range e.course.Words[languageOf(e.languages, r)] {
		if part == "" && (atOnce(key) || ofRuns(experiment, key) || runs != "" && strings.HasPrefix(key, "demo.")) || part != "" && strings.HasPrefix(key, part+".") {
			words[key] = word
		}
	}
	p.sendJSON(w, r, words)
}

// atOnce says whether a key's words go to the scripts of every page. The rest
// the server writes into the markup, or a script asks for later.
func atOnce(key string) bool {
	switch key {
	case "control.error.choice", "control.error.switch", "control.error.utf8", "exercise.hint", "exercise.label", "exercise.no_script",
		"predict.answer", "predict.label", "predict.show", "terminal.label", "timeline.heading": // in the markup
		return false
	}
	part, _, _ := strings.Cut(key, ".")
	switch part {
	case "accepted", "capture", "check", "error", "fields", "glossary", "lesson", "load", "onefile", "problems", "reachability", "recorded", "site", "translation": // in the markup
		return false
	case "answer", "background", "bytes", "claim", "class", "demo", "finding", "guide", "picture", "server", "tabs", "watch": // later, or of one experiment
		return false
	case "exercise": // of one lesson, when it is checked
		return strings.Count(key, ".") == 1
	case "control":
		return strings.HasPrefix(key, "control.error.")
	case "playground": // what a run says
		return strings.HasPrefix(key, "playground.status.") || strings.HasPrefix(key, "playground.feed.") || slices.Contains([]string{"playground.findings", "playground.log", "playground.sandbox"}, key)
	case "contents": // beside what is in the markup
		return !slices.Contains([]string{"contents.article", "contents.heading", "contents.lead", "contents.title", "contents.verdicts"}, key)
	}
	return true
}

// ofRuns says whether a key's words are what an experiment says of its runs, or its
// server in them.
func ofRuns(experiment, key string) bool {
	return experiment != "" && (strings.HasPrefix(key, "finding."+experiment+".") || strings.HasPrefix(key, "picture."+experiment+".") || strings.HasPrefix(key, "server."+experiment+"."))
}

// fieldsJSON are the fields' explanations for the viewer, by name; with
// ?part=http those whose names begin with it.
func (p *pages) fieldsJSON(w http.ResponseWriter, r *http.Request) {
	type meaning struct {
		HTML lessons.HTML `json:"html"`
		Lang string       `json:"lang,omitempty"` // where it has not been translated
	}
	byName := map[string]meaning{}
	part := r.URL.Query().Get("part")
	e := p.now(r)
	language := languageOf(e.languages, r)
	for _, f := range e.course.Fields(language) {
		if part == "" || strings.HasPrefix(f.Name, part+".") {
			m := meaning{HTML: f.HTML}
			if f.Language != language {
				m.Lang = e.course.Words[f.Language].Text("language.tag")
			}
			byName[f.Name] = m
		}
	}
	p.sendJSON(w, r, byName)
}

// recorded is the run that a lesson shows before the visitor's first one.
func (p *pages) recorded(w http.ResponseWriter, r *http.Request) {
	p.ofRecording(w, r, func(recording *Recording) any { return recording })
}

// recordedAnswers is what models have streamed in it, put together.
func (p *pages) recordedAnswers(w http.ResponseWriter, r *http.Request) {
	p.ofRecording(w, r, func(recording *Recording) any {
		return map[string]any{"answers": recording.Capture.Together()}
	})
}

// ofRecording sends something of a lesson's recorded run.
func (p *pages) ofRecording(w http.ResponseWriter, r *http.Request, what func(*Recording) any) {
	e := p.now(r)
	lesson, ok := e.course.Find(r.PathValue("slug"))
	if !ok {
		p.notFound(w, r)
		return
	}
	block, _ := lesson.In(firstSegment(r)).Playground()
	read, ok := p.recordings[block.Experiment]
	if !ok {
		p.notFound(w, r)
		return
	}
	switch recording, err := read(); {
	case err != nil:
		p.broken(w, r, err)
	case recording == nil:
		p.notFound(w, r)
	default:
		p.sendJSON(w, r, what(recording))
	}
}

// solutions are model answers to a lesson's exercises, by their ids. A page asks
// for them when its visitor has solved one.
func (p *pages) solutions(w http.ResponseWriter, r *http.Request) {
	lesson, ok := p.now(r).course.Find(r.PathValue("slug"))
	if !ok {
		p.notFound(w, r)
		return
	}
	solutions := map[string]lessons.HTML{}
	for _, e := range lesson.In(firstSegment(r)).Exercises() {
		solutions[e.ID] = e.Solution
	}
	p.sendJSON(w, r, solutions)
}

// sandbox is the frame in which a learner's code runs.
func (p *pages) sandbox(w http.ResponseWriter, r *http.Request) {
	render(w, r, http.StatusOK, view.Sandbox(p.static.URL))
}

// notFound answers for an address that there is no page at.
func (p *pages) notFound(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "")
	page.Title, page.Missing = page.Text("error.404.title"), true
	render(w, r, http.StatusNotFound, view.Error(page, http.StatusNotFound))
}

// broken answers for a page that could not be made. It is a mistake in this
// program: the course was checked when it was loaded.
func (p *pages) broken(w http.ResponseWriter, r *http.Request, cause error) {
	playground.Because(w, cause)
	page := p.page(r, "")
	page.Title, page.Missing = page.Text("error.500.title"), true
	render(w, r, http.StatusInternalServerError, view.Error(page, http.StatusInternalServerError))
}

// busy answers for a page that there is no place for just now.
func (p *pages) busy(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "")
	page.Title, page.Missing = page.Text("error.503.title"), true
	render(w, r, http.StatusServiceUnavailable, view.Error(page, http.StatusServiceUnavailable))
}

// render writes a page that is complete, or none.
func render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var body bytes.Buffer
	if err := c.Render(r.Context(), &body); err != nil {
		playground.Because(w, fmt.Errorf("render a page: %w", err))
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	send(w, r, status, "text/html; charset=utf-8", body.Bytes())
}

func (p *pages) sendJSON(w http.ResponseWriter, r *http.Request, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		p.broken(w, r, fmt.Errorf("encode JSON: %w", err))
		return
	}
	send(w, r, http.StatusOK, "application/json", text)
}
