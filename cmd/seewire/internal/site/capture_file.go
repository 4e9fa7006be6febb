package site

import (
	"bytes"
	"context"
	"encoding/json"
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
	write       func(context.Context, io.Writer, *wire.Capture) error
}

func (a *Site) captureForms() []captureForm {
	dissected := func(write func(*export.Dissection, io.Writer) error) func(context.Context, io.Writer, *wire.Capture) error {
		return func(ctx context.Context, w io.Writer, capture *wire.Capture) error {
			d, err := a.dissections.Whole(ctx, capture)
			if err != nil {
				return err
			}
			return write(d, w)
		}
	}
	return []captureForm{
		{".json", "application/json", false, dissected((*export.Dissection).WriteJSON)},
		{".pcapng", "application/x-pcapng", true, func(_ context.Context, w io.Writer, capture *wire.Capture) error {
			return export.WritePCAPNG(w, capture)
		}},
		{".har", "application/json", true, dissected((*export.Dissection).WriteHAR)},
		{".html", "text/html; charset=utf-8", true, dissected(a.writePage)},
	}
}

// writePage writes a capture as a page that opens from a disk.
func (a *Site) writePage(d *export.Dissection, w io.Writer) error {
	page, err := a.onefile()
	if err != nil {
		return err
	}
	var document bytes.Buffer
	if err := d.WriteJSON(&document); err != nil {
		return err
	}
	return page.Write(w, document.Bytes())
}

// captureFile answers GET /captures/{id}.json, .pcapng, .har and .html.
func (a *Site) captureFile(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	for _, form := range a.captureForms() {
		id, ok := strings.CutSuffix(file, form.ending)
		if !ok {
			continue
		}
		capture, release, found := a.find(r, id)
		if !found {
			break
		}
		defer release()
		answer, err := a.compute(r, func(out io.Writer) error { return form.write(r.Context(), out, capture) })
		if err != nil {
			a.notComputed(w, r, err)
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

// captureAnswers answers GET /captures/{id}/answers: what language models have streamed
// so far, put together. A page asks again and again as the capture goes on.
func (a *Site) captureAnswers(w http.ResponseWriter, r *http.Request) {
	capture, release, found := a.find(r, r.PathValue("id"))
	if !found {
		captureGone(w)
		return
	}
	defer release()
	all, err := a.compute(r, func(out io.Writer) error {
		answers, err := a.dissections.Answers(r.Context(), capture)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(map[string]any{"answers": answers})
	})
	if err != nil {
		a.notComputed(w, r, err)
		return
	}
	defer all.release()
	w.Header().Set("Cache-Control", "no-store")
	all.send(w, r, "application/json")
}
