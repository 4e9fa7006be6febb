package main

import (
	"io/fs"
	"net/http"

	"seewire/cmd/seewire/internal/view"
	"seewire/lessons"
)

// tabScript is the program of the experiment six by which the tabs of a site
// share a stream. It needs the site's own origin, so that it can't run where a
// learner's programs do.
const tabScript = "tab.js"

// tabs is the page that runs it, and shows it.
func (p *pages) tabs(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "tabs")
	page.Title, page.Description = page.Text("tabs.title"), page.Text("tabs.lead")
	code, err := fs.ReadFile(p.experiments["six"].Source, tabScript)
	if err != nil {
		p.broken(w, r)
		return
	}
	render(w, r, http.StatusOK, view.Tabs(page, lessons.Highlight("js", string(code))))
}

// tabProgram is what that page runs.
func (p *pages) tabProgram(w http.ResponseWriter, r *http.Request) {
	code, err := fs.ReadFile(p.experiments["six"].Source, tabScript)
	if err != nil {
		p.broken(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	send(w, r, http.StatusOK, "text/javascript; charset=utf-8", code)
}

// accepted is where somebody goes to accept the certificate, and comes back
// from.
func (p *pages) accepted(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, "accepted")
	page.Title, page.Description = page.Text("accepted.title"), page.Text("accepted.what")
	render(w, r, http.StatusOK, view.Accepted(page))
}
