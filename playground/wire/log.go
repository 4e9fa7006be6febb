package wire

import (
	"strings"
	"time"
)

// longestLine is how many bytes of a line of the log are kept.
const longestLine = 500

// A Line is what a server said while it served a request of a capture: what no
// byte on the wire tells, such as a Write that failed.
type Line struct {
	At    time.Time `json:"at"`
	Path  string    `json:"path"`            // that the request was for: "/play/pressure/ws"
	Event string    `json:"event,omitempty"` // for programs that look for it: "ping-unanswered"
	Text  string    `json:"text"`            // at most 500 bytes
	Key   string    `json:"key,omitempty"`   // of the words for it in another language
	Args  []string  `json:"args,omitempty"`  // what stands in these words

	elsewhere bool // another server has said it
}

// Log adds a line at the present time. It counts towards the capture's limits,
// and is dropped where there is no room.
func (c *Capture) Log(line Line) {
	line.At = c.Now().UTC()
	c.log(line)
}

func (c *Capture) log(line Line) {
	if len(line.Text) > longestLine {
		line.Text = strings.ToValidUTF8(line.Text[:longestLine], "") // half a character at the end is none
		line.Key, line.Args = "", nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cost := int64(len(line.Event)+len(line.Text)+len(line.Key)) + segmentCost // the args are parts of the text
	if c.expired.Load() || c.store.full() || c.used+cost > c.store.limits.CaptureBytes {
		return
	}
	c.lines = append(c.lines, line)
	c.hold(cost)
	c.touch()
}

// Lines returns the log so far. Like Snapshot it copies nothing.
func (c *Capture) Lines() []Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines[:len(c.lines):len(c.lines)]
}
