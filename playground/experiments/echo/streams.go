package echo

import (
	"errors"
	"net/http"
	"os"
	"sync"

	"seewire/playground"
)

const (
	maxStreams    = 1000 // that are open at once, for all addresses
	maxCompressed = 200  // of them
	maxWaiting    = 4    // messages that wait for one stream
)

var (
	errFull    = errors.New("no more streams")
	errNobody  = errors.New("no event stream of this capture is open")
	errBusy    = errors.New("the stream has not taken the messages before this one")
	errNotText = errors.New("a text message has to be UTF-8")
)

// streams holds the event stream of each capture: what is sent under the same
// capture goes there.
type streams struct {
	mu        sync.Mutex
	byCapture map[string]chan []byte

	places      *playground.Places // one for each stream
	compressing *playground.Places // one for each that is compressed
}

func newStreams() *streams {
	return &streams{
		byCapture:   make(map[string]chan []byte),
		places:      playground.NewPlaces(maxStreams),
		compressing: playground.NewPlaces(maxCompressed),
	}
}

// open returns what the stream of a request gets. The newest stream of a
// capture is the one that gets it.
func (s *streams) open(r *http.Request) (chan []byte, error) {
	if !s.places.Take(playground.Peer(r), 1) {
		return nil, errFull
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	messages := make(chan []byte, maxWaiting)
	s.byCapture[captureOf(r)] = messages
	return messages, nil
}

func (s *streams) close(r *http.Request, messages chan []byte) {
	s.places.Release(playground.Peer(r), 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byCapture[captureOf(r)] == messages {
		delete(s.byCapture, captureOf(r))
	}
}

// pass hands a message over to the stream of the same capture.
func (s *streams) pass(r *http.Request, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	messages, ok := s.byCapture[captureOf(r)]
	if !ok {
		return errNobody
	}
	select {
	case messages <- data:
		return nil
	default:
		return errBusy
	}
}

func captureOf(r *http.Request) string {
	return r.URL.Query().Get("capture")
}

// refuse answers a request that can't be served.
func refuse(w http.ResponseWriter, err error) {
	problem := playground.Problem{Title: "The message was not taken", Detail: err.Error()}
	switch {
	case errors.Is(err, errFull), errors.Is(err, errBusy):
		problem.Status, problem.Code = http.StatusServiceUnavailable, "busy"
		w.Header().Set("Retry-After", "5")
	case errors.Is(err, errNobody):
		problem.Status, problem.Code = http.StatusConflict, "no-stream"
	case errors.Is(err, errNotText):
		problem.Status, problem.Code = http.StatusBadRequest, "not-text"
	case errors.Is(err, os.ErrDeadlineExceeded):
		problem.Status, problem.Code, problem.Detail = http.StatusRequestTimeout, "too-slow", "the message did not come in time"
	default:
		problem.Status, problem.Code = http.StatusRequestEntityTooLarge, "too-large"
	}
	problem.Write(w)
}
