package site

import (
	"errors"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"seewire/cmd/seewire/internal/phrases"
	"seewire/cmd/seewire/internal/view"
	"seewire/playground/wire"
)

// What a capture's page shows. The files have all.
const (
	pageFrames = 1000
	frameBytes = 1024
	valueBytes = 2000
)

// capturePage answers GET /{lang}/captures/{id}: a capture to be printed.
func (a *Site) capturePage(w http.ResponseWriter, r *http.Request) {
	capture, release, found := a.find(r, r.PathValue("id"))
	if !found {
		a.pages.notFound(w, r)
		return
	}
	defer release()
	answer, err := a.compute(r, func(out io.Writer) error {
		page, err := a.captureView(r, capture)
		if err != nil {
			return err
		}
		return page.Render(r.Context(), out)
	})
	switch {
	case err == nil:
	case errors.Is(err, errBusy), a.life.Err() != nil:
		a.refused.add("busy")
		w.Header().Set("Retry-After", retryAfter)
		a.pages.busy(w, r)
		return
	case r.Context().Err() != nil:
		return // the client has left
	default:
		a.pages.broken(w, r, err)
		return
	}
	defer answer.release()
	answer.send(w, r, "text/html; charset=utf-8")
}

// captureView dissects a capture and shows it.
func (a *Site) captureView(r *http.Request, capture *wire.Capture) (templ.Component, error) {
	dissection, err := a.dissections.Whole(r.Context(), capture)
	if err != nil {
		return nil, err
	}
	d, more, err := dissection.First(pageFrames)
	if err != nil {
		return nil, err
	}
	page := a.pages.page(r, "captures/"+d.ID)
	page.Title = page.Text("capture.title", "id", d.ID)
	page.Missing = true // it will be gone: nobody is to index it
	m := view.CaptureModel{ID: d.ID, More: more}
	for _, n := range d.Notes {
		m.Notes = append(m.Notes, phrases.Note(page.Words, n))
	}
	var started time.Time
	for _, c := range d.Connections {
		shown := view.CaptureConnection{
			Number: c.Number, Peer: c.Peer, Hop: c.Hop,
			Client: len(c.Client), Server: len(c.Server), Dropped: c.Dropped,
		}
		for _, g := range c.Gaps {
			shown.Missing += g.Length
		}
		for _, end := range c.Ends {
			shown.Ends = append(shown.Ends, view.CaptureEnd{From: string(end.From), How: end.How})
		}
		m.Connections = append(m.Connections, shown)
		if len(c.Segments) > 0 && (started.IsZero() || c.Segments[0].At.Before(started)) {
			started = c.Segments[0].At
		}
	}
	m.Started = started.UTC().Format("2006-01-02 15:04:05 UTC")
	page.Description = page.Text("capture.lead", "at", m.Started)
	m.Frames = shownFrames(page, d, started, frameBytes)
	for i := range m.Frames {
		f := &m.Frames[i]
		f.Open = true
		f.Summary = clip(f.Summary, 200)
		for j := range f.Fields {
			f.Fields[j].Value = clip(f.Fields[j].Value, valueBytes)
		}
	}
	return view.Capture(page, m), nil
}

// clip keeps the start of a text that is longer than so many bytes.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
