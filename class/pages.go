package class

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of a page.
const (
	maxPages    = 6    // that a member may have open
	maxTeaching = 20   // open pages of the teacher, of each kind
	maxText     = 4096 // bytes of what a page says at once
	maxShown    = 96 << 10
	perSecond   = 20 // that a page may say
	burst       = 60
	maxCaptures = 8 // of a member's pages
	maxMeasured = 24
)

// A Page is one that is open, and may speak.
type Page struct {
	class *Class
	id    string
	openPage

	unsubscribe []func()
	mu          sync.Mutex
	used        float64
	at          time.Time
	once        sync.Once
}

// An openPage is what the class knows of a page.
type openPage struct {
	Server string
	Role   string
	Member string `json:",omitempty"` // the hash of its key
}

// Attach opens a page for the owner of a secret: a member, or the teacher's board,
// phone or wall. send is called with what the page is to be told, and must not wait;
// what begins with "!" is a code and a reason to close with.
func (cs *Classes) Attach(code, role, key string, peer netip.Prefix, send func(data []byte)) (*Page, error) {
	p := &Page{id: newKey(), at: time.Now(), openPage: openPage{Server: cs.id(), Role: role}}
	to := role
	if role == "member" {
		p.Member = hash(key)
		to = p.Member
	}
	_, err := cs.ask(code, Visitor{Peer: peer}, request{Op: "attach", Key: hash(key), Fresh: !isKey(key), Role: role, Page: p.id})
	if err != nil {
		return nil, err
	}
	if p.class = cs.find(Normal(code)); p.class == nil {
		return nil, ErrUnknown
	}
	p.class.mu.Lock()
	p.class.local[p.id] = p.openPage
	p.class.mu.Unlock()
	subjects := []string{p.class.subject("to." + to)}
	if role == "member" {
		subjects = append(subjects, p.class.subject("all"))
	}
	for _, subject := range subjects {
		unsubscribe, err := cs.options.Bus.Subscribe(subject, send)
		if err != nil {
			p.Close()
			return nil, err
		}
		p.unsubscribe = append(p.unsubscribe, unsubscribe)
	}
	p.say(envelope{Page: p.id, Arrived: true})
	return p, nil
}

func (c *Class) attach(q request) (response, error) {
	switch q.Role {
	case "board", "phone", "wall":
		if !c.isTeacher(q.Key) {
			return response{}, c.refuse(q)
		}
		if c.pages[q.Role] >= maxTeaching {
			return response{}, ErrFull
		}
		c.arrives(q.Page, openPage{Server: q.From, Role: q.Role})
		return response{}, nil
	case "member":
	default:
		return response{}, c.refuse(q)
	}
	m := c.member(q.Key)
	switch {
	case m == nil && !q.Fresh && !q.Limited && !slices.Contains(c.r.Removed, q.Key):
		return response{}, ErrUnknown // the class was opened anew: the page joins it anew
	case m == nil:
		return response{}, c.refuse(q)
	case c.r.Over != 0:
		return response{}, ErrOver
	case m.pages >= maxPages:
		return response{}, ErrFull
	}
	c.arrives(q.Page, openPage{Server: q.From, Role: q.Role, Member: q.Key})
	return response{}, nil
}

// arrives counts a page that is open, once.
func (c *Class) arrives(id string, p openPage) {
	if _, known := c.open[id]; known {
		return
	}
	if p.Role != "member" {
		c.pages[p.Role]++
	} else if m := c.member(p.Member); m != nil {
		m.pages++
		m.came = true
	} else {
		return
	}
	c.open[id] = p
	c.copyLater()
}

// leaves is for a page that has closed.
func (c *Class) leaves(id string) {
	p, known := c.open[id]
	if !known {
		return
	}
	delete(c.open, id)
	c.used = time.Now()
	if p.Role != "member" {
		if c.pages[p.Role]--; c.pages[p.Role] == 0 {
			delete(c.pages, p.Role)
		}
	} else if m := c.member(p.Member); m != nil {
		if m.pages--; m.pages == 0 {
			m.lost = time.Now()
		}
		c.change()
	}
	c.copyLater()
}

// Close is for a page that has closed.
func (p *Page) Close() {
	p.once.Do(func() {
		for _, unsubscribe := range p.unsubscribe {
			unsubscribe()
		}
		p.class.mu.Lock()
		defer p.class.mu.Unlock()
		delete(p.class.local, p.id)
		if p.class.here() {
			p.class.leaves(p.id)
			return
		}
		p.say(envelope{Page: p.id, Left: true})
	})
}

// Says takes what the page says. It reports whether the page may go on: one that says
// too much, or what is no JSON, may not.
func (p *Page) Says(text []byte) bool {
	p.mu.Lock()
	now := time.Now()
	p.used = max(0, p.used-now.Sub(p.at).Seconds()*perSecond)
	p.at = now
	p.used++
	tooMuch := p.used > burst
	p.mu.Unlock()
	large := len(text) > maxText && !(len(text) <= maxShown && strings.HasPrefix(string(text[:min(len(text), 20)]), `{"exhibit"`))
	if tooMuch || large || !json.Valid(text) {
		return false
	}
	p.say(envelope{Text: text})
	return true
}

// An envelope is what comes in for a class, and from whom: who sends a page's text has
// found out whose it is.
type envelope struct {
	Server  string          `json:"server"`        // that sends it
	Seq     int64           `json:"seq,omitempty"` // and how many it has sent with this one
	Role    string          `json:"role,omitempty"`
	Member  string          `json:"member,omitempty"` // the hash of a key
	Page    string          `json:"page,omitempty"`
	Arrived bool            `json:"arrived,omitempty"`
	Left    bool            `json:"left,omitempty"`
	Text    json.RawMessage `json:"text,omitempty"`
	Line    *lineNews       `json:"line,omitempty"`
	Joined  *member         `json:"joined,omitempty"` // for those who have a copy
	Report  *report         `json:"report,omitempty"`
	Skip    int64           `json:"skip,omitempty"` // what was said up to this one is lost, and not waited for
}

func (p *Page) say(e envelope) {
	e.Role, e.Member = p.Role, p.Member
	p.class.say(e)
}

// takes takes what has come in, at a time.
func (c *Class) takes(e envelope, at time.Time) {
	switch {
	case e.Line != nil:
		c.lineIs(e, at)
	case e.Report != nil:
		c.reported(e.Server, *e.Report)
	case e.Joined != nil:
		if e.Server != c.classes.id() {
			c.joined(e.Joined)
		}
	case e.Left:
		c.leaves(e.Page)
	case e.Role != "member":
		c.teacherSays(e)
	default:
		if m := c.member(e.Member); m != nil {
			c.memberSays(m, e)
		}
	}
}

// What a member says has one of these.
type said struct {
	Vote *struct {
		Lesson        string
		Round, Answer int
	}
	Ran      *struct{ Lesson, SSE, WS string }
	Exercise *struct {
		Lesson, State string
		Fails         []string
	}
	Measured *measured
	At       *Place
	Follow   *bool
	Capture  *struct{ ID string }
	Line     *struct{ Side, State, Capture string }
	Exhibit  *struct {
		Yes             bool
		Capture, Lesson string
		Code            map[string]string
		Run             json.RawMessage
	}
	Name   *string
	Leave  *struct{}
	Did    int
	Stayed bool
	Got    *struct {
		Message int
		By      string
	}
}

// The length is no part of the expression, which would be as many times its code: that
// takes its time at every start of the program.
var name = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]*$`)

// named says whether a text may be the name of something in a lesson.
func named(s string) bool { return len(s) <= 64 && name.MatchString(s) }

func isSide(side string) bool { return side == "sse" || side == "ws" }

// memberSays takes what a member says. What it may not say changes nothing.
func (c *Class) memberSays(m *member, e envelope) {
	if e.Arrived {
		c.arrives(e.Page, openPage{Server: e.Server, Role: e.Role, Member: e.Member})
		m.lost = time.Time{}
		c.changeOf(m)
		return
	}
	var s said
	if json.Unmarshal(e.Text, &s) != nil || c.r.Over != 0 {
		return
	}
	lesson := func(slug string) bool { _, ok := c.classes.options.Lesson(slug); return ok }
	defer c.keep()
	switch {
	case s.Vote != nil:
		c.vote(m, s.Vote.Lesson, s.Vote.Round, s.Vote.Answer)
	case s.Ran != nil && lesson(s.Ran.Lesson):
		one := ran{s.Ran.SSE, s.Ran.WS}
		if one.SSE != "" && !named(one.SSE) || one.WS != "" && !named(one.WS) {
			return
		}
		put(&m.Ran, s.Ran.Lesson, one)
		c.change()
	case s.Exercise != nil && lesson(s.Exercise.Lesson):
		before := m.Exercise[s.Exercise.Lesson]
		if !slices.Contains([]string{"begun", "tried", "solved"}, s.Exercise.State) || len(s.Exercise.Fails) > 16 ||
			slices.ContainsFunc(s.Exercise.Fails, func(f string) bool { return !named(f) }) ||
			before.State == "solved" || before.State == "tried" && s.Exercise.State == "begun" {
			return
		}
		slices.Sort(s.Exercise.Fails)
		put(&m.Exercise, s.Exercise.Lesson, exercise{s.Exercise.State, slices.Compact(s.Exercise.Fails)})
		c.change()
	case s.Measured != nil && lesson(s.Measured.Lesson):
		one := *s.Measured
		at := one.Lesson + "|" + one.What + "|" + one.Side
		if !named(one.What) || one.Side != "" && !isSide(one.Side) || !(one.Value >= 0 && one.Value <= 1e9) ||
			m.Measured[at] == nil && len(m.Measured) >= maxMeasured {
			return
		}
		put(&m.Measured, at, &one)
		c.change()
	case s.At != nil && lesson(s.At.Lesson) && (s.At.Heading == "" || named(s.At.Heading)):
		m.At = *s.At
		c.change()
	case s.Follow != nil:
		m.Own = !*s.Follow
		c.changeOf(m)
	case s.Capture != nil:
		c.claim(m, s.Capture.ID)
	case s.Line != nil && isSide(s.Line.Side) && slices.Contains([]string{"open", "waiting", "closed"}, s.Line.State):
		c.lineLooks(m, s.Line.Side, s.Line.Capture, s.Line.State)
	case s.Exhibit != nil:
		if !s.Exhibit.Yes || lesson(s.Exhibit.Lesson) {
			c.answersExhibit(m, s.Exhibit.Yes, Exhibit{Capture: s.Exhibit.Capture, Lesson: s.Exhibit.Lesson, Code: s.Exhibit.Code, Run: s.Exhibit.Run})
		}
	case s.Name != nil:
		if name, err := cleanName(*s.Name); err == nil {
			m.Name = c.free(name, m.Number)
			c.changeOf(m)
		}
	case s.Leave != nil:
		c.remove(m)
	case s.Did != 0:
		c.did(m, s.Did, s.Stayed)
	case s.Got != nil && isSide(s.Got.By):
		c.got(m, s.Got.Message, s.Got.By)
	}
}

func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

var captureID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// claim makes the runs of a capture a member's. Nobody can claim what somebody else
// has: the ID of a run that is shown to the class is known to all.
func (c *Class) claim(m *member, id string) {
	if len(id) < 8 || len(id) > 64 || !captureID.MatchString(id) || slices.Contains(m.captures, id) {
		return
	}
	cs := c.classes
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if _, taken := cs.seats[id]; taken {
		return
	}
	cs.seats[id] = seat{class: c, key: m.Key}
	m.captures = append(m.captures, id)
	if len(m.captures) > maxCaptures {
		delete(cs.seats, m.captures[0])
		m.captures = m.captures[1:]
	}
}

func (c *Class) forgetCaptures(m *member) {
	cs := c.classes
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, id := range m.captures {
		delete(cs.seats, id)
	}
	m.captures = nil
}
