package many

import (
	"math/rand/v2"
	"time"
)

// longestBackoff is how many times the delay a client waits at most.
const longestBackoff = 8

// A policy says how long clients wait before they come back.
type policy struct {
	name  string // "fixed", "backoff", "jitter" or "both"
	delay time.Duration
}

// base is the wait before the first attempt. With jitter it is from half the
// delay to one and a half: the same on average, and another one for each client.
func (p policy) base() time.Duration {
	if p.name == "jitter" || p.name == "both" {
		return p.delay/2 + rand.N(p.delay)
	}
	return p.delay
}

// grown is the wait after so many failures in a row. With backoff each may be
// twice as long as the one before.
func (p policy) grown(base time.Duration, failures int) time.Duration {
	if p.backsOff() {
		return base * time.Duration(min(1<<min(failures, 10), longestBackoff))
	}
	return base
}

// backsOff reports whether the clients count their failures. EventSource does
// not: such a client is a program with a loop of its own, over SSE too.
func (p policy) backsOff() bool {
	return p.name == "backoff" || p.name == "both"
}
