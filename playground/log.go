package playground

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// A LogLine is what a server's code says at one moment.
type LogLine struct {
	Event string // by which programs find it, such as "ping-unanswered"; most have none
	Text  string // in the language of the code
	Key   string // of the experiment's words for it: the LogKey of its format
	Args  []string
}

// logKey is the key of the log in a request's context.
type logKey struct{}

// WithLog gives the runs under ctx a log: each line of it goes to write.
func WithLog(ctx context.Context, write func(LogLine)) context.Context {
	return context.WithValue(ctx, logKey{}, write)
}

// Logs reports whether anybody gets what is logged for a request.
func Logs(r *http.Request) bool { return r.Context().Value(logKey{}) != nil }

// Logf says what the server's code sees, as log.Printf would; the page shows it
// beside what the client's code says. Without a capture it does nothing.
func Logf(r *http.Request, format string, a ...any) {
	LogEvent(r, "", format, a...)
}

// LogEvent is Logf for a line that programs look for too: they find it by the
// event, such as "ping-unanswered", whatever the line says.
func LogEvent(r *http.Request, event, format string, a ...any) {
	write, ok := r.Context().Value(logKey{}).(func(LogLine))
	if !ok {
		return
	}
	args := make([]string, len(a))
	for i := range a {
		args[i] = fmt.Sprint(a[i])
	}
	write(LogLine{event, fmt.Sprintf(format, a...), LogKey(format), args})
}

// LogKey makes a key of a line's format, out of its words: those that it has in
// each language are the word server.{experiment}.{key}, with {0} for the first
// verb. It is empty for a format that has no words.
func LogKey(format string) string {
	words := notWords.Split(strings.ToLower(verb.ReplaceAllString(format, " ")), -1)
	return strings.Trim(strings.Join(words, "_"), "_")
}

var (
	verb     = regexp.MustCompile(`%[a-z]`)
	notWords = regexp.MustCompile(`[^a-z0-9]+`)
)
