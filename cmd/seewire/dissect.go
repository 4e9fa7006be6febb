package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"seewire/playground/dissect"
	"seewire/playground/export"
)

// maxDissect is the largest body of a request to /dissect, in bytes.
const maxDissect = 8 << 20

// dissect answers POST /dissect: raw bytes in, frames and fields out.
func (a *app) dissect(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	from := dissect.Side(query.Get("from"))
	switch from {
	case "":
		from = dissect.Server
	case dissect.Client, dissect.Server:
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
	result, err := dissect.Bytes(query.Get("protocol"), from, query.Get("extensions"), body)
	if err != nil {
		problem(w, http.StatusBadRequest, "dissect", "These bytes can't be dissected as asked", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	unlimit(w)
	json.NewEncoder(w).Encode(export.Dissected(result, body, from))
}
