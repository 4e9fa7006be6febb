// Package stream writes event streams (WHATWG HTML §9.2).
package stream

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// writeTimeout is how long a client may take to make room for one write. It
// bounds what a client that never reads can hold on to.
const writeTimeout = 10 * time.Second

// ErrLine is returned for a type or an id that is more than one line, or has a
// NUL in it: it would end up as other fields, or be ignored (§9.2.6).
var ErrLine = errors.New("has a line end or a NUL in it")

// An Event is one message of a stream.
type Event struct {
	Type string // "" is "message" to a browser
	ID   string // "" leaves the last event ID as it was
	Data string // any text; its line ends, LF, CR or CRLF, arrive as LF
}

// A Stream is a response that stays open. Its methods are not for use by
// several goroutines at once.
type Stream struct {
	w  http.ResponseWriter
	rc http.ResponseController // of w; by itself it would be one more place in memory to wait for
}

// New begins the response to a request for a stream.
func New(w http.ResponseWriter) *Stream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // asks nginx to pass on each event as it comes

	s := &Stream{w, *http.NewResponseController(w)}
	s.Raw(nil) // the head leaves now, not with the first event; if that fails, so does the first event
	return s
}

// region: send
// Send writes an event, at once and whole.
func (s *Stream) Send(e Event) error {
	b, err := e.Bytes()
	if err != nil {
		return err
	}
	return s.Raw(b)
}

// Bytes returns the event as a stream has it. One that goes to many is formatted once,
// and written with [Stream.Raw].
func (e Event) Bytes() ([]byte, error) {
	b := make([]byte, 0, len(e.Type)+len(e.ID)+len(e.Data)+32) // room for all, if the data are one line
	if e.Type != "" {
		if strings.ContainsAny(e.Type, "\r\n\x00") {
			return nil, fmt.Errorf("stream: type %w", ErrLine)
		}
		b = append(b, "event: "+e.Type+"\n"...)
	}
	if e.ID != "" {
		if strings.ContainsAny(e.ID, "\r\n\x00") {
			return nil, fmt.Errorf("stream: id %w", ErrLine)
		}
		b = append(b, "id: "+e.ID+"\n"...)
	}
	return append(lines(b, "data: ", e.Data), '\n'), nil
}

// endregion

// Comment writes text that no browser shows to its page. It keeps a quiet
// stream from being taken for a dead one.
func (s *Stream) Comment(text string) error {
	return s.Raw(append(lines(nil, ": ", text), '\n'))
}

// Retry tells the client how long to wait before it connects again, in whole
// milliseconds.
func (s *Stream) Retry(wait time.Duration) error {
	return s.Raw(fmt.Appendf(nil, "retry: %d\n\n", wait.Milliseconds()))
}

// Raw writes bytes as they are, in one write and one flush.
func (s *Stream) Raw(p []byte) error {
	// A writer that knows no deadlines, such as a test's recorder, does without.
	s.rc.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := s.w.Write(p); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	// Write may return nil when the connection is gone: it only fills a buffer.
	if err := s.rc.Flush(); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	// The deadline was for these bytes, not for the silence after them: left in
	// place it would fail the last chunk of a stream that was quiet at its end.
	s.rc.SetWriteDeadline(time.Time{})
	return nil
}

// region: lines
// lines appends text to b with the field's name before each of its lines, so
// that no text can begin a field or an event of its own.
func lines(b []byte, name, text string) []byte {
	if strings.Contains(text, "\r") {
		text = lineEnds.Replace(text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		b = append(append(append(b, name...), line...), '\n')
	}
	return b
}

// lineEnds turns each of the three line ends of §9.2.5 into LF.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// endregion
