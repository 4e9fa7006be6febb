package class

import (
	"encoding/json"
	"slices"
)

// merge adds what happened at a server that was cut off. It may be done twice.
func (c *Class) merge(state []byte) error {
	var w whole
	if err := json.Unmarshal(state, &w); err != nil || w.Record.Key != c.r.Key {
		return nil // it is another class, which has the same code by chance
	}
	for _, key := range w.Record.Removed {
		if m := c.member(key); m != nil {
			c.remove(m)
		}
	}
	c.mergeRounds(w.Record)
	there := map[string]bool{}
	for _, p := range w.Open {
		there[p.Member] = true
	}
	for i, other := range w.Record.Members {
		if slices.Contains(c.r.Removed, other.Key) || i >= len(w.Members) {
			continue
		}
		m := c.member(other.Key)
		if m == nil {
			if len(c.r.Members) >= maxSeats && !c.makeRoom() {
				continue
			}
			m = &member{Key: other.Key, Browser: other.Browser, heard: map[string]int{}, lost: w.Members[i].Lost, came: w.Members[i].Came}
			c.r.Last++
			m.Number = c.r.Last
			c.r.Members = append(c.r.Members, m)
			there[m.Key] = true
		}
		c.mergeMember(m, other, there[m.Key])
		for _, id := range w.Members[i].Captures {
			c.claim(m, id)
		}
	}
	for _, both := range []struct{ mine, other *[]string }{{&c.r.Answers, &w.Record.Answers}, {&c.r.Solutions, &w.Record.Solutions}} {
		for _, lesson := range *both.other {
			if !slices.Contains(*both.mine, lesson) {
				*both.mine = append(*both.mine, lesson)
			}
		}
	}
	for lesson, hint := range w.Record.Hints {
		c.r.Hints[lesson] = max(c.r.Hints[lesson], hint)
	}
	if c.r.At.Lesson == "" {
		c.r.At = w.Record.At
	}
	for server, seq := range w.Applied {
		c.applied[server] = max(c.applied[server], seq)
	}
	if w.Record.Over != 0 {
		c.close()
	}
	c.keep()
	c.changeAll()
	return nil
}

// mergeRounds adds rounds of votes that only the other side has had.
func (c *Class) mergeRounds(other record) {
	for lesson, rounds := range other.Rounds {
		if mine := c.r.Rounds[lesson]; len(rounds) > len(mine) {
			for _, r := range rounds[len(mine):] {
				added := *r
				if added.Counts != nil { // they are counted again, one after another
					added.Counts = make([]int, len(added.Counts))
				}
				c.r.Rounds[lesson] = append(c.r.Rounds[lesson], &added)
			}
			if other.Asked == lesson {
				c.r.Asked = lesson
			}
		}
	}
}

// mergeMember adds what somebody did on the other side, where they were last if newer.
func (c *Class) mergeMember(m, other *member, newer bool) {
	if newer {
		m.Own, m.At = other.Own, other.At
		if other.Name != m.Name {
			m.Name = c.free(other.Name, m.Number)
		}
	}
	for lesson, votes := range other.Votes {
		for i, answer := range votes {
			if answer != 0 && i < len(c.r.Rounds[lesson]) && (newer || m.Votes[lesson][i] == 0) {
				c.mergeVote(m, lesson, i, answer)
			}
		}
	}
	for lesson, one := range other.Ran {
		if _, has := m.Ran[lesson]; newer || !has {
			put(&m.Ran, lesson, one)
		}
	}
	for at, one := range other.Measured {
		if newer || m.Measured[at] == nil {
			put(&m.Measured, at, one)
		}
	}
	states := []string{"", "begun", "tried", "solved"}
	for lesson, one := range other.Exercise {
		if mine := slices.Index(states, m.Exercise[lesson].State); slices.Index(states, one.State) >= mine {
			put(&m.Exercise, lesson, one)
		}
	}
}

// mergeVote is vote for one of a round that may have been counted.
func (c *Class) mergeVote(m *member, lesson string, i, answer int) {
	votes := m.Votes[lesson]
	before := votes[i]
	votes[i] = answer
	put(&m.Votes, lesson, votes)
	counts := c.r.Rounds[lesson][i].Counts
	if before >= 1 && before <= len(counts) {
		counts[before-1]--
	}
	if answer >= 1 && answer <= len(counts) {
		counts[answer-1]++
	}
}
