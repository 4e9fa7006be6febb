package many

import (
	"sync"

	"github.com/coder/websocket"
)

// maxQueue is how many messages wait for one client.
const maxQueue = 16

// cut is the end of a member's connection without a close frame. Any other end
// is the code that a WebSocket is closed with.
const cut = websocket.StatusAbnormalClosure

// A member is a client that is connected.
type member struct {
	messages chan message // closed when the hub lets the member go
	end      websocket.StatusCode
}

// A hub passes on each message to the clients of one server. It is in that
// server's memory, and ends with it.
type hub struct {
	journal *journal

	mu      sync.Mutex
	members map[*member]bool
	last    int                  // the number of the message that was passed on last
	end     websocket.StatusCode // 0 while the hub is open
	left    int                  // members that have left of their own accord
}

func newHub(journal *journal) *hub {
	return &hub{journal: journal, members: make(map[*member]bool), last: journal.newest()}
}

// join makes a member, and replays to it what came after the message that it
// had last; 0 is a client that has had none, and wants none that is past.
func (h *hub) join(had int) *member {
	h.mu.Lock()
	defer h.mu.Unlock()
	var missed []message
	if had > 0 {
		missed = h.journal.between(had, h.last)
	}
	m := &member{messages: make(chan message, len(missed)+maxQueue)}
	for _, message := range missed {
		m.messages <- message
	}
	// Under the same lock as publish: no message falls between those that are
	// replayed and those that are to come, and none is in both.
	h.members[m] = true
	if h.end != 0 {
		h.release(m, h.end)
	}
	return m
}

// publish passes on a message. A member with maxQueue messages waiting is let
// go, so that it holds up no other, and gets them from the journal on coming back.
func (h *hub) publish(message message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = message.number
	for m := range h.members {
		select {
		case m.messages <- message:
		default:
			h.release(m, websocket.StatusTryAgainLater)
		}
	}
}

// leave is for a handler that returns.
func (h *hub) leave(m *member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.members[m] {
		h.left++
		delete(h.members, m)
	}
}

// letGo closes the connections of n members, with the code of a restart.
func (h *hub) letGo(n int, end websocket.StatusCode) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for m := range h.members {
		if n--; n < 0 {
			return
		}
		h.release(m, end)
	}
}

// close lets go of all members, and of those that join later.
func (h *hub) close(end websocket.StatusCode) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end = end
	for m := range h.members {
		h.release(m, end)
	}
}

func (h *hub) release(m *member, end websocket.StatusCode) {
	m.end = end
	close(m.messages)
	delete(h.members, m)
}

// size returns how many are connected, and how many have left.
func (h *hub) size() (members, left int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.members), h.left
}

// isOpen reports whether the hub still takes members.
func (h *hub) isOpen() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.end == 0
}
