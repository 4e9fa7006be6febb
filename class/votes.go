package class

import (
	"slices"
	"time"
)

// fewest is how many have to vote before anybody sees how they voted: three votes
// and three faces are no secret. For the same reason the phone, which sees it before
// the others, sees it in steps of as many.
const fewest = 5

// A round is one of the two votes on a lesson's prediction.
type round struct {
	Open   bool  `json:"open,omitempty"`
	Shown  bool  `json:"shown,omitempty"`
	Counts []int `json:"counts,omitempty"` // once it was closed

	Seen    []int `json:"seen,omitempty"`    // what the phone sees while it is open
	Counted int   `json:"counted,omitempty"` // of so many
	News    int   `json:"news,omitempty"`    // votes since
}

func (c *Class) vote(m *member, lesson string, n, answer int) {
	about, ok := c.classes.options.Lesson(lesson)
	rounds := c.r.Rounds[lesson]
	if !ok || n < 1 || n > len(rounds) || !rounds[n-1].Open || answer < 1 || answer > about.Answers {
		return
	}
	votes := m.Votes[lesson]
	if votes[n-1] == answer {
		return
	}
	votes[n-1] = answer
	put(&m.Votes, lesson, votes)
	r := rounds[n-1]
	r.News++
	voted, of := c.voted(lesson, n)
	if voted >= fewest && (r.News >= fewest || r.Counted == 0 || voted == of && r.Counted < voted) {
		r.Seen, r.Counted, r.News = c.tally(lesson, n, about.Answers), voted, 0
	}
	c.changeOf(m)
}

// voted returns how many have voted in a round, and of how many: of those who are
// counted, and of those who have voted and left.
func (c *Class) voted(lesson string, n int) (voted, of int) {
	now := time.Now()
	for _, m := range c.r.Members {
		has := m.Votes[lesson][n-1] != 0
		if has {
			voted++
		}
		if has || m.counted(now) {
			of++
		}
	}
	return voted, of
}

func (c *Class) tally(lesson string, n, answers int) []int {
	counts := make([]int, answers)
	for _, m := range c.r.Members {
		if answer := m.Votes[lesson][n-1]; answer >= 1 && answer <= answers {
			counts[answer-1]++
		}
	}
	return counts
}

// ask opens the next round about a lesson: before the run, or after it; a third one
// is the second one anew.
func (c *Class) ask(lesson string) (n int, refused string) {
	about, ok := c.classes.options.Lesson(lesson)
	if !ok || about.Answers == 0 {
		return 0, "lesson"
	}
	rounds := c.r.Rounds[lesson]
	if len(rounds) > 0 && rounds[len(rounds)-1].Open {
		return len(rounds), "asked"
	}
	c.r.Asked = lesson
	if c.r.At.Lesson == "" {
		c.r.At.Lesson = lesson
	}
	if len(rounds) == 2 {
		rounds = rounds[:1]
		for _, m := range c.r.Members {
			if votes, ok := m.Votes[lesson]; ok {
				votes[1] = 0
				m.Votes[lesson] = votes
			}
		}
	}
	c.r.Rounds[lesson] = append(rounds, &round{Open: true})
	return len(c.r.Rounds[lesson]), ""
}

// show closes the round that is open and shows it to all, or hides it again.
func (c *Class) show(shown bool) (refused string) {
	lesson := c.r.Asked
	rounds := c.r.Rounds[lesson]
	if len(rounds) == 0 {
		return "nothing-asked"
	}
	r := rounds[len(rounds)-1]
	if !shown {
		r.Shown = false
		return ""
	}
	if r.Open {
		if voted, _ := c.voted(lesson, len(rounds)); voted < fewest {
			return "votes-few"
		}
		about, _ := c.classes.options.Lesson(lesson)
		r.Open, r.Counts = false, c.tally(lesson, len(rounds), about.Answers)
	}
	r.Shown = true
	return ""
}

// moved says how many went to the right answer, and away from it, between two
// rounds that are shown.
func (c *Class) moved(lesson string) *Moved {
	about, _ := c.classes.options.Lesson(lesson)
	rounds := c.r.Rounds[lesson]
	if about.Right == 0 || len(rounds) < 2 || slices.ContainsFunc(rounds, func(r *round) bool { return !r.Shown }) {
		return nil
	}
	moved := &Moved{}
	for _, m := range c.r.Members {
		votes := m.Votes[lesson]
		if votes[0] == 0 || votes[1] == 0 {
			continue
		}
		moved.Both++
		switch before, after := votes[0] == about.Right, votes[1] == about.Right; {
		case after && !before:
			moved.To++
		case before && !after:
			moved.Away++
		}
	}
	if moved.Both < fewest {
		return nil
	}
	return moved
}
