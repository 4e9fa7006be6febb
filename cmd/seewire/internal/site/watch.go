package site

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"seewire/cmd/seewire/internal/view"
	"seewire/playground"
	"seewire/playground/export"
	"seewire/playground/wire"
	"seewire/watch"
)

// A Watching is what `seewire watch` adds to the site. What it holds is for its own page
// alone: a page of another origin is refused by Origin, a name that leads here by
// somebody else's DNS by Host, and who has not been told the key by that. The key is
// in the fragment of the page's address, so that no server gets it, and kept by the
// origin; a cookie would go to every port of this machine, to the watched server too.
type Watching struct {
	Watch *watch.Watch
	Key   string

	mu      sync.Mutex
	tickets map[string]time.Time // for files of all that is kept, and until when
}

// NewKey is one that can't be guessed.
func NewKey() string {
	var key [16]byte
	rand.Read(key[:])
	return hex.EncodeToString(key[:])
}

// keyTime is how long a page may take to say the key.
const keyTime = 10 * time.Second

// ticketTime is how long a file may be fetched for.
const ticketTime = time.Minute

// watch is the page of what `seewire watch` sees, or of how to start that.
func (a *Site) watch(w http.ResponseWriter, r *http.Request) {
	page := a.pages.page(r, "watch")
	page.Title, page.Description = page.Text("watch.title"), page.Text("watch.lead")
	if a.watching == nil {
		render(w, r, http.StatusOK, view.WatchNone(page))
		return
	}
	page.Missing = true // it is nobody else's to find
	about := a.watching.Watch.About()
	model := view.WatchModel{Target: about.Target, Listens: about.Listens, Secrets: about.Secrets, Lessons: map[string]string{}}
	for _, lesson := range a.pages.now(r).course.Lessons {
		model.Lessons[lesson.Slug] = fmt.Sprint(lesson.Number)
	}
	render(w, r, http.StatusOK, view.Watch(page, model))
}

// A watchHand is what the page asks for; one of its parts is set.
type watchHand struct {
	Set    *watchSet `json:"set"`
	Cut    *watchCut `json:"cut"`
	Search *struct {
		Text   string `json:"text"`
		Number int    `json:"number"`
	} `json:"search"`
	Ticket int `json:"ticket"` // a number for a file of all that is kept
}

type watchSet struct {
	ID string         `json:"id"` // a row, whose path it is for; "" for all
	To watch.Settings `json:"to"`
}

type watchCut struct {
	ID  string `json:"id"`
	How string `json:"how"`
}

// watchLive is the page's connection: it says the key, and gets the rows and what
// becomes of them. It sends what is to be done.
func (a *Site) watchLive(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(16 << 10)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var hello struct {
		Key string `json:"key"`
	}
	saying, said := context.WithTimeout(ctx, keyTime)
	err = wsjson.Read(saying, conn, &hello)
	said()
	if err != nil || subtle.ConstantTimeCompare([]byte(hello.Key), []byte(a.watching.Key)) != 1 {
		conn.Close(websocket.StatusPolicyViolation, "this is not the key")
		return
	}
	defer playground.KeepPinging(ctx, conn.Ping, pingTime, pongTime, cancel)()
	send := func(v any) error {
		sending, done := context.WithTimeout(ctx, sendTime)
		defer done()
		return wsjson.Write(sending, conn, v)
	}
	about := a.watching.Watch.About()
	if err := send(map[string]any{"about": about, "now": time.Now()}); err != nil {
		return
	}
	go func() {
		defer cancel()
		for {
			var hand watchHand
			if err := wsjson.Read(ctx, conn, &hand); err != nil {
				return
			}
			if answer := a.watchDo(ctx, hand); answer != nil && send(answer) != nil {
				return
			}
		}
	}()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(a.life, stop)()
	a.watching.Watch.Follow(watching, func(news watch.News) error { return send(map[string]any{"news": news}) })
	if a.life.Err() != nil {
		conn.Close(websocket.StatusGoingAway, "the server is closing")
	}
}

// watchDo does what the page asks for, and returns what to answer.
func (a *Site) watchDo(ctx context.Context, hand watchHand) any {
	w := a.watching.Watch
	switch {
	case hand.Set != nil:
		w.Set(hand.Set.ID, hand.Set.To)
	case hand.Cut != nil:
		w.Cut(hand.Cut.ID, hand.Cut.How)
	case hand.Search != nil:
		return map[string]any{"found": w.Search(ctx, hand.Search.Text), "number": hand.Search.Number}
	case hand.Ticket != 0:
		return map[string]any{"ticket": a.watching.ticket(), "number": hand.Ticket}
	}
	return nil
}

// ticket lets one file be fetched, by a link, which can't say the key.
func (w *Watching) ticket() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.tickets == nil {
		w.tickets = map[string]time.Time{}
	}
	for t, until := range w.tickets {
		if now.After(until) {
			delete(w.tickets, t)
		}
	}
	t := NewKey()
	w.tickets[t] = now.Add(ticketTime)
	return t
}

func (w *Watching) admits(ticket string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	until, ok := w.tickets[ticket]
	delete(w.tickets, ticket)
	return ok && time.Now().Before(until)
}

// watchFile answers GET /watch/all/{ticket}/{file} with all that is kept, as one
// capture: seewire-watch.json, .pcapng or .har.
func (a *Site) watchFile(w http.ResponseWriter, r *http.Request) {
	name, ending, _ := strings.Cut(r.PathValue("file"), ".")
	contentType := map[string]string{"json": "application/json", "har": "application/json", "pcapng": "application/x-pcapng"}[ending]
	if name != "seewire-watch" || contentType == "" || !a.watching.admits(r.PathValue("ticket")) {
		captureGone(w)
		return
	}
	var captures []*wire.Capture
	for _, id := range a.watching.Watch.IDs() {
		if capture, found := a.captures.Get(id); found {
			captures = append(captures, capture)
		}
	}
	all := export.Joined(captures)
	peer := playground.Peer(r)
	if !a.places.dissections.Wait(r.Context(), peer, 1, placeTime) {
		busy(w)
		return
	}
	defer a.places.dissections.Release(peer, 1)
	write := func(out io.Writer) error { return export.WriteConnections(out, "watch", all) }
	if ending != "pcapng" {
		d, err := a.dissections.Joined(r.Context(), "watch", all)
		if err != nil {
			a.notComputed(w, r, err)
			return
		}
		write = d.WriteJSON
		if ending == "har" {
			write = d.WriteHAR
		}
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="`+r.PathValue("file")+`"`)
	write(patient(w)) // an error is the client's: it has left
}

// watchHome leads to the page in the visitor's language. What stands in the fragment
// goes along (RFC 9110 §10.2.2).
func (p *pages) watchHome(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept-Language")
	http.Redirect(w, r, "/"+preferred(p.now(r).languages, r)+"/watch", http.StatusFound)
}
