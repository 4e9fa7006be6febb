package class

import (
	"encoding/json"
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
type Class struct {
	classes *Classes
	opener  netip.Prefix

	mu       sync.Mutex
	r        record         // what is kept over a restart
	pages    map[string]int // of board, wall and phone
	used     time.Time      // when a page was last open
	ticket   map[string]ticket
	sending  *sending // the message that is on its way
	away     time.Time
	asked    int // who is asked to show a run
	refused  bool
	exhibit  *Exhibit
	presses  map[string]time.Time
	pending  []*pending
	dos      int // numbers of what was told to do
	changed  bool
	told     time.Time // when members were told counts
	flushing bool      // a timer is set
	counting bool      // so is one for counts
	stopped  bool

	unsubscribe func()
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
	Waves     []*wave             `json:"waves,omitempty"` // newest first
	Ids       int                 `json:"ids"`             // of waves and messages
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
	lines    map[string]int // requests of runs that are being answered, by side
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

func (cs *Classes) start(r record, opener netip.Prefix) (*Class, error) {
	now := time.Now()
	c := &Class{
		classes: cs, opener: opener, r: r, used: now,
		pages: map[string]int{}, ticket: map[string]ticket{}, presses: map[string]time.Time{},
		ticking: make(chan struct{}), ticked: make(chan struct{}),
	}
	if c.r.Rounds == nil {
		c.r.Rounds = map[string][]*round{}
	}
	if c.r.Hints == nil {
		c.r.Hints = map[string]int{}
	}
	for _, m := range c.r.Members {
		m.lost, m.came = now, true
		m.lines, m.heard = map[string]int{}, map[string]int{}
	}
	var err error
	c.unsubscribe, err = cs.options.Bus.Subscribe(c.subject("in"), c.receive)
	if err != nil {
		return nil, err
	}
	cs.open[r.Code] = c
	go c.tick()
	c.saving.change(c)
	return c, nil
}

func (c *Class) subject(to string) string { return "class." + c.r.Code + "." + to }

// stop ends what the class does, without closing it.
func (c *Class) stop() {
	c.mu.Lock()
	if c.stopped {
		c.mu.Unlock()
		return
	}
	c.stopped = true
	c.mu.Unlock()
	c.unsubscribe()
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

// remove lets a class go, with all that is kept of it.
func (cs *Classes) remove(c *Class) {
	cs.mu.Lock()
	if cs.open[c.r.Code] == c {
		delete(cs.open, c.r.Code)
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

func (c *Class) isTeacher(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return same(c.r.Key, key)
}

// member finds somebody by a secret. It looks at all, so that the time tells nothing.
func (c *Class) member(key string) (found *member) {
	h := hash(key)
	for _, m := range c.r.Members {
		if m.Key == h { // hashes: how much of one is right says nothing of the key
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
	var proves func(*Class) bool
	if isKey(key) {
		proves = func(c *Class) bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.member(key) != nil
		}
	}
	c, err := cs.letIn(code, by, proves)
	if err != nil {
		return Person{}, false, err
	}
	name, err = cleanName(name)
	if err != nil {
		return Person{}, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.r.Over != 0 {
		return Person{}, false, ErrOver
	}
	if proves != nil {
		if m := c.member(key); m != nil {
			return Person{key, m.Name, m.Number}, true, nil
		}
	} else {
		key = newKey()
	}
	if len(c.r.Members) >= maxSeats && !c.makeRoom() {
		return Person{}, false, ErrFull
	}
	c.r.Last++
	m := &member{
		Number: c.r.Last, Key: hash(key), Name: c.free(name, 0), Browser: browserOf(agent),
		lost: time.Now(), lines: map[string]int{}, heard: map[string]int{},
	}
	c.r.Members = append(c.r.Members, m)
	c.keep()
	return Person{key, m.Name, m.Number}, false, nil
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
	c.close1(strconv.Itoa(m.Number), "4003 "+ErrKey.Error())
	c.keep()
	c.change()
}

// close1 has pages close, with a code and a reason.
func (c *Class) close1(to, why string) { c.publish("to."+to, []byte("!"+why)) }

func (c *Class) publish(to string, data []byte) {
	c.classes.options.Bus.Publish(c.subject(to), data) // it fails when the server closes
}

func (c *Class) tell(to string, what any) {
	data, err := json.Marshal(what)
	if err != nil {
		return // shapes of this package always can be
	}
	c.publish(to, data)
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

// keep has the record written to the data folder, and change pages told.
func (c *Class) keep() { c.saving.change(c) }

// change has pages told what is new, gathered with what comes within gatherTime.
func (c *Class) change() {
	c.changed = true
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
	if c.flushing || c.stopped {
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
	if c.stopped || c.r.Over != 0 && c.exhibit == nil && len(c.pages) == 0 {
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
			c.tell("to."+strconv.Itoa(m.Number), map[string]any{"state": stateOf(m)})
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
