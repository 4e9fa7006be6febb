package site

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// noSuchCall answers what SDKs of language models ask for under /v1 and is not here: as
// the error of their APIs, which they print whole. OpenAI's and Anthropic's have the
// message at the same place.
func noSuchCall(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Access-Control-Allow-Origin", "*") // any page may know why
	w.WriteHeader(http.StatusNotFound)
	json.NewEncoder(w).Encode(map[string]any{ // an error means that the client has left
		"type": "error",
		"error": map[string]any{
			"type":    "not_found_error",
			"code":    "unknown_url",
			"param":   nil,
			"message": fmt.Sprintf("%s %s is not answered here: Seewire has POST /v1/chat/completions alone.", r.Method, r.URL.Path),
		},
	})
}
