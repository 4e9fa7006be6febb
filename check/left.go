package check

import (
	"context"
	"errors"
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
	// A short stream may be over, on a busy machine, before its socket is looked for.
	var new []string
	for tries := 3; len(new) == 0; tries-- {
		if tries == 0 {
			c.say("left.unseen", "", "pid", c.PID, "error", "no new socket")
			return
		}
		var err error
		if new, err = c.leave(ctx, open); err != nil {
			c.say("left.unseen", "", "pid", c.PID, "error", err.Error())
			return
		}
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

// leave opens a connection and leaves it. It returns the sockets that the process had
// for it.
func (c *checker) leave(ctx context.Context, open func(context.Context) (net.Conn, error)) (new []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	before, err := sockets(c.PID)
	if err != nil {
		return nil, err
	}
	conn, err := open(ctx)
	if err != nil {
		return nil, errors.New(plainError(err))
	}
	defer conn.Close()
	during, err := sockets(c.PID)
	for socket := range during {
		if !before[socket] {
			new = append(new, socket)
		}
	}
	return new, err
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
