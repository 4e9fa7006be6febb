package class

import (
	"crypto/subtle"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Class is a room. All that happens in it happens under its lock, one after another.
// It goes on at one server; the others have a copy of it (copy.go).
type Class struct {
	classes *Classes
	code    string
	opener  netip.Prefix
	copying

	mu       sync.Mutex
	r        record              // what is kept over a restart
	open     map[string]openPage // all pages, by ID
	lines    map[string]openLine // requests of runs that are being answered, by ID
	pages    map[string]int      // how many of board, wall and phone are open
	used     time.Time           // when a page was last open
	ticket   map[string]ticket
	sending  *sending          // the message that is on its way
	away     time.Time         // until when nobody is let in, on this server
	cutAt    map[int]time.Time // when this server heard of the cut of each wave
	asked    int               // who is asked to show a run
	refused  bool
	exhibit  *Exhibit
	presses  map[string]time.Time
	pending  []*pending
	dos      int  // numbers of what was told to do
	quiet    bool // nobody is told anything: it was told before
	changed  bool
	told     time.Time // when members were told counts
	flushing bool      // a timer is set
	counting bool      // so is one for counts
	stopped  bool

	unsubscribe []func()
	ticking     chan struct{}
	ticked      chan struct{}
	saving      saver
}

// A record is what is kept of a class.
type record struct {
	Code      string              `json:"code"`
	Key       string              `json:"key"` // hashed
	Since     int64               `json:"since"`
	Over      int64               `json:"over,omitempty"`
	Last      int                 `json:"last"` // number that was given
	Members   []*member           `json:"members"`
	Removed   []string            `json:"removed,omitempty"` // keys, hashed, of those who left or had to
	At        Place               `json:"at"`
	Rounds    map[string][]*round `json:"rounds,omitempty"` // by lesson
	Asked     string              `json:"asked,omitempty"`  // the lesson that was asked about last
	Answers   []string            `json:"answers,omitempty"`
	Solutions []string            `json:"solutions,omitempty"` // of exercises
	Hints     map[string]int      `json:"hints,omitempty"`
	Run       *Run                `json:"run,omitempty"`
	Message   *Message            `json:"message,omitempty"`
	Wall      Wall                `json:"wall"`
	Waves     []*wave             `json:"waves,omitempty"`   // newest first
	Ids       int                 `json:"ids"`               // of waves and messages
	Term      int                 `json:"term,omitempty"`    // which server it is that the class goes on at, counted
	Version   int64               `json:"version,omitempty"` // of the copies
	Server    string              `json:"server,omitempty"`  // that has written it
}

// A Place is a heading of a lesson.
type Place struct {
	Lesson  string `json:"lesson,omitempty"`
	Heading string `json:"heading,omitempty"`
}

// A Run is what the teacher had everybody run.
type Run struct {
	Lesson   string            `json:"lesson"`
	Controls map[string]string `json:"controls"`
	At       int64             `json:"at"`
}

// A Message is what the teacher said to all.
type Message struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
	At   int64  `json:"at"`
}

// A Wall is what the projector shows.
type Wall struct {
	Shows string `json:"shows,omitempty"`
	Blank bool   `json:"blank,omitempty"`
}

// A member is a person of the class.
type member struct {
	Number   int                  `json:"number"`
	Key      string               `json:"key"` // hashed
	Name     string               `json:"name"`
	Browser  string               `json:"browser"`
	Own      bool                 `json:"own,omitempty"` // does not follow
	At       Place                `json:"at"`
	Votes    map[string][2]int    `json:"votes,omitempty"` // by lesson and round
	Ran      map[string]ran       `json:"ran,omitempty"`
	Exercise map[string]exercise  `json:"exercise,omitempty"`
	Measured map[string]*measured `json:"measured,omitempty"`

	pages    int
	lost     time.Time // since when no page is open
	came     bool      // a page was open
	captures []string
	heard    map[string]int // ms of the message, by side
	dirty    bool
}

type ran struct{ SSE, WS string }

type exercise struct {
	State string   `json:"state"`
	Fails []string `json:"fails,omitempty"`
}

type measured struct {
	Lesson, What, Side string
	Value              float64
}

// start begins a class of a record, which goes on at a server; at "" where that is to be
// settled. cs.mu is held.
func (cs *Classes) start(r record, opener netip.Prefix, owner string) (*Class, error) {
	now := time.Now()
	c := &Class{
		classes: cs, code: r.Code, opener: opener, r: r, used: now,
		copying: copying{owner: owner, loaded: owner == "", applied: map[string]int64{}, done: map[heardOf]bool{}, local: map[string]openPage{}, localLines: map[string]openLine{}},
		open:    map[string]openPage{}, lines: map[string]openLine{}, cutAt: map[int]time.Time{},
		pages: map[string]int{}, ticket: map[string]ticket{}, presses: map[string]time.Time{},
		ticking: make(chan struct{}), ticked: make(chan struct{}),
	}
	c.complete()
	for _, m := range c.r.Members {
		m.lost, m.came = now, true
	}
	for to, receive := range map[string]func([]byte){"in": c.receive, "cut": c.hearsCut} {
		unsubscribe, err := cs.options.Bus.Subscribe(c.subject(to), receive)
		if err != nil {
			for _, unsubscribe := range c.unsubscribe {
				unsubscribe()
			}
			return nil, err
		}
		c.unsubscribe = append(c.unsubscribe, unsubscribe)
	}
	cs.open[r.Code] = c
	go c.tick()
	c.saving.change(c)
	return c, nil
}

// complete makes what a record that was read may be without.
func (c *Class) complete() {
	if c.r.Rounds == nil {
		c.r.Rounds = map[string][]*round{}
	}
	if c.r.Hints == nil {
		c.r.Hints = map[string]int{}
	}
	for _, m := range c.r.Members {
		if m.heard == nil {
			m.heard = map[string]int{}
		}
	}
}

func (c *Class) subject(to string) string { return "class." + c.code + "." + to }

// stop ends what the class does, without closing it.
func (c *Class) stop() {
	c.mu.Lock()
	if c.stopped {
		c.mu.Unlock()
		return
	}
	last := c.here() && !c.saving.gone
	c.mu.Unlock()
	if last {
		c.copyNow() // for the server that goes on
	}
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	for _, unsubscribe := range c.unsubscribe {
		unsubscribe()
	}
	close(c.ticking)
	<-c.ticked
	c.saving.now(c)
}

// tick looks after what changes with time alone.
func (c *Class) tick() {
	defer close(c.ticked)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-c.ticking:
			return
		case now := <-ticker.C:
			if c.age(now) {
				go c.classes.remove(c) // which waits for this to end
				return
			}
		}
	}
}

// age reports whether the class is gone.
func (c *Class) age(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.here() {
		return false
	}
	if c.r.Over != 0 {
		return ms(now) >= c.r.Over+keepTime.Milliseconds()
	}
	open := len(c.pages) > 0
	for _, m := range slices.Clone(c.r.Members) {
		switch {
		case m.pages > 0:
			open = true
		case !m.came && now.Sub(m.lost) > seatTime:
			c.drop(m)
		case now.Sub(m.lost) > lostTime && now.Sub(m.lost) < lostTime+2*time.Second:
			c.change() // the class counts without it from now on
		}
	}
	if open {
		c.used = now
	} else if idle := now.Sub(c.used); idle > idleTime || idle > emptyTime && c.r.Last == 0 {
		c.close()
	}
	c.expire(now)
	return false
}

// remove lets a class go, with all that is kept of it, on all servers.
func (cs *Classes) remove(c *Class) {
	cs.publish(news{Gone: &gone{c.code, ms(time.Now())}})
	cs.forget(c)
}

// forget lets a class go on this server.
func (cs *Classes) forget(c *Class) {
	cs.mu.Lock()
	if len(cs.ended) >= maxEnded {
		clear(cs.ended)
	}
	cs.ended[c.code] = ms(time.Now())
	if cs.open[c.code] == c {
		delete(cs.open, c.code)
	}
	for id, s := range cs.seats {
		if s.class == c {
			delete(cs.seats, id)
		}
	}
	cs.mu.Unlock()
	c.mu.Lock()
	c.saving.gone = true
	c.mu.Unlock()
	c.stop()
	c.saving.remove(c)
}

// isTeacher says whether a hash is that of the teacher's secret.
func (c *Class) isTeacher(hashed string) bool {
	return subtle.ConstantTimeCompare([]byte(c.r.Key), []byte(hashed)) == 1
}

// member finds somebody by the hash of a secret. It looks at all, so that the time
// tells nothing.
func (c *Class) member(hashed string) (found *member) {
	for _, m := range c.r.Members {
		if m.Key == hashed { // hashes: how much of one is right says nothing of the key
			found = m
		}
	}
	return found
}

func (c *Class) numbered(n int) *member {
	i := slices.IndexFunc(c.r.Members, func(m *member) bool { return m.Number == n })
	if i < 0 {
		return nil
	}
	return c.r.Members[i]
}

// A Person is who has joined.
type Person struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Number int    `json:"number"`
}

// Join lets somebody in: as who they were, where the class knows the key. A key that
// it does not know, because the server has started anew, is taken on. known says which.
func (cs *Classes) Join(code, key, name, agent string, by Visitor) (p Person, known bool, err error) {
	name, err = cleanName(name)
	if err != nil {
		return Person{}, false, err
	}
	asked := request{Op: "join", Name: name, Browser: browserOf(agent)}
	if !isKey(key) {
		key, asked.Fresh = newKey(), true
	}
	asked.Key = hash(key)
	r, err := cs.ask(code, by, asked)
	return Person{key, r.Name, r.Number}, r.Known && !asked.Fresh, err
}

// join is Join where the class goes on. A fresh key that it knows is of somebody who
// has asked twice.
func (c *Class) join(q request) (r response, err error) {
	m := c.member(q.Key)
	if (m == nil || q.Fresh) && q.Limited && !c.invites(q.Invite) {
		return response{}, ErrSlow
	}
	if c.r.Over != 0 {
		return response{}, ErrOver
	}
	if m != nil {
		return response{Name: m.Name, Number: m.Number, Known: true}, nil
	}
	if len(c.r.Members) >= maxSeats && !c.makeRoom() {
		return response{}, ErrFull
	}
	c.r.Last++
	m = &member{
		Number: c.r.Last, Key: q.Key, Name: c.free(q.Name, 0), Browser: q.Browser,
		lost: time.Now(), heard: map[string]int{},
	}
	c.r.Members = append(c.r.Members, m)
	c.keep()
	c.say(envelope{Joined: m})
	return response{Name: m.Name, Number: m.Number}, nil
}

// makeRoom takes the seat of somebody who has joined and not come, the first one: who
// joins again and again and comes with no page keeps nobody out.
func (c *Class) makeRoom() bool {
	i := slices.IndexFunc(c.r.Members, func(m *member) bool { return !m.came && time.Since(m.lost) > comeTime })
	if i >= 0 {
		c.drop(c.r.Members[i])
	}
	return i >= 0
}

// remove is drop for somebody who is not to come back by itself.
func (c *Class) remove(m *member) {
	c.r.Removed = append(c.r.Removed, m.Key)
	c.r.Removed = c.r.Removed[max(0, len(c.r.Removed)-maxSeats):]
	c.drop(m)
}

// drop removes a member, and what it did.
func (c *Class) drop(m *member) {
	c.r.Members = slices.DeleteFunc(c.r.Members, func(other *member) bool { return other == m })
	c.forgetCaptures(m)
	if c.asked == m.Number {
		c.asked = 0
	}
	if c.exhibit != nil && c.exhibit.Number == m.Number {
		c.endExhibit()
	}
	c.close1(m.Key, "4003 "+ErrKey.Error())
	c.keep()
	c.change()
}

// close1 has pages close, with a code and a reason.
func (c *Class) close1(to, why string) { c.publish("to."+to, []byte("!"+why)) }

func (c *Class) publish(to string, data []byte) {
	if c.quiet {
		return
	}
	c.classes.options.Bus.Publish(c.subject(to), data) // it fails when the server closes
}

func (c *Class) tell(to string, what any) {
	if !c.quiet {
		c.classes.tell(c.subject(to), what)
	}
}

const maxName = 24 // characters

// cleanName takes a name as text.
func cleanName(name string) (string, error) {
	if !utf8.ValidString(name) || len(name) > 16*maxName {
		return "", ErrName
	}
	name, _ = clean(name)
	if utf8.RuneCountInString(name) > maxName {
		return "", ErrName
	}
	return name, nil
}

// clean takes away what can't be seen, or changes the direction of what follows.
func clean(name string) (string, bool) {
	if !utf8.ValidString(name) {
		return "", false
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " "), true
}

// free returns a name that nobody else has.
func (c *Class) free(name string, but int) string {
	taken := map[string]bool{}
	for _, m := range c.r.Members {
		if m.Number != but && m.Name != "" {
			taken[strings.ToLower(m.Name)] = true
		}
	}
	next := name
	for i := 2; taken[strings.ToLower(next)]; i++ {
		next = name + " " + strconv.Itoa(i)
	}
	return next
}

// browserOf names a browser by its User-Agent. On iOS all are WebKit.
func browserOf(agent string) string {
	for _, one := range []struct{ part, name string }{
		{"MicroMessenger", "wechat"}, {"iPhone", "ios"}, {"iPad", "ios"}, {"Edg/", "edge"},
		{"Firefox/", "firefox"}, {"Chrome/", "chrome"}, {"Safari/", "safari"},
	} {
		if strings.Contains(agent, one.part) {
			return one.name
		}
	}
	return "other"
}

type counts struct {
	here, own, of int
	lost          []int64
}

func (c *Class) counts(now time.Time) (n counts) {
	n.lost = []int64{}
	for _, m := range c.r.Members {
		switch {
		case m.pages > 0:
			n.here++
			n.of++
			if m.Own {
				n.own++
			}
		case m.came:
			n.lost = append(n.lost, ms(m.lost))
			if now.Sub(m.lost) < lostTime {
				n.of++
			}
		}
	}
	slices.Sort(n.lost)
	return n
}

// counted says whether the class waits for somebody.
func (m *member) counted(now time.Time) bool {
	return m.pages > 0 || m.came && now.Sub(m.lost) < lostTime
}

// keep has the record written to the data folder, and copied to the other servers;
// change has pages told.
func (c *Class) keep() {
	c.saving.change(c)
	c.copyLater()
}

// change has pages told what is new, gathered with what comes within gatherTime.
func (c *Class) change() {
	c.changed = true
	c.copyLater()
	c.flushLater()
}

// changeOf is change for what a member sees at once.
func (c *Class) changeOf(m *member) {
	m.dirty = true
	c.change()
}

func (c *Class) changeAll() {
	for _, m := range c.r.Members {
		m.dirty = true
	}
	c.change()
}

func (c *Class) flushLater() {
	if c.flushing || c.stopped || !c.here() {
		return
	}
	c.flushing = true
	time.AfterFunc(gatherTime, c.flush)
}

// flush tells each page its state.
func (c *Class) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushing = false
	if c.stopped || !c.here() || c.r.Over != 0 && c.exhibit == nil && len(c.pages) == 0 {
		return
	}
	now := time.Now()
	if c.changed {
		c.changed = false
		for _, role := range []string{"board", "phone", "wall"} {
			if c.pages[role] > 0 {
				c.tell("to."+role, map[string]any{"state": c.boardState(role, now)})
			}
		}
		if now.Sub(c.told) >= countTime {
			c.told = now
			for _, m := range c.r.Members {
				m.dirty = true
			}
		} else if !c.counting {
			c.counting = true
			time.AfterFunc(countTime-now.Sub(c.told), c.later)
		}
	}
	stateOf := c.memberStates(now)
	for _, m := range c.r.Members {
		if m.dirty && m.pages > 0 {
			c.tell("to."+m.Key, map[string]any{"state": stateOf(m)})
		}
		m.dirty = false
	}
	c.tellPending()
}

// later tells members the counts that they have not been told.
func (c *Class) later() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counting = false
	c.change()
}
