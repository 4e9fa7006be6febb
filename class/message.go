package class

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"time"
)

// A message to all goes over both: over the socket that each page has, and over an
// event stream that a page opens when it is told that one is coming. A stream that
// were always open would take one of the six that a browser has for a host.

// listenTime is how long the class waits for those streams.
const listenTime = time.Second

// A sending is a message that is on its way.
type sending struct {
	ID        int
	Listening int // streams that are open
	Of        int
	Said      bool
	At        time.Time
}

// A ticket lets one stream in, once. It is in an address; a member's key never is.
type ticket struct {
	Member  string
	Message int
}

func (c *Class) send(text string, done *Done, now time.Time) {
	c.r.Ids++
	c.r.Message = &Message{c.r.Ids, text, ms(now)}
	c.sending = &sending{ID: c.r.Ids, Of: c.all(nil)}
	clear(c.ticket)
	c.dos++
	done.Of = c.sending.Of
	c.pending = append(c.pending, &pending{N: c.dos, Done: *done, Who: map[int]bool{}, Until: now.Add(pendingTime)})
	for _, m := range c.r.Members {
		clear(m.heard)
		if m.pages == 0 {
			continue
		}
		secret := newKey()
		c.ticket[hash(secret)] = ticket{m.Key, c.r.Ids}
		c.tell("to."+m.Key, map[string]any{"do": map[string]any{"n": c.dos, "listen": map[string]any{
			"message": c.r.Ids, "url": "/class/" + c.code + "/messages/" + strconv.Itoa(c.r.Ids) + "?ticket=" + secret,
		}}})
	}
	n, sending := c.dos, c.sending
	time.AfterFunc(listenTime, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sayNow(sending, n)
	})
}

// sayNow says it over both, once.
func (c *Class) sayNow(s *sending, n int) {
	if c.sending != s || !c.here() || s.Said || c.stopped || c.r.Message == nil {
		return
	}
	s.Said, s.At = true, time.Now()
	message := map[string]any{"message": s.ID, "text": c.r.Message.Text}
	c.tell("all", map[string]any{"do": map[string]any{"n": n, "message": message}})
	c.tell("message."+strconv.Itoa(s.ID), message)
}

// Listen lets a stream in that waits for a message, by its ticket. send is called with
// the data of one event, or of the same one twice.
func (cs *Classes) Listen(code string, id int, secret string, peer netip.Prefix, send func(data []byte)) (leave func(), err error) {
	if !isCode(Normal(code)) {
		return nil, ErrUnknown
	}
	leave, err = cs.options.Bus.Subscribe("class."+Normal(code)+".message."+strconv.Itoa(id), send)
	if err != nil {
		return nil, err
	}
	r, err := cs.ask(code, Visitor{Peer: peer}, request{Op: "listen", Key: hash(secret), Message: id})
	if err != nil {
		leave()
		return nil, err
	}
	if r.Said != nil { // it is late: it gets the message all the same
		send(r.Said)
	}
	return leave, nil
}

func (c *Class) listen(q request) (r response, err error) {
	t, ok := c.ticket[q.Key]
	s := c.sending
	if !ok || t.Message != q.Message || s == nil || s.ID != q.Message || c.r.Message == nil {
		return response{}, c.refuse(q)
	}
	delete(c.ticket, q.Key)
	if s.Said {
		r.Said, _ = json.Marshal(map[string]any{"message": s.ID, "text": c.r.Message.Text})
		return r, nil
	}
	if c.member(t.Member) != nil {
		s.Listening++
	}
	if s.Listening >= s.Of {
		c.sayNow(s, c.dos)
	}
	return r, nil
}

// got notes that a message has arrived at a member's page, on one side.
func (c *Class) got(m *member, id int, side string) {
	s := c.sending
	if s == nil || !s.Said || s.ID != id || m.heard[side] != 0 {
		return
	}
	m.heard[side] = max(1, int(time.Since(s.At).Milliseconds()))
	c.changeOf(m)
}
