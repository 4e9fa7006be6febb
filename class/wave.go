package class

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Ways to cut.
var cuts = []string{"reset", "end", "silence", "restart"}

// awayTime is how long a server that "restarts" lets nobody in.
const awayTime = 2 * time.Second

// A wave is a cut, and who came back when.
type wave struct {
	ID      int                      `json:"id"`
	How     string                   `json:"how"`
	At      time.Time                `json:"at"`
	Here    int                      `json:"here"`
	Reached time.Duration            `json:"reached"` // until the last line was cut
	Marks   map[string]map[int]*mark `json:"marks"`   // by side and member
}

// A mark is what became of a member on one side.
type mark struct {
	Browser string        `json:"browser"`
	Run     string        `json:"run"`             // whose line was cut: another run is not that one come back
	Back    time.Duration `json:"back,omitempty"`  // 0: is not back
	State   string        `json:"state,omitempty"` // as the page sees it
}

// A cutting tells all lines.
type cutting struct {
	ID  int    `json:"id"`
	How string `json:"how"`
}

// lineNews is what a line says of itself.
type lineNews struct {
	Member int    `json:"member"`
	Side   string `json:"side"`
	Run    string `json:"run"`
	What   string `json:"what"` // "request", "ended" or "cut"
	At     int64  `json:"at"`   // µs since 1970
	Wave   int    `json:"wave,omitempty"`
}

// Enter is called with each request of a run: by its capture, and for "sse" or "ws".
// In a class the line is cut with those of all others, by a call of cut; leave is
// called when it ends, and refused says that the server is said to restart. leave is
// nil where the capture belongs to no class.
func (cs *Classes) Enter(capture, side string, cut func(how string)) (leave func(), refused bool) {
	cs.mu.Lock()
	s, ok := cs.seats[capture]
	cs.mu.Unlock()
	if !ok || s.shown {
		return nil, false
	}
	c := s.class
	now := time.Now()
	c.mu.Lock()
	away := now.Before(c.away)
	c.mu.Unlock()
	if away {
		return nil, true
	}
	news := func(what string, wave int) {
		c.tell("in", envelope{Line: &lineNews{s.number, side, capture, what, time.Now().UnixMicro(), wave}})
	}
	var mu sync.Mutex
	over := false
	unsubscribe, err := cs.options.Bus.Subscribe(c.subject("cut"), func(data []byte) {
		var cutting cutting
		mu.Lock()
		defer mu.Unlock()
		if over || json.Unmarshal(data, &cutting) != nil {
			return
		}
		news("cut", cutting.ID)
		cut(cutting.How)
	})
	if err != nil {
		return nil, false
	}
	news("request", 0)
	return func() {
		unsubscribe()
		mu.Lock()
		over = true
		mu.Unlock()
		news("ended", 0)
	}, false
}

// cut cuts the lines of everybody's runs, and draws a new wave. Those of the class
// itself stay.
func (c *Class) cut(how string, now time.Time) {
	c.r.Ids++
	w := &wave{ID: c.r.Ids, How: how, At: now, Here: c.counts(now).here, Marks: map[string]map[int]*mark{"sse": {}, "ws": {}}}
	c.r.Waves = append([]*wave{w}, c.r.Waves...)
	c.r.Waves = c.r.Waves[:min(len(c.r.Waves), 3)]
	if how == "restart" {
		c.away = now.Add(awayTime)
	}
	c.tell("cut", cutting{w.ID, how})
}

// lines returns how many members have a line.
func (c *Class) lines() (n int) {
	for _, m := range c.r.Members {
		if m.lines["sse"] > 0 || m.lines["ws"] > 0 {
			n++
		}
	}
	return n
}

// lastCut returns what became of a member when its line was cut last: in the newest
// wave, or in one before it that it has not come back from.
func (c *Class) lastCut(m *member, side string) (*wave, *mark) {
	for _, w := range c.r.Waves {
		if mark := w.Marks[side][m.Number]; mark != nil {
			return w, mark
		}
	}
	return nil, nil
}

// lineLooks takes how a line of a run looks to its page.
func (c *Class) lineLooks(m *member, side, run, state string) {
	if _, mark := c.lastCut(m, side); mark != nil && mark.Run == run {
		mark.State = state
		c.changeOf(m)
	}
}

func (c *Class) lineIs(n lineNews) {
	m := c.numbered(n.Member)
	if m == nil {
		return
	}
	at := time.UnixMicro(n.At)
	switch n.What {
	case "ended":
		m.lines[n.Side]--
		return
	case "request":
		m.lines[n.Side]++
		w, mark := c.lastCut(m, n.Side)
		switch {
		case mark == nil || mark.Back != 0:
			return
		case mark.Run == n.Run:
			mark.Back = max(at.Sub(w.At), time.Microsecond)
		default:
			mark.State = "closed" // a new run has ended the one that was cut
		}
	case "cut":
		i := slices.IndexFunc(c.r.Waves, func(w *wave) bool { return w.ID == n.Wave })
		if i < 0 {
			return
		}
		w := c.r.Waves[i]
		w.Reached = max(w.Reached, at.Sub(w.At))
		if w.Marks[n.Side][m.Number] == nil {
			w.Marks[n.Side][m.Number] = &mark{Browser: m.Browser, Run: n.Run}
		}
		c.cutReached(m, w.ID)
	}
	c.keep()
	c.changeOf(m)
}
