package site

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"seewire/cmd/seewire/internal/author"
	"seewire/cmd/seewire/internal/languages"
	"seewire/lessons"
	"seewire/playground"
	"seewire/playground/stream"
)

// An edition is the course as it was when it was last read.
type edition struct {
	course    *lessons.Course
	languages languages.Languages
	id        string        // of no other one, of this process or of another
	replaced  chan struct{} // closed when there is a newer one
	kept      keptAnswers
}

func newEdition(course *lessons.Course) *edition {
	return &edition{
		course: course, languages: languages.Of(course),
		id: strconv.FormatInt(time.Now().UnixNano(), 36), replaced: make(chan struct{}),
	}
}

// editionKey is the context key under which a request has its edition.
type editionKey struct{}

// now is the edition that a request is answered from, all of it.
func (p *pages) now(r *http.Request) *edition {
	if e, ok := r.Context().Value(editionKey{}).(*edition); ok {
		return e
	}
	return p.edition.Load()
}

// inLanguage hands on requests for pages in a language that the course has.
func (p *pages) inLanguage(course http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e := p.edition.Load()
		r = r.WithContext(context.WithValue(r.Context(), editionKey{}, e))
		if !e.languages.Known(firstSegment(r)) {
			p.notFound(w, r)
			return
		}
		course.ServeHTTP(w, r)
	}
}

// follow reads the course again after each edit of the folder that lies over
// it, until ctx ends.
func (p *pages) follow(ctx context.Context, folder author.Folder, refs lessons.References) {
	folder.Watch(ctx, func() {
		old := p.edition.Load()
		p.edition.Store(newEdition(again(old.course, folder, refs)))
		close(old.replaced)
	})
}

// again reads the course after an edit. Where that is not possible what was read
// before stays, with the reason among its problems.
func again(old *lessons.Course, folder author.Folder, refs lessons.References) (course *lessons.Course) {
	keep := func(what, remedy string) {
		kept := *old
		kept.Problems = lessons.Problems{{File: string(folder), Line: 1, What: what, Remedy: remedy}}
		course = &kept
	}
	defer func() {
		if fault := recover(); fault != nil { // of a parser: no text is to end the program
			keep(fmt.Sprintf("the last edit can't be read (%v)", fault), "write it another way")
		}
	}()
	course, err := folder.Load(refs)
	if err != nil {
		keep("the folder can't be read any more", "put it back")
	}
	return course
}

// edits answers GET /edits?since=ID: an event for each edition after that one.
// A page that is open shows it.
func (a *Site) edits(w http.ResponseWriter, r *http.Request) {
	peer := playground.Peer(r)
	if !a.places.feeds.Take(peer, 1) {
		w.Header().Set("Retry-After", "60")
		problem(w, http.StatusServiceUnavailable, "too-many-viewers", "Too many viewers", "Close a page or wait a minute.")
		return
	}
	defer a.places.feeds.Release(peer, 1)

	s := stream.New(w)
	seen := r.URL.Query().Get("since")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		seen = last
	}
	quiet := time.NewTicker(15 * time.Second)
	defer quiet.Stop()
	for {
		var err error
		e := a.pages.edition.Load()
		if e.id != seen {
			seen = e.id
			err = s.Send(stream.Event{Type: "edit", ID: e.id})
		}
		if err != nil {
			return // the page has gone
		}
		select {
		case <-e.replaced:
		case <-quiet.C:
			if s.Comment("") != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-a.life.Done():
			return
		}
	}
}
