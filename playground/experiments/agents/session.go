package agents

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"seewire/playground"
)

const (
	maxSessions = 1000            // at once, for all addresses
	maxAge      = 2 * time.Minute // of a session
	maxCalls    = 20              // of tools, in one session
)

var (
	errFull    = errors.New("as many sessions are open as this server allows, in all or from one address")
	errUnknown = errors.New("there is no such session: it has ended, or never began")
)

// sessions are those that are open.
type sessions struct {
	life   context.Context
	places *playground.Places // one for each session

	mu   sync.Mutex
	byID map[string]*session
}

// A session is a conversation between a client and the server. It outlives the
// connections that carry it.
type session struct {
	id     string
	ctx    context.Context // the session's own
	end    context.CancelFunc
	common *outbox // what belongs to no call; over a WebSocket, everything
	canAsk bool    // the client passes questions on to the user

	mu       sync.Mutex
	outboxes []*outbox               // by their numbers
	asked    map[string]chan message // questions without an answer yet, by their ids
	calls    int                     // of the tool
	wasCut   bool
}

func newSessions(life context.Context) *sessions {
	return &sessions{life: life, places: playground.NewPlaces(maxSessions), byID: make(map[string]*session)}
}

// begin opens a session for a client that sends initialize.
func (all *sessions) begin(r *http.Request, initialize message) (*session, error) {
	peer := playground.Peer(r)
	if !all.places.Take(peer, 1) {
		return nil, errFull
	}
	var params struct {
		Capabilities struct{ Elicitation *struct{} }
	}
	json.Unmarshal(initialize.Params, &params) // what it does not say it can't do
	s := &session{
		id:     rand.Text(), // not to be guessed: who has it can go on with the session
		common: newOutbox(0),
		canAsk: params.Capabilities.Elicitation != nil,
		asked:  make(map[string]chan message),
	}
	s.outboxes = []*outbox{s.common}
	s.ctx, s.end = context.WithTimeout(all.life, maxAge)
	all.mu.Lock()
	all.byID[s.id] = s
	all.mu.Unlock()
	context.AfterFunc(s.ctx, func() {
		all.mu.Lock()
		delete(all.byID, s.id)
		all.mu.Unlock()
		all.places.Release(peer, 1)
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, o := range s.outboxes {
			o.end()
		}
	})
	return s, nil
}

func (all *sessions) find(id string) (*session, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if s := all.byID[id]; s != nil {
		return s, nil
	}
	return nil, errUnknown
}

// stream opens an outbox for what one call brings.
func (s *session) stream() *outbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := newOutbox(len(s.outboxes))
	s.outboxes = append(s.outboxes, o)
	return o
}

// outbox returns the one with that number, or nil.
func (s *session) outbox(number int) *outbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number < 0 || number >= len(s.outboxes) {
		return nil
	}
	return s.outboxes[number]
}

// cutAfter reports whether the connection is to be lost now that the client has a
// message: once in a session.
func (s *session) cutAfter(step int, r *http.Request) bool {
	controls := playground.Controls(r)
	at := map[string]int{"question": 2, "result": 4}[controls.Text("cut")]
	if controls.Text("moments") == "surprise" {
		at = 4 + playground.Random(r).IntN(2)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if step == 0 || step != at || s.wasCut {
		return false
	}
	s.wasCut = true
	return true
}

// wait returns false where the session ends before the time is up.
func (s *session) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}
