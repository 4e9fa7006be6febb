package main

import (
	"io"
	"net/http"
	"strings"

	"seewire/playground/export"
	"seewire/playground/wire"
)

// A captureForm is a file that a capture can be had as.
type captureForm struct {
	ending      string
	contentType string
	save        bool // it is for another program than the browser
	write       func(io.Writer, *wire.Capture) error
}

func captureForms() []captureForm {
	return []captureForm{
		{".json", "application/json", false, export.Write},
		{".pcapng", "application/x-pcapng", true, export.WritePCAPNG},
		{".har", "application/json", true, export.WriteHAR},
	}
}

// captureFile answers GET /captures/{id}.json, .pcapng and .har.
func (a *app) captureFile(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	for _, form := range captureForms() {
		id, ok := strings.CutSuffix(file, form.ending)
		if !ok {
			continue
		}
		capture, found := a.captures.Get(id)
		if !found || !a.mayDissect(r) {
			break
		}
		defer a.dissected()
		w.Header().Set("Content-Type", form.contentType)
		w.Header().Set("Cache-Control", "no-store")
		if form.save {
			w.Header().Set("Content-Disposition", `attachment; filename="seewire-`+file+`"`)
		}
		form.write(patient(w), capture) // an error is the client's: it has left
		return
	}
	captureGone(w)
}

// mayDissect waits for a place among those who dissect; false if the client has
// left meanwhile. Whoever has one gives it back with dissected.
func (a *app) mayDissect(r *http.Request) bool {
	select {
	case a.dissects <- struct{}{}:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (a *app) dissected() { <-a.dissects }
