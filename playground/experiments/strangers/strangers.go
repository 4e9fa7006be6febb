// Package strangers is the experiment about who may connect, and what the text
// of one visitor can make another one's page believe.
//
// The server knows its visitor by a cookie, says what only that visitor should
// read, and passes on a note by another user. What is careless in it
// says so, and happens only where a control asks for it. The cookie opens
// nothing, here or elsewhere.
package strangers

import (
	"context"
	"embed"
	"net/http"
	"strings"
	"time"

	"seewire/playground"
)

//go:embed sse.go ws.go cors.go visitor.go sse.js fetch.js ws.js ws_token.js findings.js recording.json exercise
var source embed.FS

const (
	maxReply = 4096                   // bytes
	pause    = 200 * time.Millisecond // between two messages, so that they can be told apart
)

// A server has pages of its own at another origin, or at several.
type server struct {
	own func(*http.Request) []string
}

// New returns the experiment. own lists the origins of the server's own pages,
// as the visitor who makes a request knows them.
func New(own func(*http.Request) []string) playground.Experiment {
	s := &server{own}
	return playground.Experiment{
		ID: "strangers",
		Controls: []playground.Control{
			{Name: "origin", Kind: playground.Choice, Default: "port", Choices: []string{"own", "port", "site", "null"}},
			{Name: "check", Kind: playground.Switch, Default: "on"},
			{Name: "cors", Kind: playground.Choice, Default: "none", Choices: []string{"none", "star", "any", "list"}},
			{Name: "cookie", Kind: playground.Choice, Default: "lax", Choices: []string{"strict", "lax", "none"}},
			{Name: "careful", Kind: playground.Switch, Default: "on"},
			{Name: "ends", Kind: playground.Choice, Default: "lf", Choices: []string{"lf", "cr", "crlf"}},
			{Name: "size", Kind: playground.Number, Default: "5", Max: 65536, Unit: "B"},
			{Name: "note", Kind: playground.Text, Default: "Lunch on me. Bob", MaxBytes: 2000},
		},
		SSE:        s.serveSSE,
		WS:         s.serveWS,
		Send:       s.serveSend,
		Visit:      serveVisit,
		Origins:    true,
		Shown:      []string{"visitor=ada", "Bearer ada", "token=ada", "token.ada"},
		Source:     source,
		SSEClients: []string{"sse.js", "fetch.js"},
		WSClients:  []string{"ws.js", "ws_token.js"},
	}
}

// note is a message to the visitor by another user, with the line ends that the
// control asks for: a form field of a browser can't hold a lone CR.
func note(r *http.Request) string {
	controls := playground.Controls(r)
	ends := map[string]string{"lf": "\n", "cr": "\r", "crlf": "\r\n"}[controls.Text("ends")]
	return strings.ReplaceAll(controls.Text("note"), "\n", ends)
}

// sleep waits for d, or returns the error of ctx when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
