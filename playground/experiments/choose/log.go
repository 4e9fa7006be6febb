package choose

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A Server sends a log to its clients, over either protocol.
type Server struct {
	Log     *Log
	Beat    time.Duration // of silence, after which a heartbeat is sent
	Origins []string      // pages that may connect over WebSocket, beside the server's own

	open sync.WaitGroup // WebSockets
}

// Wait waits until no WebSocket is open, which http.Server.Shutdown does not do,
// or until ctx ends.
func (s *Server) Wait(ctx context.Context) {
	closed := make(chan struct{})
	go func() {
		s.open.Wait()
		close(closed)
	}()
	select {
	case <-closed:
	case <-ctx.Done():
	}
}

const (
	kept     = 1000             // lines: a client that was away for longer sees the gap by their numbers
	patience = 10 * time.Second // for a client to take one write, or to answer a ping
	longest  = 15 * time.Minute // of one event stream: the client comes back, unless it has gone without a word
)

// A Line is what clients get, as JSON.
type Line struct {
	Number int    `json:"line"` // from 1 on
	Of     int    `json:"of"`   // how many there will be
	Text   string `json:"text"`
}

// A Log keeps the lines that a program publishes, for clients that come later
// or come back.
type Log struct {
	of int

	mu    sync.Mutex
	last  int           // number of the newest line
	lines []Line        // the newest
	more  chan struct{} // closed by the next Publish
}

// NewLog returns a log that is over after so many lines.
func NewLog(of int) *Log { return &Log{of: of, more: make(chan struct{})} }

// Publish adds a line. It waits for no client.
func (l *Log) Publish(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.lines = append(l.lines, Line{l.last, l.of, text})
	if len(l.lines) > kept {
		l.lines = l.lines[1:]
	}
	close(l.more)
	l.more = make(chan struct{})
}

// After returns the lines after line n, and a channel that is closed when there
// are more. That is one step: a line that is published meanwhile is in one of the
// two, and not in both.
func (l *Log) After(n int) (lines []Line, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	gone := l.last - len(l.lines)
	return l.lines[max(0, n-gone):], l.more
}

// Over says whether nothing follows line n.
func (l *Log) Over(n int) bool { return n == l.of }

// Had returns the number of the line that a client had last, 0 for none: EventSource
// says it in Last-Event-ID, other clients in the URL. It is input: a number that
// the log never gave is none.
func (l *Log) Had(r *http.Request) int {
	n, err := strconv.Atoi(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("from")))
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || n < 0 || n > l.last {
		return 0
	}
	return n
}
