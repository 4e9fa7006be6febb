package oneway

import (
	"errors"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"

	"seewire/playground"
)

const (
	maxRooms   = 1500 // that are open at once, for all addresses
	maxMembers = 20   // of one room
	maxQueue   = 8    // messages that wait for one member
)

var (
	errFull    = errors.New("no more rooms, or no more members in this one")
	errNotText = errors.New("a text message has to be UTF-8")
)

// A message is what a member says to its room.
type message struct {
	kind websocket.MessageType
	data []byte // read-only: all members share it
}

// A member is one open stream or socket.
type member struct {
	room     string
	messages chan message // closed when the member has been too slow
}

// rooms holds the rooms that have members.
type rooms struct {
	mu   sync.Mutex
	open map[string]*room

	places *playground.Places // one for each room, taken by the peer that opened it
}

type room struct {
	members map[*member]bool
	opener  netip.Prefix
}

func newRooms() *rooms {
	return &rooms{open: make(map[string]*room), places: playground.NewPlaces(maxRooms)}
}

// join opens the room if it is empty. The caller calls leave.
func (rs *rooms) join(r *http.Request, name string) (*member, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	in := rs.open[name]
	if in == nil {
		in = &room{make(map[*member]bool), playground.Peer(r)}
		if !rs.places.Take(in.opener, 1) {
			return nil, errFull
		}
		rs.open[name] = in
	}
	if len(in.members) >= maxMembers {
		return nil, errFull
	}
	m := &member{name, make(chan message, maxQueue)}
	in.members[m] = true
	return m, nil
}

// leave closes the room behind the last member.
func (rs *rooms) leave(m *member) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.remove(m)
}

// say sends a message to all members of the room, the sender included. A member
// with maxQueue messages waiting is dropped, so that a slow one holds up none.
func (rs *rooms) say(room string, msg message) error {
	if msg.kind == websocket.MessageText && !utf8.Valid(msg.data) {
		return errNotText
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	in := rs.open[room]
	if in == nil {
		return nil
	}
	for m := range in.members {
		select {
		case m.messages <- msg:
		default:
			rs.remove(m)
			close(m.messages)
		}
	}
	return nil
}

func (rs *rooms) remove(m *member) {
	in := rs.open[m.room]
	if in == nil {
		return // dropped, and the last one
	}
	delete(in.members, m)
	if len(in.members) == 0 {
		delete(rs.open, m.room)
		rs.places.Release(in.opener, 1)
	}
}

// refuse answers a request that the rooms can't do.
func refuse(w http.ResponseWriter, err error) {
	problem := playground.Problem{Title: "The room did not take it", Detail: err.Error()}
	switch {
	case errors.Is(err, errFull):
		problem.Status, problem.Code = http.StatusServiceUnavailable, "room-full"
		w.Header().Set("Retry-After", "5")
	case errors.Is(err, errNotText):
		problem.Status, problem.Code = http.StatusBadRequest, "not-text"
	case errors.Is(err, os.ErrDeadlineExceeded):
		problem.Status, problem.Code, problem.Detail = http.StatusRequestTimeout, "too-slow", "the message did not come in time"
	default:
		problem.Status, problem.Code = http.StatusRequestEntityTooLarge, "too-large"
	}
	problem.Write(w)
}
