package broken

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"seewire/playground"
)

var faults = []string{"none", "401", "429", "event", "data", "length", "cut", "end", "html", "silence", "slow"}

// surprises are the faults of an exercise, in an order that the run decides.
var surprises = []string{"none", "429", "event", "data", "cut", "end", "html", "silence", "slow"}

// faultOf returns what a request is to meet.
func faultOf(r *http.Request) string {
	controls := playground.Controls(r)
	attempt, err := strconv.Atoi(r.URL.Query().Get("attempt"))
	if err != nil {
		attempt = 1
	}
	switch {
	case controls.Text("moments") == "surprise":
		order := playground.Random(r).Perm(len(surprises))
		return surprises[order[max(attempt-1, 0)%len(order)]]
	case attempt > 1:
		return "none"
	default:
		return controls.Text("fault")
	}
}

// How the server says, after the 200, that it has failed: in an event of the type
// error, whose data does not say it again, or in the data alone.
const (
	failure    = `{"code":"overloaded","message":"The model is overloaded."}`
	overloaded = `{"error":` + failure + `}`
)

// page is what a proxy writes into a response that it has given up on.
const page = "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>504 Gateway Time-out</body>\r\n</html>\r\n"

// pause is for how long nothing comes from a slow model, again and again.
const pause = time.Second

// retryAfter is how long a client that asks too often is to wait, in seconds.
const retryAfter = "1"

// rest lets a pause pass, unless the client leaves before.
func rest(ctx context.Context) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// refuse answers in place of the model, with the reason in the status.
func refuse(w http.ResponseWriter, status int) {
	h := w.Header()
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer") // RFC 9110 §11.6.1
	case http.StatusTooManyRequests:
		h.Set("Retry-After", retryAfter)
		// Or a page of another origin does not get to see it (Fetch §3.3.2).
		h.Set("Access-Control-Expose-Headers", "Retry-After")
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, `{"error":{"message":"`+http.StatusText(status)+`"}}`+"\n")
}
