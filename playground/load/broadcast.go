package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// roomOf is how many streams get the same messages: as many as one capture records.
const roomOf = 500

// broadcast has streams of the experiment many open, which sends each message to all
// of a run. A run waits for more clients than come, so it goes on for 20 seconds.
func broadcast(o options) (*result, error) {
	ctx, stop := context.WithCancel(context.Background())
	c := &class{options: o, ctx: ctx, name: fmt.Sprintf("load%d", time.Now().UnixNano()%1e12)}
	defer c.done.Wait()
	defer stop()
	for i := range o.broadcast {
		if err := c.member(i); err != nil {
			return nil, err
		}
	}
	time.Sleep(min(o.settle, 3*time.Second))
	return c.measure(stop)
}

// member opens one of the streams.
func (c *class) member(i int) error {
	conn, err := c.dial(i)
	if err != nil {
		return err
	}
	if err := c.join(conn, i/roomOf); err != nil {
		return err
	}
	count := func() {
		if c.measuring.Load() {
			atomic.AddInt64(&c.result.tokens, 1)
		}
	}
	if c.over == "ws" {
		f := frames{message: count, closed: func() { atomic.AddInt64(&c.result.short, 1) }}
		c.read(conn, f.add)
		return nil
	}
	c.read(conn, func(p []byte) error {
		for range bytes.Count(p, []byte("\nid: ")) { // comes in one piece
			count()
		}
		return nil
	})
	return nil
}

// join asks for a stream of a run.
func (c *class) join(conn net.Conn, run int) error {
	name := "run"
	if c.recorded {
		name = "capture"
	}
	request := fmt.Sprintf("GET /play/many/%s?crowd=own&clients=1000&%s=%s-%d HTTP/1.1\r\nHost: %s\r\n", c.over, name, c.name, run, c.address)
	if c.over == "ws" {
		request += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	}
	_, err := fmt.Fprint(conn, request, "\r\n")
	return err
}

// message is what the server sends first, and one message as it came.
func message(o options) (pieces [][]byte, err error) {
	o.recorded = false
	c := &class{options: o, ctx: context.Background(), name: fmt.Sprintf("load%d-one", time.Now().UnixNano()%1e12)}
	conn, err := c.dial(0)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := c.join(conn, 0); err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for p := make([]byte, 64<<10); ; {
		n, err := conn.Read(p)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, bytes.Clone(p[:n]))
		if bytes.Contains(p[:n], []byte(`"connected":`)) {
			break
		}
	}
	if len(pieces) < 2 {
		return nil, errors.New("the first message came with the head")
	}
	last := pieces[len(pieces)-1]
	return [][]byte{bytes.Join(pieces[:len(pieces)-1], nil), last}, nil
}
