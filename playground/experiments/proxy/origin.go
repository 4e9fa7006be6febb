package proxy

import (
	"time"

	"seewire/playground"
)

// maxTotal is how far the server counts at most.
const maxTotal = 100

// origins are the server, and the same once more with a WriteTimeout: it counts
// from the request's head to the last byte of the answer.
func origins() []playground.Backend {
	plain := playground.Backend{Host: "origin", SSE: serveSSE, WS: serveWS}
	hasty := playground.Backend{Host: "hasty-origin", SSE: serveSSE, WS: serveWS, WriteTimeout: time.Second}
	return []playground.Backend{plain, hasty}
}

// hostFor returns the name of the server that a fault needs.
func hostFor(fault string) string {
	if fault == "deadline" {
		return "hasty-origin"
	}
	return "origin"
}

// pauseAfter is how long the server waits when it has sent number n.
func pauseAfter(n int, controls playground.Values) time.Duration {
	if pause := controls.Duration("pause"); pause > 0 && n == controls.Int("total")-2 {
		return pause
	}
	return controls.Duration("every")
}

// beats returns what says that it is time for a heartbeat: twice within the
// proxy's patience. Without the remedy it never does.
func beats(controls playground.Values) (c <-chan time.Time, stop func()) {
	if controls.Text("remedy") != "heartbeat" {
		return nil, func() {}
	}
	ticker := time.NewTicker(controls.Duration("timeout") / 2)
	return ticker.C, ticker.Stop
}
