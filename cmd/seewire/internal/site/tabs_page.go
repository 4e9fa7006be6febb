package site

import (
	"io/fs"
	"net/http"

	"seewire/cmd/seewire/internal/view"
	"seewire/lessons"
	"seewire/playground"
)

// tabs is the page whose tabs share a stream: it runs the program of the
// experiment that has one, and shows it.
func (p *pages) tabs(w http.ResponseWriter, r *http.Request) {
	for _, e := range p.experiments {
		if e.Tabs == nil {
			continue
		}
		page := p.page(r, "tabs")
		page.Title, page.Description = page.Text("tabs.title"), page.Text("tabs.lead")
		code, err := fs.ReadFile(e.Source, e.Tabs.Program)
		if err != nil {
			p.broken(w, r, err)
			return
		}
		render(w, r, http.StatusOK, view.Tabs(page, view.TabsModel{
			Script: "/play/" + e.ID + "/" + e.Tabs.Program,
			Stream: e.Tabs.Stream,
			Lesson: "lessons/" + p.lessonOf(r, e.ID) + "#" + e.Tabs.Heading,
			Code:   lessons.Highlight("js", string(code)),
		}))
		return
	}
	p.notFound(w, r)
}

// lessonOf is the slug of the first lesson with an experiment.
func (p *pages) lessonOf(r *http.Request, experiment string) string {
	course := p.now(r).course
	for _, lesson := range course.Lessons {
		if block, ok := lesson.In(course.First()).Playground(); ok && block.Experiment == experiment {
			return lesson.Slug
		}
	}
	return ""
}

// tabProgram is what that page runs.
func (p *pages) tabProgram(e playground.Experiment) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		code, err := fs.ReadFile(e.Source, e.Tabs.Program)
		if err != nil {
			p.broken(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		send(w, r, http.StatusOK, "text/javascript; charset=utf-8", code)
	}
}

// accepted is where somebody goes to accept the certificate, and comes back
// from.
func (p *pages) accepted(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "accepted")
	page.Title, page.Description = page.Text("accepted.title"), page.Text("accepted.what")
	render(w, r, http.StatusOK, view.Accepted(page))
}
