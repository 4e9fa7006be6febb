package export

import (
	"testing"
	"time"
)

// Where many captures are followed, documents come less often, and are larger.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		feeds int
		want  time.Duration
	}{{1, interval}, {20, interval}, {50, 200 * time.Millisecond}, {1000, longestInterval}} {
		var p pace
		now := time.Unix(1, 0)
		next := make([]time.Time, c.feeds) // of each feed, which always has something to say
		var last time.Duration
		for now.Before(time.Unix(10, 0)) {
			for i, at := range next {
				if !at.After(now) {
					last = p.wait(now)
					next[i] = now.Add(last)
				}
			}
			now = now.Add(10 * time.Millisecond)
		}
		if off := last - c.want; off.Abs() > c.want/8 {
			t.Errorf("each of %d feeds waits for %v, want %v", c.feeds, last, c.want)
		}
		if wait := p.wait(now.Add(3 * time.Second)); wait != interval {
			t.Errorf("a feed after the %d others waits for %v", c.feeds, wait)
		}
	}
}
