// Package classroom lets browsers into a class: it answers what is below /class.
package classroom

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"seewire/class"
	"seewire/playground"
	"seewire/playground/stream"
)

// Times and sizes of what pages send and are sent.
const (
	helloTime = 10 * time.Second // for a page to say who it is
	sendTime  = 10 * time.Second // for a page to take one message
	pingTime  = 10 * time.Second // between the answer to a ping and the next one
	pongTime  = 10 * time.Second // for an answer: then somebody is lost
	queue     = 64               // messages that wait for a page
	maxBody   = 4 << 10
	maxSaid   = 128 << 10
	eventTime = 5 * time.Second // for a message to come on a stream that waits for it
)

// Codes with which a page's socket closes. A page has words for them.
const (
	closeKey     = websocket.StatusCode(4003)
	closeUnknown = websocket.StatusCode(4004)
	closeOver    = websocket.StatusCode(4010)
	closeSlow    = websocket.StatusCode(4029)
)

// A Classroom answers for classes.
type Classroom struct {
	Classes *class.Classes
	Places  *playground.Places // one for each socket
	Life    context.Context    // ends with the server
}

// Route adds what a class needs. Pages of other origins can open and join none.
func (c *Classroom) Route(mux *http.ServeMux) {
	own := http.NewCrossOriginProtection()
	post := func(path string, h http.HandlerFunc) { mux.Handle("POST "+path, own.Handler(h)) }
	post("/class", c.open)
	post("/class/{code}/members", c.join)
	mux.HandleFunc("GET /class/{code}", c.look)
	mux.HandleFunc("GET /class/{code}/live", c.live)
	mux.HandleFunc("GET /class/{code}/messages/{id}", c.message)
	mux.HandleFunc("GET /class/{code}/results.csv", c.results)
	mux.HandleFunc("GET /class/{code}/results.json", c.results)
}

// body reads a small object.
func body(w http.ResponseWriter, r *http.Request, into any) bool {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil && len(data) > 0 {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		playground.Problem{Status: http.StatusBadRequest, Code: "class-body", Title: "The body is not what it should be",
			Detail: "It has to be a small JSON object."}.Write(w)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(what)
}

func refuse(w http.ResponseWriter, err error) {
	p := playground.Problem{Status: http.StatusServiceUnavailable, Code: "class-many", Title: "The class can't be reached", Detail: "Try again in a minute."}
	for _, one := range []struct {
		err    error
		status int
		title  string
		detail string
	}{
		{class.ErrUnknown, http.StatusNotFound, "No class has this code", "A code has six letters. Look at the wall again."},
		{class.ErrKey, http.StatusForbidden, "The key does not belong to this class", "It is another class's, or its owner was removed."},
		{class.ErrFull, http.StatusServiceUnavailable, "The class is full", "It has no seat left."},
		{class.ErrMany, http.StatusServiceUnavailable, "There are too many classes", "As many are open as this server allows, in all or from one address. Try again later."},
		{class.ErrSlow, http.StatusTooManyRequests, "Too many attempts", "So many wrong codes came within a minute that you have to wait for one. The QR code on the wall leads in at any time."},
		{class.ErrName, http.StatusBadRequest, "The name is none", "A name is text of at most 24 characters."},
		{class.ErrOver, http.StatusGone, "The class is over", "Its teacher has closed it."},
	} {
		if errors.Is(err, one.err) {
			p = playground.Problem{Status: one.status, Code: one.err.Error(), Title: one.title, Detail: one.detail}
		}
	}
	switch p.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "60")
	}
	p.Write(w)
}

// open opens a class, or one again that the server has forgotten.
func (c *Classroom) open(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Code, Key string }
	if !body(w, r, &asked) {
		return
	}
	peer, status := playground.Peer(r), http.StatusCreated
	if asked.Code == "" && asked.Key == "" {
		var err error
		if asked.Code, asked.Key, err = c.Classes.Open(peer); err != nil {
			refuse(w, err)
			return
		}
	} else {
		wasOpen, err := c.Classes.Reopen(asked.Code, asked.Key, peer)
		if err != nil {
			refuse(w, err)
			return
		}
		if wasOpen {
			status = http.StatusOK
		}
	}
	answer(w, status, map[string]string{"code": class.Normal(asked.Code), "key": asked.Key})
}

// personCookie tells the browsers behind one address from each other, so that codes
// which one of them makes up keep only that one out. It is no key to anything, and
// gone with the browser's session.
const personCookie = "class-person"

// visitor says who asks for a class, and remembers a browser.
func visitor(w http.ResponseWriter, r *http.Request) class.Visitor {
	by := class.Visitor{Peer: playground.Peer(r), Invite: r.Header.Get("Class-Invite")}
	if cookie, err := r.Cookie(personCookie); err == nil && len(cookie.Value) == len(rand.Text()) {
		by.Person = cookie.Value
		return by
	}
	http.SetCookie(w, &http.Cookie{Name: personCookie, Value: rand.Text(), Path: "/class", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return by
}

func (c *Classroom) look(w http.ResponseWriter, r *http.Request) {
	card, err := c.Classes.Look(r.PathValue("code"), visitor(w, r))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, card)
}

func (c *Classroom) join(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Key, Name string }
	if !body(w, r, &asked) {
		return
	}
	person, known, err := c.Classes.Join(r.PathValue("code"), asked.Key, asked.Name, r.UserAgent(), visitor(w, r))
	if err != nil {
		refuse(w, err)
		return
	}
	status := http.StatusCreated
	if known {
		status = http.StatusOK
	}
	answer(w, status, person)
}

// results answers the owner of the teacher's key.
func (c *Classroom) results(w http.ResponseWriter, r *http.Request) {
	secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		refuse(w, class.ErrKey)
		return
	}
	results, err := c.Classes.Results(r.PathValue("code"), secret, playground.Peer(r))
	if err != nil {
		refuse(w, err)
		return
	}
	if strings.HasSuffix(r.URL.Path, ".json") {
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=class-%s.json", results.Code))
		answer(w, http.StatusOK, results)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=class-%s.csv", results.Code))
	w.Header().Set("Cache-Control", "no-store")
	results.WriteCSV(w)
}

// live is the socket of a page: of a member, of the board, the wall or the phone.
func (c *Classroom) live(w http.ResponseWriter, r *http.Request) {
	peer := playground.Peer(r)
	if !c.Places.Take(peer, 1) {
		refuse(w, class.ErrMany)
		return
	}
	defer c.Places.Release(peer, 1)
	conn, err := websocket.Accept(w, r, nil) // which compares Origin with the host
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxSaid)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer context.AfterFunc(c.Life, func() { conn.Close(websocket.StatusGoingAway, "the server is closing") })()

	var hello struct{ Role, Key string }
	first, done := context.WithTimeout(ctx, helloTime)
	_, data, err := conn.Read(first)
	done()
	if err != nil || json.Unmarshal(data, &hello) != nil {
		return
	}
	messages := make(chan []byte, queue)
	page, err := c.Classes.Attach(r.PathValue("code"), hello.Role, hello.Key, peer, func(data []byte) {
		select {
		case messages <- data:
		default:
			cancel() // it reads too slowly: it comes back, and gets the state
		}
	})
	if err != nil {
		conn.Close(closeCode(err), reasonOf(err))
		return
	}
	defer page.Close()
	defer playground.KeepPinging(ctx, conn.Ping, pingTime, pongTime, cancel)()

	written := make(chan struct{})
	defer func() { <-written }()
	defer cancel()
	go func() {
		defer close(written)
		for {
			select {
			case <-ctx.Done():
				return
			case data := <-messages:
				if code, reason, ok := closing(data); ok {
					conn.Close(code, reason)
					return
				}
				sending, done := context.WithTimeout(ctx, sendTime)
				err := conn.Write(sending, websocket.MessageText, data)
				done()
				if err != nil {
					cancel()
					return
				}
			}
		}
	}()
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if !page.Says(data) {
			conn.Close(closeSlow, "too much, or no JSON")
			return
		}
	}
}

// closing reads what has a page close: "!4010 class-over".
func closing(data []byte) (code websocket.StatusCode, reason string, ok bool) {
	text, ok := strings.CutPrefix(string(data[:min(len(data), 100)]), "!")
	if !ok {
		return 0, "", false
	}
	number, reason, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	return websocket.StatusCode(n), reason, err == nil
}

// reasonOf is what a page reads that is not let in.
func reasonOf(err error) string {
	for _, one := range []error{class.ErrUnknown, class.ErrKey, class.ErrFull, class.ErrSlow, class.ErrOver} {
		if errors.Is(err, one) {
			return one.Error()
		}
	}
	return class.ErrMany.Error()
}

func closeCode(err error) websocket.StatusCode {
	switch {
	case errors.Is(err, class.ErrUnknown):
		return closeUnknown
	case errors.Is(err, class.ErrKey):
		return closeKey
	case errors.Is(err, class.ErrOver):
		return closeOver
	}
	return closeSlow
}

// message is the stream on which a page waits for one message to all.
func (c *Classroom) message(w http.ResponseWriter, r *http.Request) {
	peer := playground.Peer(r)
	if !c.Places.Take(peer, 1) {
		refuse(w, class.ErrMany)
		return
	}
	defer c.Places.Release(peer, 1)
	id, _ := strconv.Atoi(r.PathValue("id"))
	messages := make(chan []byte, 1)
	leave, err := c.Classes.Listen(r.PathValue("code"), id, r.URL.Query().Get("ticket"), peer, func(data []byte) {
		select {
		case messages <- data:
		default: // it is the same one
		}
	})
	if err != nil {
		refuse(w, err)
		return
	}
	defer leave()
	out := stream.New(w)
	out.Comment("open")
	select {
	case data := <-messages:
		out.Send(stream.Event{Data: string(data)}) // a page that has left needs none
	case <-r.Context().Done():
		return
	case <-c.Life.Done():
		return
	case <-time.After(eventTime):
		return
	}
	// The page closes: if the response ended first, EventSource would ask again.
	select {
	case <-r.Context().Done():
	case <-c.Life.Done():
	case <-time.After(eventTime):
	}
}
