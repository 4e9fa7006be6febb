// Package agents is the experiment in which an agent calls a tool, and the
// server asks back: a small server of the Model Context Protocol (MCP), revision
// 2025-11-25, over its Streamable HTTP transport, and the same conversation over
// a WebSocket.
//
// Its one tool, book_seat, sends six messages:
//
//	1, 2  notifications/progress
//	3     elicitation/create, which asks the user; it goes on with the answer
//	4, 5  notifications/progress
//	6     the result
//
// The controls cut and how lose the connection that they travel on: before the
// question, after 2, or before the result, after 4. The tool does not notice.
//
// Beside it is what a stream needs of OpenAI's Responses API, at /v1/responses: typed
// events with numbers, and starting again after one. It has the same controls: there the
// connection is lost before the first text, or in the middle of it. The control program
// says which of the two the page's programs speak.
package agents

import (
	"cmp"
	"context"
	"embed"
	"net/http"
	"strings"

	"seewire/playground"
)

//go:embed sse.go ws.go tool.go session.go outbox.go message.go responses.go responses_ws.go response.go sse.js ws.js responses.js responses-ws.js findings.js responses-findings.js recording.json exercise
var source embed.FS

// New returns the experiment, with no session open yet. When life ends, so do all
// sessions.
func New(life context.Context) playground.Experiment {
	all, made := newSessions(life), newResponses()
	return playground.Experiment{
		ID: "agents",
		Controls: []playground.Control{
			{Name: "program", Kind: playground.Choice, Default: "mcp", Choices: []string{"mcp", "responses"}},
			{Name: "answer", Kind: playground.Choice, Default: "window", Choices: []string{"window", "aisle", "decline"}}, // of the user
			{Name: "cut", Kind: playground.Choice, Default: "never", Choices: []string{"never", "question", "result"}},    // before that
			{Name: "how", Kind: playground.Choice, Default: "reset", Choices: []string{"reset", "close"}},
			{Name: "outcome", Kind: playground.Choice, Default: "done", Choices: []string{"done", "failed", "error"}},
			{Name: "ids", Kind: playground.Switch, Default: "on"},        // of mcp
			{Name: "background", Kind: playground.Switch, Default: "on"}, // of responses
			{Name: "every", Kind: playground.Number, Default: "500", Min: 50, Max: 3000, Unit: "ms"},
			{Name: "moments", Kind: playground.Choice, Default: "fixed", Choices: []string{"fixed", "surprise"}},
		},
		SSE:     all.serveSSE,
		WS:      all.serveWS,
		Methods: []string{"GET", "POST", "DELETE"},
		API: &playground.API{
			Paths: []string{"/v1/responses", "/v1/responses/"}, Methods: []string{"GET", "POST", "DELETE"},
			HTTP: made.serve, WS: made.serveWS,
		},
		Shared: func(r *http.Request) string {
			if strings.HasPrefix(r.URL.Path, "/v1/") {
				return ownerOf(r)
			}
			return cmp.Or(playground.RunName(r), "without a run")
		},
		Source:     source,
		Models:     true,
		SSEClients: []string{"sse.js", "responses.js"},
		WSClients:  []string{"ws.js", "responses-ws.js"},
	}
}
