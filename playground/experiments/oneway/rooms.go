package oneway

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/stream"
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
	kind  websocket.MessageType
	data  []byte // read-only: all members share it
	event []byte // the same as an event, for members that have streams: formatted once, for all
}

// A member is one open stream or socket.
type member struct {
	room     string
	messages chan message // closed when the member has been too slow
}

// rooms holds the rooms that have members here. What is said goes over the bus, so
// that a room may have members of several servers.
type rooms struct {
	bus  playground.Bus
	mu   sync.Mutex
	open map[string]*room

	places *playground.Places // one for each room, taken by the peer that opened it
}

type room struct {
	members map[*member]bool
	opener  netip.Prefix
	streams bool   // its members have streams, not sockets
	close   func() // its subscription
}

func newRooms(bus playground.Bus) *rooms {
	return &rooms{bus: bus, open: make(map[string]*room), places: playground.NewPlaces(maxRooms)}
}

// subject is where a room's messages go: its name may be any text.
func subject(room string) string {
	return "oneway." + base64.RawURLEncoding.EncodeToString([]byte(room))
}

// join opens the room if it is empty. The caller calls leave.
func (rs *rooms) join(r *http.Request, name string) (*member, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	in := rs.open[name]
	if in == nil {
		in = &room{members: make(map[*member]bool), opener: playground.Peer(r), streams: strings.HasPrefix(name, "sse/")}
		if !rs.places.Take(in.opener, 1) {
			return nil, errFull
		}
		var err error
		in.close, err = rs.bus.Subscribe(subject(name), func(data []byte) { rs.pass(in, data) })
		if err != nil {
			rs.places.Release(in.opener, 1)
			return nil, err
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

// say sends a message to all members of the room, the sender included.
func (rs *rooms) say(room string, msg message) error {
	if msg.kind == websocket.MessageText && !utf8.Valid(msg.data) {
		return errNotText
	}
	return rs.bus.Publish(subject(room), append([]byte{byte(msg.kind)}, msg.data...))
}

// pass hands a message on to the members that are here. A member with maxQueue
// messages waiting is dropped, so that a slow one holds up none.
func (rs *rooms) pass(in *room, data []byte) {
	msg := message{kind: websocket.MessageType(data[0]), data: data[1:]}
	if in.streams {
		msg.event, _ = stream.Event{Data: string(msg.data)}.Bytes() // only a type or an ID could be wrong
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for m := range in.members {
		select {
		case m.messages <- msg:
		default:
			rs.remove(m)
			close(m.messages)
		}
	}
}

func (rs *rooms) remove(m *member) {
	in := rs.open[m.room]
	if in == nil || !in.members[m] {
		return // dropped already
	}
	delete(in.members, m)
	if len(in.members) == 0 {
		delete(rs.open, m.room)
		rs.places.Release(in.opener, 1)
		in.close()
	}
}

// refuse answers a request that the rooms can't do.
func refuse(w http.ResponseWriter, err error) {
	problem := playground.Problem{Title: "The room did not take it", Detail: err.Error()}
	tooLarge, _ := errors.AsType[*http.MaxBytesError](err)
	switch {
	case errors.Is(err, errNotText):
		problem.Status, problem.Code = http.StatusBadRequest, "not-text"
	case errors.Is(err, os.ErrDeadlineExceeded):
		problem.Status, problem.Code, problem.Detail = http.StatusRequestTimeout, "too-slow", "the message did not come in time"
	case tooLarge != nil:
		problem.Status, problem.Code = http.StatusRequestEntityTooLarge, "too-large"
	default: // errFull, or the server is closing
		problem.Status, problem.Code = http.StatusServiceUnavailable, "room-full"
		w.Header().Set("Retry-After", "5")
	}
	problem.Write(w)
}
