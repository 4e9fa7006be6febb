package main

import (
	"errors"
	"io"
	"net/http"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

// maxDissect is the largest body of a request to /dissect, in bytes.
const maxDissect = 8 << 20

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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDissect))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		problem(w, http.StatusRequestEntityTooLarge, "body-too-large", "The body is too large", "Send at most 8 MiB.")
		return
	}
	if err != nil {
		return // the client has gone
	}
	select {
	case a.dissects <- struct{}{}:
		defer func() { <-a.dissects }()
	case <-r.Context().Done():
		return
	}
	document, err := export.Import(body, source)
	if wrong, ok := errors.AsType[*export.ImportError](err); ok {
		problem(w, http.StatusBadRequest, wrong.Code, "These bytes can't be dissected as asked", wrong.Message)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	unlimit(w)
	export.WriteDocument(w, document)
}
