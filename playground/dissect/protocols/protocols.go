// Package protocols joins the dissectors of the protocols: it says which goes on
// where another one hands over. The protocols do not know each other.
package protocols

import (
	"fmt"
	"slices"

	"seewire/playground/dissect"
	"seewire/playground/dissect/coding"
	"seewire/playground/dissect/http1"
	"seewire/playground/dissect/http2"
	"seewire/playground/dissect/sse"
	"seewire/playground/dissect/websocket"
)

// table says who goes on after whom. Each event stream that is found is given
// to found too.
func table(found func(*sse.Stream)) *dissect.Protocols {
	return &dissect.Protocols{
		Contents: []dissect.ContentType{{
			MediaType: "text/event-stream",
			New: func(h *dissect.Direction, response *dissect.Head, carrier dissect.Carrier) dissect.Content {
				if !sse.Is(response) {
					return nil
				}
				s := sse.New(h, carrier)
				found(s)
				return s
			},
		}},
		Upgrades: []dissect.Upgrade{{
			Token:         "websocket",
			CheckRequest:  websocket.CheckOpening,
			CheckResponse: websocket.CheckUpgrade,
			New: func(h *dissect.Direction, response *dissect.Head) dissect.Parser {
				return websocket.New(h, response.Get("sec-websocket-extensions"))
			},
		}},
		Prefaces: []dissect.Preface{{Line: http2.PrefaceLine, Start: http2.Start}},
	}
}

// New returns the dissector of a connection that starts with HTTP/1.1 on both
// sides, and goes on as WebSocket after a 101. A client that starts with the
// preface of HTTP/2 makes it that. The frames carry the connection's number, and
// what they cost is taken from the budget of the document.
func New(connection int, b *dissect.Budget) *dissect.Conversation {
	return begin(connection, b, func(*sse.Stream) {})
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
	h := c.Direction(from)
	switch protocol {
	case "http1":
	case "http2":
		h.Parser = http2.New(h)
	case "sse":
		s := sse.New(h, dissect.Carrier{})
		found(s)
		h.Parser = http1.NewBody(h, s)
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
		dissect.Names(), http1.Names(), http2.Names(), sse.Names(), websocket.Names())))
}

// Violations lists the codes that Violation.Code can have.
func Violations() (codes []string) {
	for _, v := range slices.Concat(http1.Violations(), coding.Violations(), websocket.Violations(), http2.Violations()) {
		codes = append(codes, v.Code)
	}
	return codes
}

// Reasons lists the codes that SSE.Reason can have.
func Reasons() []string { return sse.Reasons() }

// Phrases lists, in order, the keys of what a frame can say.
func Phrases() []string {
	return slices.Sorted(slices.Values(slices.Concat(
		dissect.Phrases(), http1.Phrases(), http2.Phrases(), sse.Phrases(), websocket.Phrases())))
}
