package many

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// Clients of the crowd are this far from the server, each at another distance.
const (
	nearest  = 20 * time.Millisecond
	farthest = 120 * time.Millisecond
)

// errFinal is an answer after which EventSource does not come back.
var errFinal = errors.New("neither 200 nor an event stream")

// A client is one of the crowd. It comes back whenever its connection ends, and
// says which message it had last.
type client struct {
	*run
	distance time.Duration
	retry    time.Duration // that the stream told it
	had      int           // the number of the message that it had last
}

// live connects until ctx ends.
func (c *client) live(ctx context.Context) {
	if !sleep(ctx, rand.N(opening)) {
		return
	}
	for failures := 0; ; failures++ {
		had := c.had
		err := c.connect(ctx)
		if errors.Is(err, errFinal) {
			c.counts.gone.Add(1)
			return
		}
		if c.had > had {
			failures = 0
		}
		if !sleep(ctx, c.policy.grown(c.wait(), failures)) {
			return
		}
	}
}

// wait is the base of the next wait: EventSource takes the time that it was
// told, the other client chooses.
func (c *client) wait() time.Duration {
	if c.side == "sse" && c.retry > 0 {
		return c.retry
	}
	return c.policy.base()
}

// connect reads messages to the end of a connection.
func (c *client) connect(ctx context.Context) error {
	if !sleep(ctx, c.distance) {
		return ctx.Err()
	}
	c.counts.attempts.Add(1)
	if c.side == "sse" {
		return c.readStream(ctx)
	}
	return c.readSocket(ctx)
}

// readStream is what EventSource does (WHATWG HTML §9.2), as far as the service
// needs it.
func (c *client) readStream(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://service/sse", nil)
	if err != nil {
		return err
	}
	if c.had > 0 {
		r.Header.Set("Last-Event-ID", strconv.Itoa(c.had))
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.counts.refused.Add(1)
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		c.counts.refused.Add(1)
		if c.policy.backsOff() { // a loop of its own may try again
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		return errFinal
	}

	newest := c.journal.newest()
	lines, id := bufio.NewReaderSize(resp.Body, 512), 0
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return err
		}
		name, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(": "))
		switch string(name) {
		case "retry":
			ms, _ := strconv.Atoi(string(value))
			c.retry = time.Duration(ms) * time.Millisecond
		case "id":
			id, _ = strconv.Atoi(string(value))
		case "data":
			c.got(id, newest)
		}
	}
}

// readSocket does the same over a WebSocket.
func (c *client) readSocket(ctx context.Context) error {
	address := "ws://service/ws"
	if c.had > 0 {
		address += "?from=" + strconv.Itoa(c.had)
	}
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: c.http})
	if err != nil {
		c.counts.refused.Add(1)
		return err
	}
	defer conn.CloseNow()

	newest := c.journal.newest()
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		c.got(numberOf(data), newest)
	}
}

// got counts a message. Up to the one that was the newest when the client came,
// they are replayed; what is missing before one was lost.
func (c *client) got(number, newest int) {
	c.counts.delivered.Add(1)
	if c.had > 0 && number > c.had+1 {
		c.counts.lost.Add(int64(number - c.had - 1))
	}
	c.had = number
	if number <= newest {
		c.counts.replayed.Add(1)
	} else if at := c.journal.published(number); !at.IsZero() {
		c.counts.late(time.Since(at))
	}
}

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
