package serve

import (
	"bytes"
	"context"
	"log"
	"log/slog"
)

// An errorWriter logs what net/http has to say.
type errorWriter struct{ log *slog.Logger }

// errorLog is for a server. Nearly all that net/http complains of is what
// strangers send, or that they have left: a workshop sees hundreds of those, and
// none is the host's to mend. A listener that can't accept is.
func errorLog(l *slog.Logger) *log.Logger { return log.New(errorWriter{l}, "", 0) }

func (w errorWriter) Write(line []byte) (int, error) {
	level := slog.LevelDebug
	if bytes.HasPrefix(line, []byte("http: Accept error")) || bytes.HasPrefix(line, []byte("http: panic")) {
		level = slog.LevelError
	}
	w.log.Log(context.Background(), level, string(bytes.TrimSpace(line)))
	return len(line), nil
}
