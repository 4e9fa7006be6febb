package chat

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"seewire/playground"
)

// serveWhole answers without a stream. Where the address says at what rate the
// tokens are made, they take as long as in a stream, and nothing is seen of them
// until the last. Otherwise the answer is sent at once.
func serveWhole(w http.ResponseWriter, r *http.Request, a answer) {
	var making time.Duration
	if r.URL.Query().Has("rate") {
		making = time.Second / time.Duration(playground.Controls(r).Int("rate")) * time.Duration(len(a.tokens))
	}
	select {
	case <-r.Context().Done():
	case <-time.After(making):
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, a.whole())
	}
}

// refuse answers a request that can't be, in the shape of OpenAI's errors,
// which its clients turn into their own.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status = http.StatusRequestEntityTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		status, err = http.StatusRequestTimeout, errSlow
	}
	type fault struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]fault{"error": {Message: err.Error(), Type: "invalid_request_error"}})
}
