// Package measure is the experiment that times both sides: messages that the
// server pushes, each with the time at which it left, and questions that are
// answered at once, by POST or over the socket. Beside them two programs ask for the
// same messages again and again: polling and long polling.
//
// The clients do the measuring. The server keeps nothing between two requests.
package measure

import (
	"context"
	"embed"
	"net/http"
	"strconv"
	"strings"
	"time"

	"seewire/playground"
)

//go:embed sse.go poll.go ws.go sse.js longpoll.js poll.js ws.js findings.js recording.json picture.js picture.css polls.js samples.js result.js bytes.js clock.js chart.js exercise
var source embed.FS

const (
	maxQuestion = 32 << 10 // bytes
	maxWaiting  = 100      // answers that one socket waits for
)

// New returns the experiment.
func New() playground.Experiment {
	return playground.Experiment{
		ID: "measure",
		Controls: []playground.Control{
			// A round is a connection on each side, and in WebKitGTK one more for each POST; a capture holds 512.
			{Name: "size", Kind: playground.Number, Default: "32", Min: 1, Max: 16384, Unit: "B"},
			{Name: "every", Kind: playground.Number, Default: "5", Min: 0, Max: 50, Unit: "ms"},
			{Name: "rounds", Kind: playground.Number, Default: "20", Min: 1, Max: 25},
			{Name: "each", Kind: playground.Number, Default: "10", Min: 0, Max: 40},
			{Name: "ask", Kind: playground.Number, Default: "25", Min: 1, Max: 1000, Unit: "ms"},
			{Name: "delay", Kind: playground.Number, Default: "0", Min: 0, Max: 200, Unit: "ms"},
		},
		SSE:         serveSSE,
		WS:          serveWS,
		Send:        serveSend,
		Poll:        servePoll,
		Chart:       true,
		Source:      source,
		SSEClients:  []string{"sse.js"},
		PollClients: []string{"longpoll.js", "poll.js"},
		WSClients:   []string{"ws.js"},
	}
}

// stamped is a message with the server's clock before it, in milliseconds since
// 1970 with three decimals.
func stamped(text string) string { return stampedAt(time.Now(), text) }

// stampedAt is a message of an earlier moment.
func stampedAt(moment time.Time, text string) string {
	return strconv.FormatFloat(float64(moment.UnixMicro())/1000, 'f', 3, 64) + " " + text
}

// filler is a text of so many bytes.
func filler(bytes int) string { return strings.Repeat("x", bytes) }

// wait lets time pass. The error says that ctx has ended before.
func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// refuse answers a question that is too long.
func refuse(w http.ResponseWriter, err error) {
	playground.Problem{
		Status: http.StatusRequestEntityTooLarge,
		Code:   "too-large",
		Title:  "The question is too long",
		Detail: err.Error(),
	}.Write(w)
}
