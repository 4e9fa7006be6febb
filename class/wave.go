package class

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

// Ways to cut.
var cuts = []string{"reset", "end", "silence", "restart"}

// awayTime is how long a server that "restarts" lets nobody in.
const awayTime = 2 * time.Second

// maxWaves is how many cuts are shown.
const maxWaves = 3

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
	ID     string        `json:"id"`
	Member string        `json:"member"` // the hash of a key
	Side   string        `json:"side"`
	Run    string        `json:"run"`
	What   string        `json:"what"`            // "request", "ended" or "cut"
	At     int64         `json:"at"`              // µs since 1970
	After  map[int]int64 `json:"after,omitempty"` // µs since this server heard of each cut: the clocks of others differ
	Wave   int           `json:"wave,omitempty"`
}

// An openLine is a request of a run that is being answered.
type openLine struct{ Server, Member, Side string }

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
	id := newKey()
	news := func(what string, wave int) {
		now := time.Now()
		n := &lineNews{ID: id, Member: s.key, Side: side, Run: capture, What: what, At: now.UnixMicro(), Wave: wave}
		c.mu.Lock()
		defer c.mu.Unlock()
		switch what {
		case "request":
			c.localLines[id] = openLine{c.classes.id(), s.key, side}
			n.After = map[int]int64{}
			for wave, at := range c.cutAt {
				n.After[wave] = now.Sub(at).Microseconds()
			}
		case "ended":
			delete(c.localLines, id)
		}
		c.say(envelope{Line: n})
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
	c.r.Waves = c.r.Waves[:min(len(c.r.Waves), maxWaves)]
	c.tell("cut", cutting{w.ID, how})
}

// hearsCut notes on each server that the lines are cut.
func (c *Class) hearsCut(data []byte) {
	var cutting cutting
	if json.Unmarshal(data, &cutting) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if cutting.How == "restart" {
		c.away = now.Add(awayTime)
	}
	if _, again := c.cutAt[cutting.ID]; !again {
		c.cutAt[cutting.ID] = now
		if len(c.cutAt) > maxWaves {
			delete(c.cutAt, slices.Min(slices.Collect(maps.Keys(c.cutAt))))
		}
	}
}

// cutLines returns how many members have a line.
func (c *Class) cutLines() int {
	with := map[string]bool{}
	for _, line := range c.lines {
		with[line.Member] = true
	}
	return len(with)
}

func (c *Class) hasLine(m *member) bool {
	for _, line := range c.lines {
		if line.Member == m.Key {
			return true
		}
	}
	return false
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

func (c *Class) lineIs(e envelope, at time.Time) {
	n := e.Line
	if n.What == "ended" {
		delete(c.lines, n.ID)
		return
	}
	m := c.member(n.Member)
	if m == nil {
		return
	}
	if e.Server == c.classes.id() {
		at = time.UnixMicro(n.At)
	}
	switch n.What {
	case "request":
		c.lines[n.ID] = openLine{e.Server, n.Member, n.Side}
		w, mark := c.lastCut(m, n.Side)
		switch {
		case mark == nil || mark.Back != 0:
			return
		case mark.Run == n.Run:
			back := at.Sub(w.At)
			if after, heard := n.After[w.ID]; heard {
				back = time.Duration(after) * time.Microsecond
			}
			mark.Back = max(back, time.Microsecond)
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
