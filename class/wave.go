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
	id      int
	how     string
	at      time.Time
	here    int
	reached time.Duration // until the last line was cut
	marks   map[string]map[int]*mark
}

// A mark is what became of a member on one side.
type mark struct {
	browser string
	back    time.Duration // 0: is not back
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
	if !ok {
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
		c.tell("in", envelope{Line: &lineNews{s.number, side, what, time.Now().UnixMicro(), wave}})
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
	w := &wave{id: c.r.Ids, how: how, at: now, here: c.counts(now).here, marks: map[string]map[int]*mark{"sse": {}, "ws": {}}}
	c.waves = append([]*wave{w}, c.waves...)
	c.waves = c.waves[:min(len(c.waves), 3)]
	if how == "restart" {
		c.away = now.Add(awayTime)
	}
	for _, m := range c.r.Members {
		for _, l := range m.lines {
			l.state = ""
		}
	}
	c.tell("cut", cutting{w.id, how})
}

// lines returns how many members have a line.
func (c *Class) lines() (n int) {
	for _, m := range c.r.Members {
		if slices.ContainsFunc([]string{"sse", "ws"}, func(side string) bool { return c.lineOf(m, side).open > 0 }) {
			n++
		}
	}
	return n
}

func (c *Class) lineIs(n lineNews) {
	m := c.numbered(n.Member)
	if m == nil {
		return
	}
	l, at := c.lineOf(m, n.Side), time.UnixMicro(n.At)
	switch n.What {
	case "ended":
		l.open--
		return
	case "request":
		l.open++
		if len(c.waves) == 0 {
			return
		}
		w := c.waves[0]
		if mark := w.marks[n.Side][m.Number]; mark != nil && mark.back == 0 {
			mark.back = max(at.Sub(w.at), time.Microsecond)
		}
	case "cut":
		i := slices.IndexFunc(c.waves, func(w *wave) bool { return w.id == n.Wave })
		if i < 0 {
			return
		}
		w := c.waves[i]
		w.reached = max(w.reached, at.Sub(w.at))
		if w.marks[n.Side][m.Number] == nil {
			w.marks[n.Side][m.Number] = &mark{browser: m.Browser}
		}
		c.cutReached(m, w.id)
	}
	c.changeOf(m)
}
