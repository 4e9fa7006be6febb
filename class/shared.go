package class

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Times between servers.
const (
	beatTime   = time.Second            // between two words of a server about the classes that go on there
	answerTime = time.Second            // for a server to answer
	askTime    = 10 * time.Second       // for a class to be found where it goes on, also while its server is gone
	againTime  = 100 * time.Millisecond // between two tries
	searchTime = 300 * time.Millisecond // for another server to say that it knows a code
	settleTime = 3 * time.Second        // that a server listens before a class of its data folder goes on
	orphanTime = 10 * time.Second       // that a copy is kept while its server says nothing of the class
	maxEnded   = 10000                  // codes of classes that are gone, to be known again
)

const serversSubject = "class.servers"

// shared is what classes need for other servers.
type shared struct {
	bus     Bus
	started time.Time
	ended   map[string]int64           // codes of classes that are gone, and when they went; under the mu of Classes
	finding map[string][]chan struct{} // closed when a code is known; the same

	callsMu sync.Mutex
	calls   map[string]chan response
	parts   map[string][][]byte // of copies, by class; of the subject's goroutine

	over        chan struct{}
	work        sync.WaitGroup
	unsubscribe []func()
}

func newShared(b Bus) shared {
	return shared{bus: b, started: time.Now(), ended: map[string]int64{}, finding: map[string][]chan struct{}{},
		calls: map[string]chan response{}, parts: map[string][][]byte{}, over: make(chan struct{})}
}

func (cs *Classes) id() string { return cs.bus.ID() }

// cutOff says whether this server can't hear the others.
func (cs *Classes) cutOff() bool {
	state := cs.bus.State()
	return state.Shared && !state.Connected
}

// news are what servers tell each other. Each has one of these.
type news struct {
	From   string
	Beats  []beat        `json:",omitempty"`
	Copy   *part         `json:",omitempty"`
	Want   string        `json:",omitempty"` // the code of a class to be copied
	Gone   *gone         `json:",omitempty"`
	Wrong  *wrong        `json:",omitempty"`
	Opened *netip.Prefix `json:",omitempty"` // by whom a class was opened
	Doing  *doing        `json:",omitempty"`
}

// wrong is a wrong code.
type wrong struct {
	Peer   netip.Prefix
	Person string
}

// gone is a class that is gone, with all that was kept of it.
type gone struct {
	Code string
	At   int64 // when it went; one that was opened later is another one
}

// publish tells the other servers something.
func (cs *Classes) publish(n news) {
	if !cs.bus.Several() {
		return
	}
	n.From = cs.id()
	cs.tell(serversSubject, n)
}

// tell publishes something of a shape of this package, which always can be.
func (cs *Classes) tell(subject string, what any) {
	if data, err := json.Marshal(what); err == nil {
		cs.bus.Publish(subject, data) // it fails when the server closes
	}
}

// share begins to listen to other servers, where there may be any.
func (cs *Classes) share() error {
	if !cs.bus.State().Shared {
		return nil
	}
	for subject, receive := range map[string]func([]byte){serversSubject: cs.hears, "class.server." + cs.id(): cs.called} {
		unsubscribe, err := cs.bus.Subscribe(subject, receive)
		if err != nil {
			return err
		}
		cs.unsubscribe = append(cs.unsubscribe, unsubscribe)
	}
	cs.work.Go(cs.watch)
	return nil
}

func (cs *Classes) endSharing() {
	close(cs.over)
	cs.work.Wait()
	for _, unsubscribe := range cs.unsubscribe {
		unsubscribe()
	}
}

// watch looks after classes as servers come and go.
func (cs *Classes) watch() {
	ticker := time.NewTicker(beatTime)
	defer ticker.Stop()
	for {
		changed := cs.bus.Changed()
		cs.mu.Lock()
		all := cs.allOpen()
		cs.mu.Unlock()
		servers := cs.bus.Servers()
		var beats []beat
		for _, c := range all {
			if c.attend(servers) {
				cs.forget(c)
			} else if b, ok := c.beat(); ok {
				beats = append(beats, b)
			}
		}
		if beats != nil {
			cs.publish(news{Beats: beats})
		}
		select {
		case <-ticker.C:
		case <-changed:
		case <-cs.over:
			return
		}
	}
}

// hears takes what another server says.
func (cs *Classes) hears(data []byte) {
	var n news
	if json.Unmarshal(data, &n) != nil || n.From == cs.id() {
		return
	}
	for _, b := range n.Beats {
		cs.hearsBeat(n.From, b)
	}
	if n.Copy != nil {
		cs.takePart(n.From, *n.Copy)
	}
	cs.mu.Lock()
	if n.Wrong != nil {
		cs.countWrong(n.Wrong.Peer, n.Wrong.Person)
	}
	if n.Opened != nil {
		take(cs.opened, *n.Opened, maxOpened)
	}
	wanted := cs.open[n.Want]
	var went, begun *Class
	if n.Gone != nil {
		went = cs.open[n.Gone.Code]
	}
	if n.Doing != nil {
		begun = cs.open[n.Doing.Code]
	}
	cs.mu.Unlock()
	if wanted != nil {
		wanted.copyNow()
	}
	if went != nil && went.since() <= n.Gone.At {
		cs.forget(went)
	}
	if begun != nil {
		begun.mu.Lock()
		begun.done[n.Doing.heardOf] = true
		begun.mu.Unlock()
	}
}

// find returns a class by its code, also one that only other servers know.
func (cs *Classes) find(code string) *Class {
	cs.mu.Lock()
	c := cs.open[code]
	if c != nil || !isCode(code) || !cs.bus.Several() {
		cs.mu.Unlock()
		return c
	}
	found := make(chan struct{})
	cs.finding[code] = append(cs.finding[code], found)
	cs.mu.Unlock()
	cs.publish(news{Want: code})
	select {
	case <-found:
	case <-time.After(searchTime):
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.finding[code] = slices.DeleteFunc(cs.finding[code], func(one chan struct{}) bool { return one == found }); len(cs.finding[code]) == 0 {
		delete(cs.finding, code)
	}
	return cs.open[code]
}

// found says that a code is known; cs.mu is held.
func (cs *Classes) found(code string) {
	for _, found := range cs.finding[code] {
		close(found)
	}
	delete(cs.finding, code)
}

// A request asks a class something where it goes on.
type request struct {
	ID   string
	From string
	Code string
	Op   string

	Key     string `json:",omitempty"` // hashed
	Fresh   bool   `json:",omitempty"` // the key was made for this, or is none
	Invite  string `json:",omitempty"`
	Limited bool   `json:",omitempty"` // nobody gets in by the code alone
	Name    string `json:",omitempty"`
	Browser string `json:",omitempty"`
	Role    string `json:",omitempty"`
	Page    string `json:",omitempty"`
	Message int    `json:",omitempty"`
	State   []byte `json:",omitempty"`
}

// A response answers it.
type response struct {
	ID    string
	Error string `json:",omitempty"`

	Card    *Card           `json:",omitempty"`
	Known   bool            `json:",omitempty"`
	Name    string          `json:",omitempty"`
	Number  int             `json:",omitempty"`
	Said    json.RawMessage `json:",omitempty"`
	Results *Results        `json:",omitempty"`
}

// errMoved says that the class goes on elsewhere.
var errMoved = errors.New("class: it goes on at another server")

// askOf asks a class. While its server is gone it waits for the one that goes on.
func (cs *Classes) askOf(c *Class, q request) (response, error) {
	q.From, q.Code = cs.id(), c.code
	for until := time.Now().Add(askTime); ; {
		c.mu.Lock()
		owner := c.owner
		c.mu.Unlock()
		r, err := response{}, errMoved
		switch owner {
		case cs.id():
			r, err = c.serve(q)
		case "": // it is not settled where
		default:
			r, err = cs.call(owner, q)
		}
		if err != errMoved {
			return r, err
		}
		if !time.Now().Before(until) {
			return response{}, ErrMany
		}
		select {
		case <-cs.over:
			return response{}, ErrMany
		case <-time.After(againTime):
		}
	}
}

// A call is a request, or the answer to one.
type call struct {
	Request  *request  `json:",omitempty"`
	Response *response `json:",omitempty"`
}

func (cs *Classes) call(server string, q request) (response, error) {
	q.ID = newKey()
	answer := make(chan response, 1)
	cs.callsMu.Lock()
	cs.calls[q.ID] = answer
	cs.callsMu.Unlock()
	defer func() {
		cs.callsMu.Lock()
		delete(cs.calls, q.ID)
		cs.callsMu.Unlock()
	}()
	cs.tell("class.server."+server, call{Request: &q})
	select {
	case r := <-answer:
		return r, errorOf(r.Error)
	case <-time.After(answerTime):
	case <-cs.over:
	}
	return response{}, errMoved
}

// called takes a call.
func (cs *Classes) called(data []byte) {
	var in call
	if json.Unmarshal(data, &in) != nil {
		return
	}
	if in.Response != nil {
		cs.callsMu.Lock()
		defer cs.callsMu.Unlock()
		if answer := cs.calls[in.Response.ID]; answer != nil {
			answer <- *in.Response
			delete(cs.calls, in.Response.ID)
		}
		return
	}
	q := in.Request
	if q == nil {
		return
	}
	cs.mu.Lock()
	c := cs.open[q.Code]
	cs.mu.Unlock()
	r, err := response{}, error(errMoved)
	if c != nil {
		r, err = c.serve(*q)
	}
	r.ID = q.ID
	if err != nil {
		r.Error = err.Error()
	}
	cs.tell("class.server."+q.From, call{Response: &r})
}

func errorOf(text string) error {
	for _, err := range []error{ErrUnknown, ErrKey, ErrFull, ErrMany, ErrSlow, ErrName, ErrOver, errMoved} {
		if text == err.Error() {
			return err
		}
	}
	if text != "" {
		return ErrMany
	}
	return nil
}

// serve answers a request where the class goes on.
func (c *Class) serve(q request) (response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || !c.here() {
		return response{}, errMoved
	}
	switch q.Op {
	case "look":
		return c.look(q)
	case "join":
		return c.join(q)
	case "attach":
		return c.attach(q)
	case "listen":
		return c.listen(q)
	case "results":
		return c.results(q)
	case "teacher":
		if c.isTeacher(q.Key) && c.r.Over != 0 {
			return response{}, ErrOver
		}
		return response{Known: c.isTeacher(q.Key)}, nil
	case "merge":
		return response{}, c.merge(q.State)
	}
	return response{}, ErrKey
}
