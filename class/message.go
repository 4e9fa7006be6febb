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
	id        int
	listening int // streams that are open
	of        int
	said      bool
	at        time.Time
}

// A ticket lets one stream in, once. It is in an address; a member's key never is.
type ticket struct {
	number, message int
}

func (c *Class) send(text string, done *Done, now time.Time) {
	c.r.Ids++
	c.r.Message = &Message{c.r.Ids, text, ms(now)}
	c.sending = &sending{id: c.r.Ids, of: c.all(nil)}
	clear(c.ticket)
	c.dos++
	done.Of = c.sending.of
	c.pending = append(c.pending, &pending{n: c.dos, done: *done, who: map[int]bool{}, until: now.Add(pendingTime)})
	for _, m := range c.r.Members {
		clear(m.heard)
		if m.pages == 0 {
			continue
		}
		secret := newKey()
		c.ticket[hash(secret)] = ticket{m.Number, c.r.Ids}
		c.tell("to."+strconv.Itoa(m.Number), map[string]any{"do": map[string]any{"n": c.dos, "listen": map[string]any{
			"message": c.r.Ids, "url": "/class/" + c.r.Code + "/messages/" + strconv.Itoa(c.r.Ids) + "?ticket=" + secret,
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
	if c.sending != s || s.said || c.stopped || c.r.Message == nil {
		return
	}
	s.said, s.at = true, time.Now()
	message := map[string]any{"message": s.id, "text": c.r.Message.Text}
	c.tell("all", map[string]any{"do": map[string]any{"n": n, "message": message}})
	c.tell("message."+strconv.Itoa(s.id), message)
}

// Listen lets a stream in that waits for a message, by its ticket. send is called with
// the data of one event.
func (cs *Classes) Listen(code string, id int, secret string, peer netip.Prefix, send func(data []byte)) (leave func(), err error) {
	c, err := cs.find(code, Visitor{Peer: peer}, func(c *Class) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.ticket[hash(secret)].message == id
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.ticket[hash(secret)]
	s := c.sending
	if !ok || s == nil || s.id != id {
		return nil, ErrKey
	}
	delete(c.ticket, hash(secret))
	leave, err = cs.options.Bus.Subscribe(c.subject("message."+strconv.Itoa(id)), send)
	if err != nil {
		return nil, err
	}
	if s.said { // it is late: it gets the message all the same
		data, _ := json.Marshal(map[string]any{"message": id, "text": c.r.Message.Text})
		send(data)
		return leave, nil
	}
	if m := c.numbered(t.number); m != nil {
		s.listening++
	}
	if s.listening >= s.of {
		c.sayNow(s, c.dos)
	}
	return leave, nil
}

// got notes that a message has arrived at a member's page, on one side.
func (c *Class) got(m *member, id int, side string) {
	s := c.sending
	if s == nil || !s.said || s.id != id || m.heard[side] != 0 {
		return
	}
	m.heard[side] = max(1, int(time.Since(s.at).Milliseconds()))
	c.changeOf(m)
}
