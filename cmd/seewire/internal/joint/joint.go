// Package joint has the captures of several servers be one. Each server records the
// connections that it accepts, as if it were alone. A server on which somebody looks at
// a capture asks the others for it, for as long as that lasts, and each that has
// something of it, or comes to have, sends it that. It keeps what comes in its own copy
// of the capture, so that whatever reads a capture reads all of it.
//
// Where nobody elsewhere looks, nothing is sent. What is sent waits for the word that
// the last has arrived, so that a server that is slow, or gone, costs one message.
// Secrets have been covered before they came into a capture.
package joint

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"seewire/bus"
	"seewire/playground/wire"
)

const (
	renewTime = 3 * time.Second  // between two times that a server says what it asks for
	leaseTime = 15 * time.Second // after which it is taken to ask no more
	restTime  = 10 * time.Second // that it goes on asking when nobody looks any more
	syncTime  = time.Second      // to wait for what others have
	againTime = time.Second      // to wait for the word that a message has arrived
	pauseTime = 20 * time.Millisecond
	goneTime  = 3 * time.Second // after which a server that is not heard of has gone

	mostWanted   = 10_000    // captures that one other server may ask for
	mostAsked    = 500       // of a message
	messageBytes = 512 << 10 // of a message, before base64
)

// askSubject has what servers ask for. Each has a subject of its own below it, for what
// it is sent.
const askSubject = "captures"

func subject(server string) string { return askSubject + "." + server }

// An ask is what a server asks for.
type ask struct {
	From string
	All  []askedFor
}

type askedFor struct {
	Capture string
	Asking  string // the name of this asking: another one wants all anew
	Watched bool   // a page of the site watches the capture
	Sync    int    // is to be said again when all has been sent that there is now
	End     bool   // it is no longer asked for
}

// A message is what goes from one server to another.
type message struct {
	From    string
	Capture string
	Asking  string

	// What the receiver has asked for. The numbers of a sending count from 1; 0 needs no
	// word that it has arrived.
	Sending string      `json:",omitempty"`
	Number  int         `json:",omitempty"`
	Parts   []wire.Part `json:",omitempty"`
	Lines   []wire.Line `json:",omitempty"`
	Synced  int         `json:",omitempty"`

	// The word that Number of Sending has arrived, or that no more is wanted.
	Arrived bool `json:",omitempty"`
	Stop    bool `json:",omitempty"`
}

// Captures are those of a server.
type Captures struct {
	bus   *bus.Bus
	store *wire.Store
	leave []func()

	wants atomic.Int64 // leases

	mu     sync.Mutex
	asked  map[string]*asking           // what this server asks for, by the capture's ID
	wanted map[string]map[string]*lease // what others ask for, by the capture's ID and the server
	count  map[string]int               // of leases, by the server
	closed bool

	closing chan struct{}
	ended   sync.WaitGroup
}

// An asking is what this server asks the others for.
type asking struct {
	capture *wire.Capture
	name    string
	users   int
	rest    time.Time // when the last user left
	sync    int
	from    map[string]*sender
	changed chan struct{} // is closed when a sender has said more
}

// A sender is what another server has sent of a capture.
type sender struct {
	sending string
	number  int
	synced  int
	begun   map[end]wire.PartSegment // the first pieces of a segment, as one
}

type end struct {
	origin wire.Origin
	from   wire.Side
}

// A lease is what another server asks for.
type lease struct {
	server, capture, asking string
	watched                 bool
	until                   time.Time
	sync                    int
	sending                 bool
	poked                   chan struct{} // has one element when sync has changed
	arrived                 chan message
	done                    chan struct{}
}

// New returns the captures of a store. Until Close is called it tells other servers of
// them.
func New(b *bus.Bus, store *wire.Store) (*Captures, error) {
	j := &Captures{
		bus: b, store: store,
		asked: map[string]*asking{}, wanted: map[string]map[string]*lease{}, count: map[string]int{},
		closing: make(chan struct{}),
	}
	if !b.State().Shared {
		return j, nil
	}
	store.OnMade(j.made)
	for subject, receive := range map[string]func([]byte){askSubject: j.hear, subject(b.ID()): j.receive} {
		leave, err := b.Subscribe(subject, receive)
		if err != nil {
			return nil, err
		}
		j.leave = append(j.leave, leave)
	}
	j.ended.Go(j.attend)
	return j, nil
}

// Close ends what New has begun.
func (j *Captures) Close() {
	j.mu.Lock()
	closed := j.closed
	j.closed = true
	j.mu.Unlock()
	if closed {
		return
	}
	for _, leave := range j.leave {
		leave()
	}
	close(j.closing)
	j.ended.Wait()
}

// Use asks the other servers for what they have of a capture, and come to have, until
// release is called, and a while longer.
func (j *Captures) Use(c *wire.Capture) (release func()) {
	if !j.bus.State().Shared {
		return func() {}
	}
	c.Join()
	j.mu.Lock()
	defer j.mu.Unlock()
	a := j.asked[c.ID()]
	if a == nil || a.capture != c {
		a = &asking{capture: c, name: rand.Text(), from: map[string]*sender{}, changed: make(chan struct{})}
		j.asked[c.ID()] = a
	}
	a.users++
	return sync.OnceFunc(func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		a.users--
		a.rest = time.Now()
	})
}

// Sync waits until all is there that the others had of a capture in use at the time of
// the call; it does not wait long for a server that says nothing. Then it has the
// connections numbered, and reports whether one has another number than before.
func (j *Captures) Sync(ctx context.Context, c *wire.Capture) (renumbered bool) {
	if !j.bus.Several() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	j.mu.Lock()
	a := j.asked[c.ID()]
	if a == nil || a.capture != c {
		j.mu.Unlock()
		return false
	}
	a.sync++
	n, asked := a.sync, a.says()
	j.mu.Unlock()
	j.ask(asked)
	for {
		servers := j.bus.Changed()
		j.mu.Lock()
		changed, synced := a.changed, a.synced(n, j.bus)
		j.mu.Unlock()
		if synced {
			break
		}
		select {
		case <-changed:
			continue
		case <-servers:
			continue
		case <-ctx.Done():
		}
		break
	}
	j.gone(c)
	return c.Arrange()
}

// synced tells whether every other server has sent what it was asked for.
func (a *asking) synced(n int, b *bus.Bus) bool {
	for _, server := range b.Servers() {
		if server != b.ID() && (a.from[server] == nil || a.from[server].synced < n) {
			return false
		}
	}
	return true
}

func (a *asking) says() askedFor {
	return askedFor{Capture: a.capture.ID(), Asking: a.name, Watched: a.capture.Watched(), Sync: a.sync}
}

// Watched tells whether a page of the site watches a capture at another server.
func (j *Captures) Watched(id string) bool {
	if j.wants.Load() == 0 {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range j.wanted[id] {
		if l.watched {
			return true
		}
	}
	return false
}

func (j *Captures) ask(all ...askedFor) {
	for some := range slices.Chunk(all, mostAsked) {
		data, _ := json.Marshal(ask{From: j.bus.ID(), All: some})
		j.bus.Publish(askSubject, data) // an error is the end of the server
	}
}

func (j *Captures) tell(server string, m message) {
	m.From = j.bus.ID()
	data, _ := json.Marshal(m)
	j.bus.Publish(subject(server), data)
}

// attend renews what this server asks for, and ends what is over.
func (j *Captures) attend() {
	ticker := time.NewTicker(renewTime)
	defer ticker.Stop()
	for {
		changed := j.bus.Changed()
		j.renew()
		j.lapse()
		select {
		case <-ticker.C:
		case <-changed:
		case <-j.closing:
			return
		}
	}
}

func (j *Captures) renew() {
	var all []askedFor
	var live, rested []*wire.Capture
	j.mu.Lock()
	for id, a := range j.asked {
		says := a.says()
		if a.capture.Expired() || a.users == 0 && time.Since(a.rest) > restTime {
			says.End = true
			delete(j.asked, id)
			rested = append(rested, a.capture)
		} else {
			live = append(live, a.capture)
		}
		all = append(all, says)
	}
	j.mu.Unlock()
	for _, c := range rested {
		if c.Borrowed() {
			j.store.Drop(c)
		}
	}
	if j.bus.Several() {
		j.ask(all...)
	}
	for _, c := range live {
		j.gone(c)
	}
}

// gone ends the connections of servers that are gone. A server that is itself cut off
// does not know of any, nor in the first seconds after that.
func (j *Captures) gone(c *wire.Capture) {
	if state := j.bus.State(); state.Connected && time.Since(state.Since) >= goneTime {
		servers := j.bus.Servers()
		c.Gone(func(server string) bool { return !slices.Contains(servers, server) })
	}
}

// lapse lets go of what is asked for no more.
func (j *Captures) lapse() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, leases := range j.wanted {
		for _, l := range leases {
			if time.Now().After(l.until) {
				j.end(l)
			}
		}
	}
}

// end ends a lease; mu is held.
func (j *Captures) end(l *lease) {
	leases := j.wanted[l.capture]
	if leases[l.server] != l {
		return
	}
	close(l.done)
	delete(leases, l.server)
	if len(leases) == 0 {
		delete(j.wanted, l.capture)
	}
	if j.count[l.server]--; j.count[l.server] == 0 {
		delete(j.count, l.server)
	}
	j.wants.Add(-1)
}

// hear is called with what other servers ask for.
func (j *Captures) hear(data []byte) {
	var a ask
	if json.Unmarshal(data, &a) != nil || a.From == j.bus.ID() {
		return
	}
	for _, asked := range a.All {
		j.lend(a.From, asked)
	}
}

// lend makes or renews a lease.
func (j *Captures) lend(server string, asked askedFor) {
	capture, found := j.store.Get(asked.Capture)
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.wanted[asked.Capture][server]
	if l != nil && (asked.End || l.asking != asked.Asking) {
		j.end(l)
		l = nil
	}
	if asked.End || j.closed || l == nil && j.count[server] >= mostWanted {
		return
	}
	if l == nil {
		l = &lease{
			server: server, capture: asked.Capture, asking: asked.Asking,
			poked: make(chan struct{}, 1), arrived: make(chan message, 1), done: make(chan struct{}),
		}
		if j.wanted[asked.Capture] == nil {
			j.wanted[asked.Capture] = map[string]*lease{}
		}
		j.wanted[asked.Capture][server] = l
		j.count[server]++
		j.wants.Add(1)
	}
	l.until = time.Now().Add(leaseTime)
	l.watched = l.watched || asked.Watched
	before := l.sync
	l.sync = max(l.sync, asked.Sync)
	if found {
		j.begin(capture, l)
	}
	switch {
	case l.sync == before:
	case l.sending:
		poke(l.poked)
	default:
		j.tell(server, message{Capture: l.capture, Asking: l.asking, Synced: l.sync})
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// made is called with each capture that this server makes.
func (j *Captures) made(c *wire.Capture) {
	if j.wants.Load() == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range j.wanted[c.ID()] {
		j.begin(c, l)
	}
}

// begin has a capture sent for a lease; mu is held.
func (j *Captures) begin(c *wire.Capture, l *lease) {
	if l.sending || j.closed {
		return
	}
	l.sending = true
	j.ended.Go(func() {
		j.send(c, l)
		j.mu.Lock()
		defer j.mu.Unlock()
		l.sending = false
	})
}

// send sends what there is of a capture, and what comes, until the lease or the capture
// ends.
func (j *Captures) send(c *wire.Capture, l *lease) {
	var has wire.Cursor
	sending, synced := rand.Text(), 0
	for number := 1; ; number++ {
		m := message{Capture: l.capture, Asking: l.asking, Sending: sending, Number: number}
		more, closing := false, false
		for {
			changed := c.Changed()
			j.mu.Lock()
			asked := l.sync
			j.mu.Unlock()
			m.Parts, m.Lines, more = c.News(&has, messageBytes, j.tells)
			if !more {
				m.Synced = asked
			}
			if m.Parts != nil || m.Lines != nil || m.Synced > synced {
				break
			}
			if closing || c.Expired() {
				return
			}
			select {
			case <-changed:
			case <-l.poked:
			case <-l.done:
				return
			case <-j.closing:
				closing = true // there may be some last bytes
			}
		}
		for i := range m.Parts {
			if origin := &m.Parts[i].Origin; origin.Server == "" {
				origin.Server = j.bus.ID()
			}
		}
		if !j.deliver(m, l) {
			return
		}
		synced = max(synced, m.Synced)
		if more {
			continue
		}
		select {
		case <-time.After(pauseTime):
		case <-l.poked:
		case <-l.done:
			return
		case <-j.closing:
		}
	}
}

// tells says whether this server is to send a connection: its own, and those of servers
// that are gone.
func (j *Captures) tells(o wire.Origin) bool {
	return o.Server == "" || !slices.Contains(j.bus.Servers(), o.Server)
}

// deliver sends a message until it has arrived; false where it is wanted no more. When
// this server ends it waits for nothing: what is sent then is the last.
func (j *Captures) deliver(m message, l *lease) bool {
	for {
		j.tell(l.server, m)
		again := time.After(againTime)
		for waits := true; waits; {
			select {
			case word := <-l.arrived:
				if word.Stop {
					return false
				}
				if word.Sending == m.Sending && word.Number == m.Number {
					return true
				}
			case <-again:
				waits = false
			case <-l.done:
				return false
			case <-j.closing:
				return true
			}
		}
	}
}

// receive is called with what other servers send to this one.
func (j *Captures) receive(data []byte) {
	var m message
	if json.Unmarshal(data, &m) != nil {
		return
	}
	if m.Arrived || m.Stop {
		j.mu.Lock()
		defer j.mu.Unlock()
		if l := j.wanted[m.Capture][m.From]; l != nil && l.asking == m.Asking {
			select {
			case l.arrived <- m:
			default: // a word that comes twice
			}
		}
		return
	}
	word := message{Capture: m.Capture, Asking: m.Asking, Sending: m.Sending, Number: m.Number, Arrived: true}
	if !j.take(m) {
		word.Stop = true
	}
	if m.Number > 0 {
		j.tell(m.From, word)
	}
}

// take adds what another server has sent; false where it is asked for no more.
func (j *Captures) take(m message) bool {
	j.mu.Lock()
	a := j.asked[m.Capture]
	if a == nil || a.name != m.Asking {
		j.mu.Unlock()
		return false
	}
	s := a.from[m.From]
	if s == nil {
		s = &sender{}
		a.from[m.From] = s
	}
	if m.Number > 0 && m.Sending != s.sending {
		s.sending, s.number, s.begun = m.Sending, 0, map[end]wire.PartSegment{}
	}
	isNew := m.Number == s.number+1
	if isNew {
		s.number = m.Number
	}
	j.mu.Unlock()
	if isNew {
		for _, p := range m.Parts {
			if p.Origin.Server == j.bus.ID() {
				continue
			}
			s.join(&p)
			a.capture.Take(p) // an error is that there is no room, or no capture any more
		}
		for _, line := range m.Lines {
			a.capture.TakeLine(line)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	s.synced = max(s.synced, m.Synced)
	close(a.changed)
	a.changed = make(chan struct{})
	return !a.capture.Expired()
}

// join puts the pieces of a segment together. Only this and the goroutine that it is
// called from use begun.
func (s *sender) join(p *wire.Part) {
	var whole []wire.PartSegment
	for _, segment := range p.Segments {
		key := end{p.Origin, segment.From}
		if begun, ok := s.begun[key]; ok {
			delete(s.begun, key)
			if begun.Offset+int64(len(begun.Bytes)) == segment.Offset && begun.At.Equal(segment.At) {
				segment.Offset, segment.Bytes = begun.Offset, append(begun.Bytes, segment.Bytes...)
			} else { // the rest of it is gone
				whole = append(whole, begun)
			}
		}
		if segment.Rest > 0 {
			s.begun[key] = segment
			continue
		}
		whole = append(whole, segment)
	}
	p.Segments = whole
}

// Counts returns how many captures this server asks others for, and others this
// one.
func (j *Captures) Counts() (asked, wanted int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.asked), int(j.wants.Load())
}
