package many

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// What goes to many clients is formatted once: a further client costs no memory, neither
// for a copy of the message nor for the write.
func TestFormattedOnce(t *testing.T) {
	for _, side := range []string{"sse", "ws"} {
		t.Run(side, func(t *testing.T) {
			few, many := perMessage(t, side, 10), perMessage(t, side, 200)
			// With the race detector a sync.Pool forgets some of what it is given.
			if more := (many - few) / 190; more > 0.5 {
				t.Errorf("a message makes %v allocations for 10 clients and %v for 200: %.1f for each client", few, many, more)
			}
		})
	}
}

// perMessage is how many allocations a message makes that is published to so many clients.
func perMessage(t *testing.T, side string, clients int) (allocations float64) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(maxJournal)
		s := &server{hub: newHub(j), counts: new(counts)}
		served := experimenttest.Start(t, playground.Experiment{SSE: s.serveSSE, WS: s.serveWS}, playground.Limits{})
		head := "GET /" + side + " HTTP/1.1\r\nHost: experiment.test\r\n"
		if side == "ws" {
			head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
		}
		text := strings.Repeat("x", 300)
		var got atomic.Int64
		for range clients {
			conn := served.Dial()
			defer conn.Close()
			io.WriteString(conn, head+"\r\n")
			go countIn(conn, text, &got)
		}
		synctest.Wait()
		const messages = 20
		allocations = testing.AllocsPerRun(messages, func() {
			s.hub.publish(j.add(text))
			synctest.Wait()
		})
		if want := int64(clients * (messages + 1)); got.Load() != want { // once before it counts
			t.Errorf("%d messages came, not %d", got.Load(), want)
		}
		s.hub.close(cut)
	})
	return allocations
}

// countIn counts how often a text comes, each time in one piece.
func countIn(conn net.Conn, text string, got *atomic.Int64) {
	p, want := make([]byte, 4<<10), []byte(text)
	for {
		n, err := conn.Read(p)
		if err != nil {
			return
		}
		got.Add(int64(bytes.Count(p[:n], want)))
	}
}
