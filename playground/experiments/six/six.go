// Package six is the experiment in which a browser holds many streams at once:
// over HTTP/1.1 six of them, and what is over that waits in the browser; over
// HTTP/2 all in one connection; over WebSocket each in a connection of its own,
// of which there may be more.
//
// A stream carries one topic, or several that the address names: topics=a,b.
package six

import (
	"embed"
	"net/http"
	"strings"

	"seewire/playground"
)

//go:embed sse.go ws.go sse.js ws.js tab.js findings.js recording.json picture.js picture.css exercise
var source embed.FS

const (
	maxTopics = 20 // of one stream
	maxTopic  = 32 // bytes
)

// New returns the experiment.
func New() playground.Experiment {
	return playground.Experiment{
		ID: "six",
		Controls: []playground.Control{
			{Name: "over", Kind: playground.Choice, Default: "http1", Choices: []string{"http1", "http2"}}, // which listener the page speaks to
			{Name: "streams", Kind: playground.Number, Default: "7", Min: 1, Max: 20},
			{Name: "events", Kind: playground.Number, Default: "4", Min: 1, Max: 20}, // of each topic
			{Name: "every", Kind: playground.Number, Default: "500", Min: 50, Max: 2000, Unit: "ms"},
		},
		SSE:  serveSSE,
		WS:   serveWS,
		Send: serveSend,
		Tabs: &playground.Tabs{
			Program: "tab.js",
			Stream:  "/play/reconnect/sse?cut=0&total=100&every=1000",
			Heading: "share",
		},
		Source:     source,
		SSEClients: []string{"sse.js"},
		WSClients:  []string{"ws.js"},
	}
}

// topicsOf returns what a stream is about. An event stream has no line for what
// is not a name, so that other characters are left out.
func topicsOf(r *http.Request) []string {
	var topics []string
	for topic := range strings.SplitSeq(r.URL.Query().Get("topics"), ",") {
		topic = strings.Map(inName, topic)
		if topic != "" && len(topics) < maxTopics {
			topics = append(topics, topic[:min(len(topic), maxTopic)])
		}
	}
	if topics == nil {
		topics = []string{"message"}
	}
	return topics
}

func inName(c rune) rune {
	if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' {
		return c
	}
	return -1
}
