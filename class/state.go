package class

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Shapes of what pages are told. A key that is absent is zero, false or nothing.

type base struct {
	Now       int64          `json:"now"`
	Code      string         `json:"code"`
	Role      string         `json:"role"`
	Here      int            `json:"here"`
	Own       int            `json:"own"`
	CutOff    bool           `json:"cutOff,omitempty"` // this server does not hear the others: who is connected to them is not in it
	Of        int            `json:"of"`
	At        *Place         `json:"at,omitempty"`
	Answers   []string       `json:"answers,omitempty"`
	Solutions []string       `json:"solutions,omitempty"`
	Hints     map[string]int `json:"hints,omitempty"`
	Run       *Run           `json:"run,omitempty"`
}

type me struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Follow bool   `json:"follow"`
}

type memberState struct {
	base
	Me      me                `json:"me"`
	Ask     *askState         `json:"ask,omitempty"`
	Votes   map[string][2]int `json:"votes,omitempty"`
	Wave    *ownWave          `json:"wave,omitempty"`
	Message *ownMessage       `json:"message,omitempty"`
	Asked   bool              `json:"asked,omitempty"`
	Exhibit *ownExhibit       `json:"exhibit,omitempty"`
}

type askState struct {
	Lesson string `json:"lesson"`
	Round  int    `json:"round"`
	Open   bool   `json:"open"`
	Voted  int    `json:"voted"`
	Of     int    `json:"of"`
	Mine   int    `json:"mine,omitempty"`
	Counts []int  `json:"counts,omitempty"`
}

type ownWave struct {
	ID  int      `json:"id"`
	How string   `json:"how"`
	At  int64    `json:"at"`
	SSE *ownMark `json:"sse,omitempty"`
	WS  *ownMark `json:"ws,omitempty"`
}

type ownMark struct {
	Cut   bool   `json:"cut"`
	Back  int64  `json:"back,omitempty"`
	State string `json:"state,omitempty"`
}

type ownMessage struct {
	Message
	SSE int `json:"sse,omitempty"`
	WS  int `json:"ws,omitempty"`
}

type ownExhibit struct {
	Exhibit
	Mine bool `json:"mine,omitempty"`
}

type boardState struct {
	base
	Since    int64          `json:"since"`
	Invite   string         `json:"invite"`
	Over     int64          `json:"over,omitempty"`
	Gone     int64          `json:"gone,omitempty"`
	Lost     []int64        `json:"lost"`
	Who      []who          `json:"who,omitempty"`
	Where    map[string]int `json:"where"`
	Question *question      `json:"question,omitempty"`
	Runs     *runs          `json:"runs,omitempty"`
	Exercise *exercises     `json:"exercise,omitempty"`
	Measured []distribution `json:"measured,omitempty"`
	Waves    []waveState    `json:"waves,omitempty"`
	Message  *allMessage    `json:"message,omitempty"`
	Exhibit  *boardExhibit  `json:"exhibit,omitempty"`
	Wall     Wall           `json:"wall"`
}

type who struct {
	Number  int    `json:"number"`
	Name    string `json:"name"`
	Browser string `json:"browser"`
	Here    bool   `json:"here"`
	Own     bool   `json:"own,omitempty"`
	Lost    int64  `json:"lost,omitempty"`
	Lesson  string `json:"lesson,omitempty"`
	Heading string `json:"heading,omitempty"`
}

type question struct {
	Lesson string       `json:"lesson"`
	Rounds []roundState `json:"rounds"`
	Moved  *Moved       `json:"moved,omitempty"`
}

// Moved is who changed their vote.
type Moved struct {
	To   int `json:"to"`
	Away int `json:"away"`
	Both int `json:"both"`
}

type roundState struct {
	Open    bool  `json:"open"`
	Shown   bool  `json:"shown"`
	Voted   int   `json:"voted"`
	Of      int   `json:"of"`
	Counts  []int `json:"counts,omitempty"`
	Counted int   `json:"counted,omitempty"`
}

type keyed struct {
	Key string `json:"key"`
	N   int    `json:"n"`
}

type runs struct {
	Ran int     `json:"ran"`
	SSE []keyed `json:"sse"`
	WS  []keyed `json:"ws"`
}

type exercises struct {
	Begun  int     `json:"begun"`
	Tried  int     `json:"tried"`
	Solved int     `json:"solved"`
	Fails  []keyed `json:"fails"`
}

type distribution struct {
	What    string    `json:"what"`
	Side    string    `json:"side,omitempty"`
	Browser string    `json:"browser"`
	Values  []float64 `json:"values"`
}

type waveState struct {
	ID      int         `json:"id"`
	How     string      `json:"how"`
	At      int64       `json:"at"`
	Here    int         `json:"here"`
	Lines   int         `json:"lines"`
	Reached int64       `json:"reached"`
	SSE     []markState `json:"sse"`
	WS      []markState `json:"ws"`
}

type markState struct {
	Browser string `json:"browser"`
	Back    int64  `json:"back,omitempty"`
	State   string `json:"state,omitempty"`
}

type allMessage struct {
	Message
	Of  int   `json:"of"`
	SSE []int `json:"sse"`
	WS  []int `json:"ws"`
}

type boardExhibit struct {
	Asked   int  `json:"asked,omitempty"`
	Refused bool `json:"refused,omitempty"`
	*Exhibit
}

func (c *Class) base(role string, now time.Time) base {
	n := c.counts(now)
	b := base{Now: ms(now), Code: c.code, Role: role, CutOff: c.classes.cutOff(), Here: n.here, Own: n.own, Of: n.of,
		Answers: c.r.Answers, Solutions: c.r.Solutions, Hints: c.r.Hints, Run: c.r.Run}
	if c.r.At.Lesson != "" {
		b.At = &c.r.At
	}
	return b
}

// memberStates returns what says to each member how things stand. What is the same for
// all is counted once: counted for each, it would grow with the square of the class.
func (c *Class) memberStates(now time.Time) func(*member) memberState {
	all := memberState{base: c.base("member", now)}
	rounds := c.r.Rounds[c.r.Asked]
	if n := len(rounds); n > 0 {
		r := rounds[n-1]
		voted, of := c.voted(c.r.Asked, n)
		all.Ask = &askState{Lesson: c.r.Asked, Round: n, Open: r.Open, Voted: voted, Of: of}
		if r.Shown {
			all.Ask.Counts = r.Counts
		}
	}
	return func(m *member) memberState {
		s := all
		s.Me, s.Votes, s.Asked = me{m.Number, m.Name, !m.Own}, m.Votes, c.asked == m.Number && !c.refused
		if s.Ask != nil {
			ask := *s.Ask
			ask.Mine = m.Votes[ask.Lesson][ask.Round-1]
			s.Ask = &ask
		}
		if len(c.r.Waves) > 0 {
			w := c.r.Waves[0]
			own := func(side string) *ownMark {
				if mark := w.Marks[side][m.Number]; mark != nil {
					return &ownMark{true, mark.Back.Milliseconds(), mark.State}
				}
				return nil
			}
			s.Wave = &ownWave{w.ID, w.How, ms(w.At), own("sse"), own("ws")}
		}
		if c.r.Message != nil && c.said() {
			s.Message = &ownMessage{*c.r.Message, m.heard["sse"], m.heard["ws"]}
		}
		if c.exhibit != nil {
			s.Exhibit = &ownExhibit{*c.exhibit, c.exhibit.Number == m.Number}
			s.Exhibit.Code, s.Exhibit.Run = nil, nil // these are on the wall, and large
		}
		return s
	}
}

// said says whether the message has been said to all.
func (c *Class) said() bool { return c.sending == nil || c.sending.Said }

func (c *Class) boardState(role string, now time.Time) boardState {
	n := c.counts(now)
	s := boardState{base: c.base(role, now), Since: c.r.Since, Invite: c.invite(), Over: c.r.Over, Lost: n.lost, Where: map[string]int{}, Wall: c.r.Wall}
	if s.Over != 0 {
		s.Gone = s.Over + keepTime.Milliseconds()
	}
	lesson := c.r.At.Lesson
	for _, m := range c.r.Members {
		if m.pages > 0 {
			if m.At.Lesson == lesson {
				s.Where[m.At.Heading]++
			} else {
				s.Where[""]++
			}
		}
		if role == "wall" || !m.came {
			continue
		}
		one := who{m.Number, m.Name, m.Browser, m.pages > 0, m.Own, 0, m.At.Lesson, m.At.Heading}
		if m.pages == 0 {
			one.Lost = ms(m.lost)
		}
		s.Who = append(s.Who, one)
	}
	if lesson != "" {
		s.Question, s.Runs, s.Exercise, s.Measured = c.question(lesson, role), c.runs(lesson), c.exercises(lesson), c.distributions(lesson)
	}
	for _, w := range c.r.Waves {
		s.Waves = append(s.Waves, c.waveState(w))
	}
	if c.r.Message != nil && c.said() {
		s.Message = &allMessage{Message: *c.r.Message, SSE: []int{}, WS: []int{}}
		if c.sending != nil {
			s.Message.Of = c.sending.Of
		}
		for _, m := range c.r.Members {
			if ms := m.heard["sse"]; ms != 0 {
				s.Message.SSE = append(s.Message.SSE, ms)
			}
			if ms := m.heard["ws"]; ms != 0 {
				s.Message.WS = append(s.Message.WS, ms)
			}
		}
		slices.Sort(s.Message.SSE)
		slices.Sort(s.Message.WS)
	}
	switch {
	case c.exhibit != nil:
		e := *c.exhibit
		if role == "phone" {
			e.Code, e.Run = nil, nil // these are large
		}
		s.Exhibit = &boardExhibit{Exhibit: &e}
	case c.asked != 0 && role != "wall":
		s.Exhibit = &boardExhibit{Asked: c.asked, Refused: c.refused}
	}
	return s
}

func (c *Class) question(lesson, role string) *question {
	rounds := c.r.Rounds[lesson]
	if len(rounds) == 0 {
		return nil
	}
	q := &question{Lesson: lesson, Moved: c.moved(lesson)}
	for i, r := range rounds {
		voted, of := c.voted(lesson, i+1)
		one := roundState{Open: r.Open, Shown: r.Shown, Voted: voted, Of: of}
		switch {
		case r.Shown, role == "phone" && r.Counts != nil:
			one.Counts = r.Counts
		case role == "phone" && r.Open && r.Counted > 0:
			one.Counts, one.Counted = r.Seen, r.Counted
		}
		q.Rounds = append(q.Rounds, one)
	}
	return q
}

// top lists keys, most first.
func top(n map[string]int, most int) []keyed {
	all := []keyed{}
	for key, n := range n {
		all = append(all, keyed{key, n})
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Key, b.Key)) })
	return all[:min(len(all), most)]
}

func (c *Class) runs(lesson string) *runs {
	sse, ws, n := map[string]int{}, map[string]int{}, 0
	for _, m := range c.r.Members {
		one, ok := m.Ran[lesson]
		if !ok {
			continue
		}
		n++
		if one.SSE != "" {
			sse[one.SSE]++
		}
		if one.WS != "" {
			ws[one.WS]++
		}
	}
	if n == 0 {
		return nil
	}
	return &runs{n, top(sse, 8), top(ws, 8)}
}

func (c *Class) exercises(lesson string) *exercises {
	e, fails := &exercises{}, map[string]int{}
	for _, m := range c.r.Members {
		one, ok := m.Exercise[lesson]
		if !ok {
			continue
		}
		e.Begun++
		switch one.State {
		case "tried":
			e.Tried++
			for _, f := range one.Fails {
				fails[f]++
			}
		case "solved":
			e.Solved++
		}
	}
	if e.Begun == 0 {
		return nil
	}
	e.Fails = top(fails, 5)
	return e
}

func (c *Class) distributions(lesson string) (all []distribution) {
	by := map[distributionKey][]float64{}
	for _, m := range c.r.Members {
		for _, one := range m.Measured {
			if one.Lesson == lesson {
				k := distributionKey{one.What, one.Side, m.Browser}
				by[k] = append(by[k], one.Value)
			}
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(by), func(a, b distributionKey) int {
		return cmp.Or(cmp.Compare(a.what, b.what), cmp.Compare(a.side, b.side), cmp.Compare(a.browser, b.browser))
	}) {
		slices.Sort(by[k])
		all = append(all, distribution{k.what, k.side, k.browser, by[k]})
	}
	return all
}

type distributionKey struct{ what, side, browser string }

func (c *Class) waveState(w *wave) waveState {
	s := waveState{ID: w.ID, How: w.How, At: ms(w.At), Here: w.Here, Reached: w.Reached.Milliseconds(), SSE: []markState{}, WS: []markState{}}
	people := map[int]bool{}
	for side, to := range map[string]*[]markState{"sse": &s.SSE, "ws": &s.WS} {
		for _, number := range slices.Sorted(maps.Keys(w.Marks[side])) {
			people[number] = true
			mark := w.Marks[side][number]
			one := markState{Browser: mark.Browser}
			if mark.Back != 0 {
				one.Back = max(1, mark.Back.Milliseconds())
			} else {
				one.State = cmp.Or(mark.State, "open")
			}
			*to = append(*to, one)
		}
		// In the order of the members a mark would have a name.
		slices.SortStableFunc(*to, func(a, b markState) int {
			return cmp.Or(cmp.Compare(a.Browser, b.Browser), cmp.Compare(a.Back, b.Back), cmp.Compare(a.State, b.State))
		})
	}
	s.Lines = len(people)
	return s
}
