package asleep

import (
	"net/http"
	"sync"
	"time"

	"seewire/playground"
)

const (
	// maxBegins is how many runs are remembered.
	maxBegins = 10_000

	// maxAge is how long one is remembered: longer than a run may last.
	maxAge = 5 * time.Minute
)

// begins remembers when the counting began, for each side of each run.
type begins struct {
	mu    sync.Mutex // guards what is below
	byKey map[string]time.Time
}

func newBegins() *begins { return &begins{byKey: make(map[string]time.Time)} }

// of returns when the counting began for one side of the run that a request
// belongs to: with its first request. A request that is a run of its own, or one
// of a run that is no longer known, has had what it says that it has.
func (b *begins) of(side string, r *http.Request) time.Time {
	every := playground.Controls(r).Duration("every")
	now := time.Now()
	begun := now.Add(-time.Duration(lastNumber(r)) * every)
	name := playground.RunName(r)
	if name == "" {
		return begun
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	for key, at := range b.byKey {
		if now.Sub(at) > maxAge {
			delete(b.byKey, key)
		}
	}
	key := side + " " + name
	if known, ok := b.byKey[key]; ok {
		return known
	}
	if len(b.byKey) < maxBegins {
		b.byKey[key] = begun
	}
	return begun
}
