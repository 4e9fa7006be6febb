package site

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"seewire/playground"
	"seewire/playground/wire"
)

// record tells the tap what to do with the connection of each request: record
// it into the capture that the request names, or leave it alone.
func (a *Site) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := wire.FromContext(r.Context())
		id := r.URL.Query().Get("capture")
		if id == "" || !a.recordable(r.URL.Path) || !a.mayClaim(id, r.Host, r.Header) {
			conn.Ignore()
			next.ServeHTTP(w, r)
			return
		}
		capture, err := a.captures.Claim(id, playground.Peer(r))
		if err == nil {
			err = conn.Record(capture)
		}
		if err != nil {
			conn.Ignore()
			w.Header().Set("Access-Control-Allow-Origin", "*")
			captureProblem(w, err)
			return
		}
		path := a.addressOf(r)
		r = r.WithContext(playground.WithLog(r.Context(), func(l playground.LogLine) {
			capture.Log(wire.Line{Path: path, Event: l.Event, Text: l.Text, Key: l.Key, Args: l.Args})
		}))
		next.ServeHTTP(w, r)
	})
}

// logElsewhere keeps what an experiment logs on another server for a request that is
// recorded here.
func (a *Site) logElsewhere(id, path string, l playground.LogLine) {
	if capture, found := a.captures.Get(id); found {
		capture.Log(wire.Line{Path: path, Event: l.Event, Text: l.Text, Key: l.Key, Args: l.Args})
	}
}

// Choose tells the tap which capture a request on HTTP/2 belongs to.
func (a *Site) Choose(r wire.Request) *wire.Capture {
	address, err := url.ParseRequestURI(r.URI)
	if err != nil {
		return nil
	}
	id := address.Query().Get("capture")
	if id == "" || !a.recordable(address.Path) || !a.mayClaim(id, r.Header.Get(":authority"), r.Header) {
		return nil
	}
	capture, err := a.captures.Claim(id, playground.PeerAt(a.proxies.client(r.Peer.String(), r.Header)))
	if err != nil {
		return nil // the request's handler finds out too, and says so
	}
	return capture
}

// recordable says whether the address is one that a run opens.
func (a *Site) recordable(path string) bool {
	return strings.HasPrefix(path, "/play/") ||
		slices.ContainsFunc(a.experiments, func(e playground.Experiment) bool { return e.HasAPI(path) })
}

// addressOf is the address by which what is logged for a request says which experiment
// and which side it is of.
func (a *Site) addressOf(r *http.Request) string {
	for _, e := range a.experiments {
		if e.HasAPI(r.URL.Path) {
			return e.Address(r)
		}
	}
	return r.URL.Path
}

// Shown says what captures may hold of what is sent to a path, although it looks
// like what lets people in: an experiment has made it up.
func (a *Site) Shown(path string) []string {
	for _, e := range a.experiments {
		if strings.HasPrefix(path, "/play/"+e.ID+"/") {
			return e.Shown
		}
	}
	return nil
}

func captureProblem(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, wire.ErrBadID):
		problem(w, http.StatusBadRequest, "capture-id", "The capture ID is not one",
			"A capture ID has 8 to 64 of the characters A-Z, a-z, 0-9, _ and -.")
	default: // every capture is being watched, or this one has all its connections
		w.Header().Set("Retry-After", "60")
		problem(w, http.StatusServiceUnavailable, "capture-full", "No room for this capture",
			"So many captures are being watched, in all or from your address, or so many connections recorded in this one, that there is no room. Close a page or wait a minute.")
	}
}

// problem answers a program (RFC 9457); pages have words of their own for the
// code.
func problem(w http.ResponseWriter, status int, code, title, detail string) {
	playground.Because(w, playground.Problem{Status: status, Code: code, Title: title, Detail: detail})
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"code": code, "title": title, "detail": detail})
}

func captureGone(w http.ResponseWriter) {
	problem(w, http.StatusNotFound, "capture-unknown", "There is no such capture",
		"Captures are kept for half an hour, the newest first. Run the experiment again, or check the ID.")
}

const (
	feedGone = websocket.StatusCode(4004) // the capture has expired
	feedIdle = websocket.StatusCode(4008) // nothing was recorded for a long time: the page comes back when it is used
	feedFull = websocket.StatusCode(4029) // too many captures or viewers

	sendTime = 10 * time.Second // for a viewer to take one message
	idleTime = 10 * time.Minute // that a feed waits for a run
	pingTime = 30 * time.Second // between the answer to a ping and the next one
	pongTime = time.Minute      // for an answer: what was sent before the ping goes first
)

// compactFeed is the subprotocol of a feed in the form for pages: another one gets
// another name, and a page that a server of another version has sent gets JSON.
const compactFeed = "compact-2"

// offers says whether a handshake offers a subprotocol.
func offers(r *http.Request, subprotocol string) bool {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(offered) == subprotocol {
				return true
			}
		}
	}
	return false
}

// captureLive is the viewer's feed: what is in the capture, then what comes, as
// JSON or, where the client offers the subprotocol for it, in the form for pages.
// It is a WebSocket so that it takes none of the six HTTP/1.1 connections that
// a browser lets EventSource have for one host.
func (a *Site) captureLive(w http.ResponseWriter, r *http.Request) {
	peer := playground.Peer(r)
	if !a.places.feeds.Take(peer, 1) {
		w.Header().Set("Retry-After", "60")
		problem(w, http.StatusServiceUnavailable, "too-many-viewers", "Too many viewers",
			"As many captures are being watched as this server allows, in all or from your address. Close a page or wait a minute.")
		return
	}
	defer a.places.feeds.Release(peer, 1)

	// Opening the feed makes the capture: the page watches before it runs.
	capture, claimErr := a.captures.Claim(r.PathValue("id"), peer)
	if errors.Is(claimErr, wire.ErrBadID) {
		captureProblem(w, claimErr)
		return
	}
	// A message is compressed by itself: a context of its own would cost each
	// viewer 1.2 MB, for as long as it is there. A page takes what is compressed
	// once for all viewers.
	options := websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover}
	compact := offers(r, compactFeed)
	if compact {
		options = websocket.AcceptOptions{Subprotocols: []string{compactFeed}}
	}
	conn, err := websocket.Accept(w, r, &options)
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	if claimErr != nil {
		conn.Close(feedFull, "too many captures are being watched")
		return
	}
	if r.Header.Get("Origin") != "" { // which Accept has compared with the host
		capture.Watch()
	}
	conn.SetReadLimit(1 << 10)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// A page runs something once its clock is answered: then all servers know that it
	// watches.
	defer a.joint.Use(capture)()
	a.sync(ctx, capture)
	go func() {
		defer cancel()
		a.answerClocks(ctx, conn, capture)
	}()
	defer playground.KeepPinging(ctx, conn.Ping, pingTime, pongTime, cancel)()
	idle := func() { conn.Close(feedIdle, "nothing has been recorded: connect again when something is") }
	defer time.AfterFunc(idleTime, func() {
		if capture.Empty() {
			idle()
		}
	}).Stop()
	// At the end of the server's life no more is dissected. What is being sent
	// goes on, so that the close frame comes after it.
	watching, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(a.life, stop)()
	sent := false
	send := func(document []byte, deflated bool) error {
		sent = sent || !capture.Empty()
		sending, done := context.WithTimeout(ctx, sendTime)
		defer done()
		kind := websocket.MessageText
		if deflated {
			kind = websocket.MessageBinary
		}
		return conn.Write(sending, kind, document)
	}
	if compact {
		err = a.dissections.FollowCompact(watching, capture, send)
	} else {
		err = a.dissections.Follow(watching, capture, func(document []byte) error { return send(document, false) })
	}
	switch {
	case a.life.Err() != nil:
		conn.Close(websocket.StatusGoingAway, "the server is closing")
	case errors.Is(err, wire.ErrExpired) && !sent: // it made room for others
		idle()
	case errors.Is(err, wire.ErrExpired):
		conn.Close(feedGone, "the capture has expired")
	}
}

// A clock is one exchange by which the viewer learns how far the two clocks
// are apart: it sends its time, and gets it back beside the server's.
type clock struct {
	Clock  float64 `json:"clock"`            // ms since 1970, as sent
	Server float64 `json:"server,omitempty"` // ms since 1970, here
	Mark   int     `json:"mark,omitempty"`   // not 0 asks for a mark in the feed, and is answered with its number
}

// answerClocks reads until the viewer has gone. What it is told belongs to the
// times that it sees in the capture.
func (a *Site) answerClocks(ctx context.Context, conn *websocket.Conn, capture *wire.Capture) {
	for {
		var c clock
		if err := wsjson.Read(ctx, conn, &c); err != nil {
			return
		}
		if c.Mark != 0 {
			a.sync(ctx, capture)
			c.Mark = capture.Mark()
		}
		c.Server = float64(capture.Now().UnixMicro()) / 1000
		if err := wsjson.Write(ctx, conn, c); err != nil {
			return
		}
	}
}

// sync waits until a capture in use has what other servers have recorded of it.
func (a *Site) sync(ctx context.Context, capture *wire.Capture) {
	if a.joint.Sync(ctx, capture) {
		a.dissections.Forget(capture)
	}
}

// find returns a capture with what all servers have of it until now. Release is to be
// called.
func (a *Site) find(r *http.Request, id string) (capture *wire.Capture, release func(), found bool) {
	capture, here := a.captures.Get(id)
	switch {
	case here:
	case !a.between.Several():
		return nil, nil, false
	default:
		var err error
		if capture, err = a.captures.Claim(id, playground.Peer(r)); err != nil {
			return nil, nil, false
		}
	}
	release = a.joint.Use(capture)
	a.sync(r.Context(), capture)
	if !here && capture.Empty() {
		release()
		a.captures.Drop(capture)
		return nil, nil, false
	}
	return capture, release, true
}
