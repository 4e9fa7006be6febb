package watch

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"time"
)

// News is what has changed since the news before: all of it in the first.
type News struct {
	Rows     []Row    `json:"rows,omitempty"`     // those that are new or have changed
	Gone     []string `json:"gone,omitempty"`     // the IDs of rows that were let go
	LetGo    int      `json:"letGo"`              // how many there ever were
	Total    int      `json:"total"`              // rows that there ever were
	Held     int64    `json:"held"`               // bytes that are kept
	Settings *Set     `json:"settings,omitempty"` // the faults that are on
}

// Set is which faults stay on, by method and path.
type Set struct {
	All Settings            `json:"all"`
	By  map[string]Settings `json:"by"` // "GET /events"
}

// feedEvery is the least time between two News.
const feedEvery = 200 * time.Millisecond

// mostNews is how many rows one News has: a page takes in what there is piece by piece.
const mostNews = 500

// Follow sends what there is, and then what changes, until ctx ends or send fails.
func (w *Watch) Follow(ctx context.Context, send func(News) error) error {
	var since int64
	seen := map[string]bool{}
	for {
		w.mu.Lock()
		w.letGo()
		if w.changed == nil {
			w.changed = make(chan struct{})
		}
		changed := w.changed
		news, next := w.since(since, seen)
		w.mu.Unlock()
		_, news.Held = w.store.Held()
		if err := send(news); err != nil {
			return err
		}
		if len(news.Rows) == mostNews {
			since = next
			continue
		}
		since = next
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(feedEvery):
		}
	}
}

// since is what has changed after a revision, the oldest first, and up to which one.
func (w *Watch) since(revision int64, seen map[string]bool) (News, int64) {
	news := News{LetGo: w.gone, Total: w.total}
	if w.settingsAt > revision || revision == 0 {
		set := Set{All: w.all, By: map[string]Settings{}}
		for key, s := range w.by {
			set.By[key] = s
		}
		news.Settings = &set
	}
	var fresh []*row
	for _, r := range w.rows {
		if r.revision > revision {
			fresh = append(fresh, r)
		}
	}
	slices.SortFunc(fresh, func(a, b *row) int { return int(a.revision - b.revision) })
	next := w.revision
	if len(fresh) > mostNews {
		fresh = fresh[:mostNews]
		next = fresh[mostNews-1].revision
	}
	for _, r := range fresh {
		news.Rows = append(news.Rows, r.Row)
		seen[r.ID] = true
	}
	for id := range seen {
		if w.byID[id] == nil {
			delete(seen, id)
			news.Gone = append(news.Gone, id)
		}
	}
	return news, next
}

// Search returns the IDs of the rows that have a text among what is kept of them: as
// it stands, in the bytes of any connection.
func (w *Watch) Search(ctx context.Context, text string) []string {
	if text == "" {
		return nil
	}
	w.mu.Lock()
	rows := slices.Clone(w.rows)
	w.mu.Unlock()
	found := []string{}
	for _, r := range slices.Backward(rows) {
		if ctx.Err() != nil {
			break
		}
		for _, c := range r.capture.Snapshot() {
			if bytes.Contains(c.Server, []byte(text)) || bytes.Contains(c.Client, []byte(text)) {
				found = append(found, r.ID)
				break
			}
		}
	}
	return found
}

// IDs are the captures of all rows, in the order of their begin.
func (w *Watch) IDs() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letGo()
	ids := make([]string, len(w.rows))
	for i, r := range w.rows {
		ids[i] = r.ID
	}
	return ids
}

// About is what does not change.
type About struct {
	Target  string    `json:"target"`
	Listens string    `json:"listens"`
	Began   time.Time `json:"began"`
	Secrets bool      `json:"secrets"` // are kept
}

// Address is where clients of this machine come.
func (w *Watch) Address() string {
	if tcp, ok := w.listens.(*net.TCPAddr); ok && (tcp.IP.IsLoopback() || tcp.IP.IsUnspecified()) {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return w.listens.String()
}

// About says what is watched.
func (w *Watch) About() About {
	return About{Target: w.options.Target.String(), Listens: w.Address(), Began: w.began, Secrets: w.options.Secrets}
}
