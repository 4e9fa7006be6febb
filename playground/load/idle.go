package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"time"
)

// measureIdle opens streams that say nothing, and tells what the server's memory
// has grown by for each.
func measureIdle(o options, n int) error {
	c := &class{options: o, ctx: context.Background()}
	before := rss(o.pid)
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	for i := range n {
		conn, err := c.dial(i / 100)
		if err != nil {
			return err
		}
		conns = append(conns, conn)
		request := "GET /play/measure/sse?each=0 HTTP/1.1\r\nHost: " + o.address + "\r\n\r\n"
		if o.over == "ws" {
			request = "GET /play/measure/ws?each=0 HTTP/1.1\r\nHost: " + o.address + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
		}
		fmt.Fprint(conn, request)
		line, err := bufio.NewReaderSize(conn, 16).ReadSlice(' ')
		if err != nil {
			return fmt.Errorf("stream %d: %q: %w", i, line, err)
		}
	}
	time.Sleep(o.settle)
	fmt.Printf("%d idle over %s: %.1f KiB each, as the system sees the process\n", n, o.over, float64(rss(o.pid)-before)/float64(n))
	return nil
}
