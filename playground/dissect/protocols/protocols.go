// Package protocols joins the dissectors of the protocols: it says which goes on
// where another one hands over. The protocols do not know each other.
package protocols

import (
	"cmp"
	"fmt"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
	"seewire/playground/dissect/http1"
	"seewire/playground/dissect/http2"
	"seewire/playground/dissect/ndjson"
	"seewire/playground/dissect/sse"
	"seewire/playground/dissect/websocket"
)

// table says who goes on after whom. Each event stream that is found is given
// to found too.
func table(found func(*sse.Stream)) *dissect.Protocols {
	contents := []dissect.ContentType{{
		MediaType: sse.MediaType,
		Check:     sse.Check,
		Mistyped:  sse.Mistyped,
		New: func(h *dissect.Direction, response *dissect.Head, carrier dissect.Carrier) dissect.Content {
			if !sse.Is(response) {
				return nil
			}
			s := sse.New(h, carrier)
			found(s)
			return s
		},
	}}
	for _, mediaType := range ndjson.MediaTypes() {
		contents = append(contents, dissect.ContentType{MediaType: mediaType, New: newLines})
	}
	return &dissect.Protocols{
		Contents: contents,
		Upgrades: []dissect.Upgrade{{
			Token:         "websocket",
			Asks:          "sec-websocket-key",
			Answers:       "sec-websocket-accept",
			CheckRequest:  websocket.CheckOpening,
			CheckResponse: websocket.CheckUpgrade,
			New: func(_, response *dissect.Head, _ int) func(h *dissect.Direction) dissect.Parser {
				return func(h *dissect.Direction) dissect.Parser {
					return websocket.New(h, response.Get("sec-websocket-extensions"))
				}
			},
		}, {
			Token:         "h2c",
			CheckRequest:  func(*dissect.Head) dissect.Violations { return nil },
			CheckResponse: func(_, _ *dissect.Head) dissect.Violations { return nil },
			New: func(request, _ *dissect.Head, exchange int) func(h *dissect.Direction) dissect.Parser {
				return http2.Upgraded(request, exchange)
			},
		}},
		Prefaces: []dissect.Preface{{Line: http2.PrefaceLine, Server: http2.ServerBegins, New: http2.New}},
		Resume:   resume,
	}
}

// newLines reads a body of JSON line by line.
func newLines(h *dissect.Direction, _ *dissect.Head, carrier dissect.Carrier) dissect.Content {
	if carrier.Inflated {
		return ndjson.Inflated(h, carrier)
	}
	return dissect.NewNested(h, carrier.Stream, cmp.Or(carrier.Exchange, h.Exchange), ndjson.New)
}

// A Start is what a connection begins with in a recording.
type Start struct {
	Protocol   string // "http1" and what it hands over to, "http2", "websocket", "sse"
	Extensions string // that were agreed on, of "websocket"
	Saved      bool   // a tool has written down what both sides have sent
	Events     bool   // of "http2": streams whose response is not there carry events
}

// New returns the dissector of a connection that starts with HTTP/1.1 on both
// sides, and goes on as WebSocket after a 101. A side that starts with the
// preface of HTTP/2 makes it that. The frames carry the connection's number, and
// what they cost is taken from the budget of the document.
func New(connection int, b *dissect.Budget) *dissect.Conversation {
	return begin(connection, b, func(*sse.Stream) {})
}

// NewAt returns the dissector of a connection whose recording starts with
// something else. A protocol that is not known here is "http1".
func NewAt(start Start, connection int, b *dissect.Budget) *dissect.Conversation {
	c := New(connection, b)
	if start.Saved {
		c.Saved()
	}
	client, server := c.Direction(dissect.Client), c.Direction(dissect.Server)
	switch start.Protocol {
	case "http2":
		mediaType := ""
		if start.Events {
			mediaType = sse.MediaType
		}
		http2.Middle(client, server, mediaType)
	case "websocket":
		client.Parser, server.Parser = websocket.Middle(client, start.Extensions), websocket.Middle(server, start.Extensions)
	case "sse":
		server.Parser = http1.NewBody(server, sse.New(server, dissect.Carrier{}))
	case sseChunks:
		http1.StartChunks(client, server, sse.New(server, dissect.Carrier{}))
	}
	return c
}

// resume guesses what goes on behind a gap in a recording.
func resume(h *dissect.Direction, p []byte) dissect.Parser {
	if isWebSocket(p, strictly) && MaskSide(p) == h.From {
		return websocket.Middle(h, deflateIn(p))
	}
	return nil
}

func begin(connection int, b *dissect.Budget, found func(*sse.Stream)) *dissect.Conversation {
	c := dissect.New(connection, b, table(found))
	http1.Start(c.Direction(dissect.Client), c.Direction(dissect.Server))
	return c
}

// startOneSided returns the dissector of one direction that starts with the
// protocol.
func startOneSided(b *dissect.Budget, protocol string, from dissect.Side, extensions string, found func(*sse.Stream)) (*dissect.Conversation, error) {
	if from != dissect.Client && from != dissect.Server {
		return nil, fmt.Errorf("dissect: unknown side %q", from)
	}
	c := begin(1, b, found)
	c.Saved()
	h := c.Direction(from)
	switch protocol {
	case "http1":
	case "http2":
		h.Parser = http2.OneSide(h)
	case "sse":
		s := sse.New(h, dissect.Carrier{})
		found(s)
		h.Parser = http1.NewBody(h, s)
	case "ndjson":
		h.Parser = ndjson.New(h)
	case "json":
		h.Parser = ndjson.NewArray(h)
	case "websocket":
		h.Parser = websocket.New(h, extensions)
	default:
		return nil, fmt.Errorf("dissect: unknown protocol %q", protocol)
	}
	return c, nil
}

// Names lists, in order, every field name that a dissector can emit.
func Names() []string {
	return slices.Sorted(slices.Values(slices.Concat(
		dissect.Names(), http1.Names(), http2.Names(), ndjson.Names(), sse.Names(), websocket.Names())))
}

// Violations lists the codes that Violation.Code can have.
func Violations() (codes []string) {
	for _, v := range slices.Concat(http1.Violations(), coding.Violations(), ndjson.Violations(), sse.Violations(), websocket.Violations(), http2.Violations()) {
		codes = append(codes, v.Code)
	}
	return codes
}

// Reasons lists the codes that SSE.Reason can have.
func Reasons() []string { return sse.Reasons() }

// Phrases lists, in order, the keys of what a frame can say.
func Phrases() []string {
	return slices.Sorted(slices.Values(slices.Concat(
		dissect.Phrases(), http1.Phrases(), http2.Phrases(), ndjson.Phrases(), sse.Phrases(), websocket.Phrases())))
}
