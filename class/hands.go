package class

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
)

// A hand is what the teacher does. It has one of these.
type hand struct {
	ID    string
	Bring *Place
	Ask   *struct{ Lesson string }
	Votes *struct{ Shown bool }
	Run   *struct {
		Lesson   string
		Controls map[string]string
	}
	Cut     *struct{ How string }
	Message *struct{ Text string }
	Exhibit *struct{ Number int }
	Hint    *struct {
		Lesson string
		Hint   int
	}
	Answer *struct {
		Lesson   string
		Exercise bool // or that of the prediction
	}
	Wall *struct {
		Shows string
		Blank *bool
	}
	Rename *struct {
		Number int
		Name   string
	}
	Remove *struct{ Number int }
	Close  *struct{}
	Forget *struct{}
}

// A pending hand is one that pages are doing.
type pending struct {
	N     int // the number of the do
	Done  Done
	Who   map[int]bool // who has it
	Until time.Time
	News  bool
}

// Done is the answer to a hand.
type Done struct {
	ID     string `json:"id"`
	Hand   string `json:"hand"`
	N      int    `json:"n"`
	Of     int    `json:"of"`
	Stayed int    `json:"stayed,omitempty"`
	Again  bool   `json:"again,omitempty"`
	Error  string `json:"error,omitempty"`
}

const pendingTime = 10 * time.Second

// Limits of a hand.
const (
	maxMessage  = 300 // characters
	maxControls = 24
	maxControl  = 2048 // bytes of a value
)

var walls = []string{"code", "question", "votes", "runs", "wave", "exercise", "exhibit", "program", "message", "measured"}

// teacherSays takes what the board or the phone says; the wall says nothing.
func (c *Class) teacherSays(e envelope) {
	if e.Arrived {
		c.arrives(e.Page, openPage{Server: e.Server, Role: e.Role})
		c.change()
		return
	}
	var said struct{ Hand *hand }
	if e.Role == "wall" || json.Unmarshal(e.Text, &said) != nil || said.Hand == nil {
		return
	}
	h := said.Hand
	var payload struct{ Hand map[string]json.RawMessage }
	json.Unmarshal(e.Text, &payload) // as above
	delete(payload.Hand, "id")
	press, _ := json.Marshal(payload.Hand)
	now := time.Now()
	name := ""
	for key := range payload.Hand {
		name = key
	}
	done := Done{ID: h.ID, Hand: name}
	switch {
	case len(payload.Hand) != 1 || len(h.ID) > 64 || len(press) > 8<<10:
		done.Hand, done.Error = "", "hand"
	case c.r.Over != 0 && h.Forget == nil:
		done.Error = "over"
	case now.Sub(c.presses[string(press)]) < pressTime:
		done.Again = true
	default:
		c.presses[string(press)] = now
		c.tellDoing(e)
		c.do(h, &done, now)
		c.keep()
	}
	c.answer(done)
}

func (c *Class) answer(done Done) {
	for _, role := range []string{"board", "phone"} {
		c.tell("to."+role, map[string]Done{"done": done})
	}
}

// all are the members that a hand is for.
func (c *Class) all(also func(*member) bool) (n int) {
	for _, m := range c.r.Members {
		if m.pages > 0 && (also == nil || also(m)) {
			n++
		}
	}
	return n
}

// doAll has the pages of all members do something.
func (c *Class) doAll(name string, what any, done *Done, of int) {
	c.dos++
	done.Of = of
	c.pending = append(c.pending, &pending{N: c.dos, Done: *done, Who: map[int]bool{}, Until: time.Now().Add(pendingTime)})
	if len(c.pending) > 20 {
		c.pending = c.pending[1:]
	}
	c.tell("all", map[string]any{"do": map[string]any{"n": c.dos, name: what}})
}

func (c *Class) do(h *hand, done *Done, now time.Time) {
	lesson := func(slug string) bool { _, ok := c.classes.options.Lesson(slug); return ok }
	everybody := c.all(nil)
	done.N, done.Of = everybody, everybody
	defer c.changeAll()
	shows := ""
	switch {
	case h.Bring != nil:
		if !lesson(h.Bring.Lesson) || h.Bring.Heading != "" && !named(h.Bring.Heading) {
			done.Error = "lesson"
			return
		}
		c.r.At = *h.Bring
		if h.Bring.Heading == "exercise" {
			shows = "exercise"
		}
		done.N = 0
		follow := func(m *member) bool { return !m.Own }
		done.Of = c.all(follow)
		c.dos++
		c.pending = append(c.pending, &pending{N: c.dos, Done: *done, Who: map[int]bool{}, Until: now.Add(pendingTime)})
		for _, m := range c.r.Members {
			if m.pages > 0 && follow(m) {
				c.tell("to."+m.Key, map[string]any{"do": map[string]any{"n": c.dos, "bring": h.Bring}})
			}
		}
	case h.Ask != nil:
		n, refused := c.ask(h.Ask.Lesson)
		if refused != "" {
			done.Error = refused
			return
		}
		shows, done.N = "question", 0
		c.doAll("ask", map[string]any{"lesson": h.Ask.Lesson, "round": n}, done, everybody)
	case h.Votes != nil:
		if done.Error = c.show(h.Votes.Shown); done.Error == "" {
			shows = map[bool]string{true: "votes", false: "question"}[h.Votes.Shown]
		}
	case h.Run != nil:
		if !lesson(h.Run.Lesson) || !areControls(h.Run.Controls) {
			done.Error = "lesson"
			return
		}
		c.r.Run = &Run{h.Run.Lesson, h.Run.Controls, ms(now)}
		shows, done.N = "runs", 0
		c.doAll("run", c.r.Run, done, everybody)
	case h.Cut != nil:
		if !slices.Contains(cuts, h.Cut.How) {
			done.Error = "how"
			return
		}
		done.N, done.Of = 0, c.cutLines()
		c.cut(h.Cut.How, now)
		shows = "wave"
		c.dos++
		c.tell("all", map[string]any{"do": map[string]any{"n": c.dos, "cut": cutting{c.r.Ids, h.Cut.How}}})
		c.pending = append(c.pending, &pending{N: -c.r.Ids, Done: *done, Who: map[int]bool{}, Until: now.Add(pendingTime)})
	case h.Message != nil:
		text, ok := cleanText(h.Message.Text)
		if !ok {
			done.Error = "text"
			return
		}
		c.sending = nil
		if text == "" {
			c.r.Message = nil
			return
		}
		done.N = 0
		c.send(text, done, now)
		shows = "message"
	case h.Exhibit != nil:
		m := c.numbered(h.Exhibit.Number)
		switch {
		case h.Exhibit.Number == 0:
			c.endExhibit()
			c.asked, c.refused = 0, false
		case m == nil || m.pages == 0:
			done.Error = "nobody"
		default:
			c.endExhibit()
			c.asked, c.refused = m.Number, false
			done.N, done.Of = 1, 1
		}
	case h.Hint != nil:
		if !lesson(h.Hint.Lesson) || h.Hint.Hint < 1 || h.Hint.Hint > 20 {
			done.Error = "lesson"
			return
		}
		c.r.Hints[h.Hint.Lesson] = max(c.r.Hints[h.Hint.Lesson], h.Hint.Hint)
		shows, done.N = "exercise", 0
		c.doAll("hint", map[string]any{"lesson": h.Hint.Lesson, "hint": h.Hint.Hint}, done, everybody)
	case h.Answer != nil:
		if !lesson(h.Answer.Lesson) {
			done.Error = "lesson"
			return
		}
		shown, what := &c.r.Answers, map[string]any{"lesson": h.Answer.Lesson}
		if h.Answer.Exercise {
			shown, what["exercise"] = &c.r.Solutions, true
		}
		if !slices.Contains(*shown, h.Answer.Lesson) {
			*shown = append(*shown, h.Answer.Lesson)
		}
		done.N = 0
		c.doAll("answer", what, done, everybody)
	case h.Wall != nil:
		if h.Wall.Shows != "" && !slices.Contains(walls, h.Wall.Shows) {
			done.Error = "wall"
			return
		}
		if h.Wall.Shows != "" {
			c.r.Wall.Shows = h.Wall.Shows
		}
		c.r.Wall.Blank = h.Wall.Blank != nil && *h.Wall.Blank
	case h.Rename != nil, h.Remove != nil:
		c.changeMember(h, done)
	case h.Close != nil:
		c.close()
	case h.Forget != nil:
		c.close()
		c.r.Over = ms(now.Add(-keepTime)) // the next tick takes it away
	default:
		done.Error = "hand"
	}
	if shows != "" {
		c.r.Wall = Wall{Shows: shows}
	}
}

func (c *Class) changeMember(h *hand, done *Done) {
	number := 0
	if h.Rename != nil {
		number = h.Rename.Number
	} else {
		number = h.Remove.Number
	}
	m := c.numbered(number)
	if m == nil {
		done.Error = "nobody"
		return
	}
	if h.Remove != nil {
		c.remove(m)
		return
	}
	name, err := cleanName(h.Rename.Name)
	if err != nil {
		done.Error = "text"
		return
	}
	m.Name = c.free(name, m.Number)
}

// areControls says whether these may be handed to pages, which check them as they
// check what a person sets.
func areControls(controls map[string]string) bool {
	if len(controls) > maxControls {
		return false
	}
	for name, value := range controls {
		if !named(name) || len(value) > maxControl || !utf8.ValidString(value) {
			return false
		}
	}
	return true
}

// cleanText takes a message as a name is taken, but for its length.
func cleanText(text string) (string, bool) {
	if utf8.RuneCountInString(text) > maxMessage {
		return "", false
	}
	return clean(text)
}

// did notes that a member's page has done what it was told.
func (c *Class) did(m *member, n int, stayed bool) {
	for _, p := range c.pending {
		if p.N == n && !p.Who[m.Number] {
			p.Who[m.Number], p.News = true, true
			p.Done.N++
			if stayed {
				p.Done.Stayed++
			}
			c.flushLater()
		}
	}
}

// cutReached notes that a member's line was cut.
func (c *Class) cutReached(m *member, wave int) { c.did(m, -wave, false) }

// tellPending tells the teacher how many have done what they were told.
func (c *Class) tellPending() {
	for _, p := range c.pending {
		if p.News {
			p.News = false
			p.Done.Of = max(p.Done.Of, p.Done.N)
			c.answer(p.Done)
		}
	}
}

// expire lets go of what nobody waits for any more.
func (c *Class) expire(now time.Time) {
	c.pending = slices.DeleteFunc(c.pending, func(p *pending) bool { return now.After(p.Until) })
	for press, at := range c.presses {
		if now.Sub(at) > pressTime {
			delete(c.presses, press)
		}
	}
}

// close ends the class; its results stay for keepTime.
func (c *Class) close() {
	if c.r.Over != 0 {
		return
	}
	c.r.Over = ms(time.Now())
	c.asked, c.exhibit, c.sending = 0, nil, nil
	for _, m := range c.r.Members {
		c.forgetCaptures(m)
	}
	c.dos++
	c.tell("all", map[string]any{"do": map[string]any{"n": c.dos, "over": struct{}{}}})
	c.publish("all", []byte("!4010 "+ErrOver.Error()))
	c.keep()
	c.change()
}

// An Exhibit is a member's run that the class may see, by its yes.
type Exhibit struct {
	Number  int               `json:"number"`
	Name    string            `json:"name"`
	Lesson  string            `json:"lesson"`
	Capture string            `json:"capture,omitempty"`
	Code    map[string]string `json:"code,omitempty"`
	Run     json.RawMessage   `json:"run,omitempty"` // what the member's page knows of it, for the board and the wall
}

// markShown notes that all know the capture of a run.
func (c *Class) markShown(id string) {
	cs := c.classes
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if s, ok := cs.seats[id]; ok {
		s.shown = true
		cs.seats[id] = s
	}
}

// endExhibit takes the run that is shown from the wall, which else would be empty.
func (c *Class) endExhibit() {
	c.exhibit = nil
	if c.r.Wall.Shows == "exhibit" || c.r.Wall.Shows == "program" {
		c.r.Wall.Shows = ""
	}
}

// answersExhibit is a member's yes or no, which it may take back at any time.
func (c *Class) answersExhibit(m *member, yes bool, e Exhibit) {
	switch {
	case !yes && c.exhibit != nil && c.exhibit.Number == m.Number:
		c.endExhibit()
	case !yes && c.asked == m.Number:
		c.refused = true
	case yes && c.asked == m.Number:
		c.claim(m, e.Capture)                                           // that of an exercise is told now
		if e.Capture != "" && !slices.Contains(m.captures, e.Capture) { // only a run of one's own
			return
		}
		for side := range e.Code {
			if !isSide(side) {
				return
			}
		}
		if !c.hasLine(m) {
			c.markShown(e.Capture)
			go c.copyNow() // before somebody else runs into it
		}
		e.Number, e.Name = m.Number, m.Name
		c.asked, c.refused, c.exhibit = 0, false, &e
		c.r.Wall = Wall{Shows: "exhibit"}
	default:
		return
	}
	c.changeAll()
}
