package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

// maxDissect is the largest body of a request to /dissect, in bytes.
const maxDissect = 8 << 20

// onlyPost answers whoever asks /dissect for a page.
func onlyPost(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", "POST")
	problem(w, http.StatusMethodNotAllowed, "method", "Method not allowed", "Send the bytes with POST: curl --data-binary @FILE '"+base(r)+"/dissect?protocol=guess'")
}

// dissect answers POST /dissect: raw bytes in, frames and fields out. They are
// those of one side, or a file with recorded connections; protocol=guess and
// from=guess leave it to the program to find out what they are.
func (a *app) dissect(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	source := export.Source{
		Protocol:   query.Get("protocol"),
		From:       dissect.Side(query.Get("from")),
		Extensions: query.Get("extensions"),
	}
	switch source.From {
	case "":
		source.From = dissect.Server
		if source.Protocol == export.Guess {
			source.From = export.Guess
		}
	case dissect.Client, dissect.Server, export.Guess:
	default:
		problem(w, http.StatusBadRequest, "from", "from is neither client nor server", "Say which end sent the bytes: from=client or from=server.")
		return
	}
	if !a.mayUpload() {
		w.Header().Set("Retry-After", "10")
		problem(w, http.StatusServiceUnavailable, "busy", "Too many uploads", "As many are being read as there is room for. Try again in a moment.")
		return
	}
	defer a.uploaded()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDissect))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		problem(w, http.StatusRequestEntityTooLarge, "body-too-large", "The body is too large", "Send at most 8 MiB.")
		return
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		problem(w, http.StatusRequestTimeout, "body-too-slow", "The body did not come", "Send it within half a minute.")
		return
	}
	if err != nil {
		return // the client has gone
	}
	if !a.mayDissect(r) {
		return
	}
	defer a.dissected()
	document, err := export.Import(body, source)
	if wrong, ok := errors.AsType[*export.ImportError](err); ok {
		problem(w, http.StatusBadRequest, wrong.Code, "These bytes can't be dissected as asked", wrong.Message)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	export.WriteDocument(patient(w), document) // an error is the client's: it has left
}

// mayUpload waits a little for a place among those whose bodies are in memory.
// Whoever has one gives it back with uploaded.
func (a *app) mayUpload() bool {
	select {
	case a.uploads <- struct{}{}:
		return true
	case <-time.After(5 * time.Second): // the client can't be seen to leave before its body is read
		return false
	}
}

func (a *app) uploaded() { <-a.uploads }
