package many

import (
	"encoding/json"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// counts are what has happened since the last sample; gone and lost, since the
// run began.
type counts struct {
	attempts, refused   atomic.Int64 // connections, made or not
	delivered, replayed atomic.Int64 // messages, to the crowd
	gone                atomic.Int64 // clients that will not come back
	lost                atomic.Int64 // messages that some client will never have
	latest              atomic.Int64 // the longest that a message took, in ns
}

// late notes how long a message took.
func (c *counts) late(d time.Duration) {
	for {
		longest := c.latest.Load()
		if int64(d) <= longest || c.latest.CompareAndSwap(longest, int64(d)) {
			return
		}
	}
}

// A sample is how the service is doing. It is what the service publishes.
type sample struct {
	Number     int     `json:"n"`
	At         int64   `json:"at"`        // ms since the run began
	Server     string  `json:"server"`    // "up", "down" or "draining"
	Restarted  int64   `json:"restarted"` // ms since the run began; 0 before
	Connected  int     `json:"connected"`
	Attempts   int64   `json:"attempts"`
	Refused    int64   `json:"refused"`
	Delivered  int64   `json:"delivered"`
	Replayed   int64   `json:"replayed"`
	Lag        float64 `json:"lag"` // ms, the longest
	Lost       int64   `json:"lost"`
	Gone       int64   `json:"gone"`
	Goroutines int     `json:"goroutines"` // of the whole process,
	Heap       int     `json:"heap"`       // as is this: kB
}

// take returns the counts as a sample, and begins again.
func (c *counts) take() sample {
	return sample{
		Attempts:   c.attempts.Swap(0),
		Refused:    c.refused.Swap(0),
		Delivered:  c.delivered.Swap(0),
		Replayed:   c.replayed.Swap(0),
		Lag:        float64(c.latest.Swap(0)/10_000) / 100,
		Lost:       c.lost.Load(),
		Gone:       c.gone.Load(),
		Goroutines: runtime.NumGoroutine(),
		Heap:       heap() >> 10,
	}
}

// heap returns how many bytes of memory objects take.
func heap() int {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

func (s sample) String() string {
	text, _ := json.Marshal(s) // numbers and words: nothing that could fail
	return string(text)
}

// numberOf returns the number of the sample that a message is.
func numberOf(data []byte) int {
	var s struct {
		Number int `json:"n"`
	}
	json.Unmarshal(data, &s) // 0 if it is none
	return s.Number
}
