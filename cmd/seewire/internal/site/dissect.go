package site

import (
	"errors"
	"io"
	"net/http"
	"os"

	"seewire/playground"
	"seewire/playground/dissect"
	"seewire/playground/export"
)

// onlyPost answers whoever asks /dissect for a page.
func onlyPost(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", "POST")
	problem(w, http.StatusMethodNotAllowed, "method", "Method not allowed", "Send the bytes with POST: curl --data-binary @FILE '"+base(r)+"/dissect?protocol=guess'")
}

// dissect answers POST /dissect: raw bytes in, frames and fields out. They are
// those of one side, or a file with recorded connections; protocol=guess and
// from=guess leave it to the program to find out what they are.
func (a *Site) dissect(w http.ResponseWriter, r *http.Request) {
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
	for _, as := range query["as"] {
		told, err := export.ParseTold(as)
		if err != nil || len(source.Told) == maxTold {
			problem(w, http.StatusBadRequest, "as", "as does not say what a connection begins with", "Say as=websocket, or as=2:websocket for connection 2 alone.")
			return
		}
		source.Told = append(source.Told, told)
	}
	peer, size := playground.Peer(r), uploadUnits(r)
	if !a.places.uploads.Wait(r.Context(), peer, size, placeTime) {
		busy(w)
		return
	}
	defer a.places.uploads.Release(peer, size)
	r.Body = http.MaxBytesReader(w, r.Body, export.MaxImport)
	body, keys, err := parts(r)
	source.Keys = keys
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		problem(w, http.StatusRequestEntityTooLarge, "body-too-large", "The body is too large", "Send at most 8 MiB.")
		return
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		problem(w, http.StatusRequestTimeout, "body-too-slow", "The body did not come", "Send it within half a minute.")
		return
	}
	if err != nil {
		problem(w, http.StatusBadRequest, "body", "The body can't be read", "Send the bytes as they are, or as a form with the files bytes and keys.")
		return
	}
	answer, err := a.compute(r, func(out io.Writer) error {
		return export.ImportJSON(r.Context(), out, body, source, a.codes)
	})
	if wrong, ok := errors.AsType[*export.ImportError](err); ok {
		problem(w, http.StatusBadRequest, wrong.Code, "These bytes can't be dissected as asked", wrong.Message)
		return
	}
	if err != nil {
		a.notComputed(w, r, err)
		return
	}
	defer answer.release()
	answer.send(w, r, "application/json")
}

// parts are the bytes of a body, and with them the keys of TLS connections where it is
// a form that has both.
func parts(r *http.Request) (body, keys []byte, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		body, err = io.ReadAll(r.Body)
		return body, nil, err
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return body, keys, nil
		}
		if err != nil {
			return nil, nil, err
		}
		p, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		switch part.FormName() {
		case "bytes":
			body = p
		case "keys":
			keys = p
		}
	}
}

// maxTold bounds what can be told of connections.
const maxTold = 256

// uploadUnits is how many units a body may take: what its length says, or where
// that isn't told all that is allowed.
func uploadUnits(r *http.Request) int {
	length := r.ContentLength
	if length < 0 || length > export.MaxImport {
		length = export.MaxImport
	}
	return int(length)/unit + 1
}
