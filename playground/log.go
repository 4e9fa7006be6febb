package playground

import (
	"context"
	"fmt"
	"net/http"
)

// logKey is the key of the log in a request's context.
type logKey struct{}

// WithLog gives the runs under ctx a log: each line of it goes to write.
func WithLog(ctx context.Context, write func(line string)) context.Context {
	return context.WithValue(ctx, logKey{}, write)
}

// Logf says what the server's code sees, as log.Printf would; the page shows it
// beside what the client's code says. Where nobody watches it does nothing.
func Logf(r *http.Request, format string, a ...any) {
	if write, ok := r.Context().Value(logKey{}).(func(string)); ok {
		write(fmt.Sprintf(format, a...))
	}
}
