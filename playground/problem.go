package playground

import (
	"encoding/json"
	"net/http"
)

// A Problem is a request that was refused, as a program is told of it
// (RFC 9457). Its words are English; a page has its own, by Code.
type Problem struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Title   string `json:"title"`
	Detail  string `json:"detail"`
	Control string `json:"control,omitempty"` // the control that was wrong
}

func (p Problem) Error() string { return p.Code + ": " + p.Detail }

// Because tells a server that logs its failures why a request gets no better
// answer. Others don't hear of it.
func Because(w http.ResponseWriter, cause error) {
	for {
		if hears, ok := w.(interface{ Because(error) }); ok {
			hears.Because(cause)
			return
		}
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = inner.Unwrap()
	}
}

// Write answers with the problem.
func (p Problem) Write(w http.ResponseWriter) {
	Because(w, p)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Access-Control-Allow-Origin", "*") // any page may know why
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // an error means that the client has left
}
