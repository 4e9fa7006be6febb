package check

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// left opens a connection, leaves without a word, and looks whether the server's
// process closes its end: on the wire nothing shows that.
func (c *checker) left(ctx context.Context, open func(context.Context) (net.Conn, error)) {
	if c.PID == 0 {
		c.say("left.unknown", "")
		return
	}
	asking, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	before, err := sockets(c.PID)
	if err != nil {
		c.say("left.unseen", "", "pid", c.PID, "error", err.Error())
		return
	}
	conn, err := open(asking)
	if err != nil {
		c.say("left.unseen", "", "pid", c.PID, "error", plainError(err))
		return
	}
	during, _ := sockets(c.PID)
	var new []string
	for socket := range during {
		if !before[socket] {
			new = append(new, socket)
		}
	}
	conn.Close()
	if len(new) == 0 {
		c.say("left.unseen", "", "pid", c.PID, "error", "no new socket")
		return
	}
	begun := time.Now()
	for {
		now, err := sockets(c.PID)
		held := 0
		for _, socket := range new {
			if now[socket] {
				held++
			}
		}
		switch waited := time.Since(begun); {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.say("left.unseen", "", "pid", c.PID, "error", err.Error())
			return
		case held == 0:
			c.say("left.noticed", "", "ms", waited.Milliseconds())
			return
		case waited > c.Listen:
			c.say("left.held", "", "seconds", seconds(waited))
			return
		}
		time.Sleep(50 * time.Millisecond) // another process: there is nothing to wait on
	}
}

// sockets are those that a process has open, by the names that Linux gives them.
func sockets(pid int) (map[string]bool, error) {
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return nil, err
	}
	open := map[string]bool{}
	for _, file := range files {
		name, err := os.Readlink(filepath.Join("/proc", fmt.Sprint(pid), "fd", file.Name()))
		if err == nil && strings.HasPrefix(name, "socket:") {
			open[name] = true
		}
	}
	return open, nil
}
