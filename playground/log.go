package playground

import (
	"context"
	"fmt"
	"net/http"
)

// logKey is the key of the log in a request's context.
type logKey struct{}

// WithLog gives the runs under ctx a log: each line of it goes to write, with the
// event that it reports, if any.
func WithLog(ctx context.Context, write func(event, line string)) context.Context {
	return context.WithValue(ctx, logKey{}, write)
}

// Logf says what the server's code sees, as log.Printf would; the page shows it
// beside what the client's code says. Without a capture it does nothing.
func Logf(r *http.Request, format string, a ...any) {
	LogEvent(r, "", format, a...)
}

// LogEvent is Logf for a line that programs look for too: they find it by the
// event, such as "ping-unanswered", whatever the line says.
func LogEvent(r *http.Request, event, format string, a ...any) {
	if write, ok := r.Context().Value(logKey{}).(func(event, line string)); ok {
		write(event, fmt.Sprintf(format, a...))
	}
}
