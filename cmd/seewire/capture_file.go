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
		if !found {
			break
		}
		answer, err := a.compute(r, func(out io.Writer) error { return form.write(out, capture) })
		if err != nil { // also where the client has left
			busy(w)
			return
		}
		defer answer.release()
		w.Header().Set("Cache-Control", "no-store")
		if form.save {
			w.Header().Set("Content-Disposition", `attachment; filename="seewire-`+file+`"`)
		}
		answer.send(w, r, form.contentType)
		return
	}
	captureGone(w)
}
