package silence

import (
	"math"
	"math/rand/v2"
	"net/http"
	"time"

	"seewire/playground"
)

// A step is what happens to a line after a number has arrived.
type step struct {
	then  string        // a choice of the control of that name; "" for nothing
	pause time.Duration // for "quiet" and "slow": how long
}

// A plan is what happens on one line.
type plan struct {
	steps map[int]step // by the number that they follow
	total int          // the last number
}

// newPlan returns the plan for a request.
func newPlan(r *http.Request) plan {
	controls := playground.Controls(r)
	if controls.Text("moments") == "surprise" {
		return surprise(controls.Duration("pause"), controls.Duration("every"), playground.Random(r))
	}
	after := controls.Int("after")
	if after == 0 {
		return plan{total: 4}
	}
	s := step{controls.Text("then"), controls.Duration("pause")}
	return plan{map[int]step{after: s}, last(after, s.then)}
}

// surprise returns a plan in which the line is quiet for a pause and slow for a
// third of it, in either order, and then dead, at random moments. A
// number is due every so often, also while the line is slow: the next step waits
// until all is well again. The last moment varies by more than the time that the
// exercise leaves for an alarm, so that no alarm by the clock alone is always right.
func surprise(pause, every time.Duration, random *rand.Rand) plan {
	first, second := step{"quiet", pause}, step{"slow", pause / 3}
	if random.IntN(2) == 0 {
		first, second = second, first
	}
	p, n := plan{steps: map[int]step{}}, 0
	for _, s := range []step{first, second, {then: "dead"}} {
		choices := 3
		if s.then == "dead" {
			choices = 10
		}
		n += 1 + random.IntN(choices)
		p.steps[n] = s
		if s.then == "slow" {
			n += 1 + int(s.pause/every)
		}
	}
	p.total = last(n, "dead")
	return p
}

// last returns the number to end with, a few after the step. Into a dead line a
// server counts for as long as it runs.
func last(n int, then string) int {
	if then == "dead" {
		return math.MaxInt
	}
	return n + 4
}

// after returns what happens now that n has arrived, once.
func (p plan) after(n int) step {
	s := p.steps[n]
	delete(p.steps, n)
	return s
}
