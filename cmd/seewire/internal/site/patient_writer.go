package site

import (
	"io"
	"net/http"
	"time"
)

const (
	bodyTime   = 30 * time.Second // for a client to send a request's body
	pageTime   = time.Minute      // for it to take a page
	answerTime = 10 * time.Minute // for it to take a large answer
	stallTime  = 10 * time.Second // for it to take the next part of one
	answerPart = 32 << 10         // bytes
)

// WriteTimeout is how long a server of the site may take to send a page. A
// stream is not cut by it: it sets a deadline for each of its writes.
func (a *Site) WriteTimeout() time.Duration { return max(a.limit+stallTime, pageTime) }

// hurry ends the wait for bodies that don't come, as
// http.Server.ReadHeaderTimeout does for heads. net/http lifts the deadline when
// it has the whole body, so that no stream ends by it.
func hurry(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
		}
		next.ServeHTTP(w, r)
	})
}

// A patientWriter waits for a client to take a large answer, as long as it goes
// on reading and no longer than answerTime: a client that has stopped keeps memory
// that others wait for.
type patientWriter struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	end time.Time
}

func patient(w http.ResponseWriter) io.Writer {
	return &patientWriter{w, http.NewResponseController(w), time.Now().Add(answerTime)}
}

func (p *patientWriter) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		deadline := time.Now().Add(stallTime)
		if deadline.After(p.end) {
			deadline = p.end
		}
		p.rc.SetWriteDeadline(deadline)
		var part int
		part, err = p.w.Write(b[n:min(n+answerPart, len(b))])
		n += part
	}
	return n, err
}
