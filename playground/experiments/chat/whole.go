package chat

import (
	"cmp"
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

// A fault is an error as OpenAI's API has it, which its clients turn into their own
// (https://platform.openai.com/docs/guides/error-codes).
type fault struct {
	Status                     int
	Message, Type, Param, Code string
	RetryAfter                 string // seconds, or a date
}

// Error implements error.
func (f *fault) Error() string { return f.Message }

// faultOf makes a fault of an error.
func faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	f := &fault{Status: http.StatusBadRequest, Message: err.Error()}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		f.Status = http.StatusRequestEntityTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		f.Status, f.Message = http.StatusRequestTimeout, errSlow.Error()
	}
	return f
}

// asError is an error in JSON, in the shape of OpenAI's.
func asError(err error) string {
	f := faultOf(err)
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return quoted(map[string]any{"error": map[string]any{
		"message": f.Message, "type": cmp.Or(f.Type, "invalid_request_error"), "param": orNull(f.Param), "code": orNull(f.Code),
	}})
}

// refuse answers a request that can't be.
func refuse(w http.ResponseWriter, err error) {
	f := faultOf(err)
	w.Header().Set("Content-Type", "application/json")
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.WriteHeader(f.Status)
	io.WriteString(w, asError(err)+"\n")
}
