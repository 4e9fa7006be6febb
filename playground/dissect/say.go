package dissect

import (
	"reflect"
	"slices"
	"strings"
)

// A Phrase is a part of what a frame says in one line: the key of its words,
// which the content has in every language, and what stands in them. A line is
// its phrases one after the other.
type Phrase struct {
	Key   string `json:"key"`
	Count int64  `json:"count,omitempty"` // {count}, and with its unit {bytes}
	Text  string `json:"text,omitempty"`  // {text}: a part of a longer one, for there is not more room in a line
}

// The phrases that dissectors emit.
var say = filled(struct {
	Bytes    string `field:"bytes"`    // how many, after something else
	Inflated string `field:"inflated"` // and how many they are when they are inflated
	Payload  string `field:"payload"`  // the start of a text

	DataUnknown     string `field:"data.unknown"`
	DataUndescribed string `field:"data.undescribed"` // there was no room for more frames

	HTTPRequest     string `field:"http1.request"`
	HTTPLastEventID string `field:"http1.last_event_id"`
	HTTPResponse    string `field:"http1.response"`
	HTTPBody        string `field:"http1.body"`
	HTTPChunk       string `field:"http1.chunk"`
	HTTPLastChunk   string `field:"http1.last_chunk"`
	HTTPTrailer     string `field:"http1.trailer"`

	HTTP2Preface      string `field:"http2.preface"`
	HTTP2Header       string `field:"http2.header"` // of a frame, cut
	HTTP2Data         string `field:"http2.data"`
	HTTP2Headers      string `field:"http2.headers"`
	HTTP2Trailer      string `field:"http2.trailer"`
	HTTP2Priority     string `field:"http2.priority"`
	HTTP2RSTStream    string `field:"http2.rst_stream"`
	HTTP2Settings     string `field:"http2.settings"`
	HTTP2PushPromise  string `field:"http2.push_promise"`
	HTTP2Ping         string `field:"http2.ping"`
	HTTP2GoAway       string `field:"http2.goaway"`
	HTTP2WindowUpdate string `field:"http2.window_update"`
	HTTP2Continuation string `field:"http2.continuation"`
	HTTP2Unknown      string `field:"http2.unknown"` // the type
	HTTP2Stream       string `field:"http2.stream"`
	HTTP2EndStream    string `field:"http2.end_stream"`
	HTTP2Ack          string `field:"http2.ack"`
	HTTP2Count        string `field:"http2.count"`       // of settings
	HTTP2More         string `field:"http2.more"`        // how much a window grows
	HTTP2Error        string `field:"http2.error"`       // its name
	HTTP2LastStream   string `field:"http2.last_stream"` // that was or will be processed
	HTTP2Head         string `field:"http2.head"`        // a request line or a status

	SSEBOM      string `field:"sse.bom"`
	SSELine     string `field:"sse.line"`
	SSEBlank    string `field:"sse.blank"`
	SSEEvent    string `field:"sse.event"` // the type of an event that is dispatched
	SSEEventRow string `field:"sse.data"`  // and its data
	SSEReason   string `field:"sse.reason"`
	SSEEnd      string `field:"sse.end"`

	WSHeader       string `field:"websocket.header"` // of a frame, cut
	WSText         string `field:"websocket.text"`
	WSBinary       string `field:"websocket.binary"`
	WSClose        string `field:"websocket.close"` // the status code
	WSPing         string `field:"websocket.ping"`
	WSPong         string `field:"websocket.pong"`
	WSContinuation string `field:"websocket.continuation"`
	WSReserved     string `field:"websocket.reserved"` // the opcode
	WSMessage      string `field:"websocket.message"`  // of a HAR: without its frames
	WSFin          string `field:"websocket.fin"`
	WSMore         string `field:"websocket.more"`
	WSCompressed   string `field:"websocket.compressed"`
	WSFragments    string `field:"websocket.fragments"` // that a message has, at the last one
	WSNotDeflate   string `field:"websocket.not_deflate"`
	WSTooLarge     string `field:"websocket.too_large"`
	WSNoContext    string `field:"websocket.no_context"`
}{})

// Phrases lists, in order, the keys of what a frame can say.
func Phrases() (keys []string) {
	for _, f := range tagged(reflect.ValueOf(say)) {
		keys = append(keys, f.name)
	}
	slices.Sort(keys)
	return keys
}

// maxPhrase bounds, in bytes, the text of a phrase.
const maxPhrase = 120

func phrase(key, s string) Phrase { return Phrase{Key: key, Text: clip(s, maxPhrase)} }

func number[N int | int64 | uint32 | uint64](key string, n N) Phrase {
	return Phrase{Key: key, Count: int64(n)}
}

func (f *Frame) say(phrases ...Phrase) { f.Say = append(f.Say, phrases...) }

// sayInflated says what a body is when it is inflated, if that is known.
func (f *Frame) sayInflated(n int) {
	if n > 0 {
		f.say(number(say.Inflated, n))
	}
}

// requestLine is what is said of a request: its target without the query.
func (m *message) requestLine(key, target string) []Phrase {
	target, _, _ = strings.Cut(target, "?")
	line := []Phrase{phrase(key, toText(m.method+" "+target))}
	if id := m.get("last-event-id"); id != "" {
		line = append(line, phrase(say.HTTPLastEventID, toText(id)))
	}
	return line
}

// statusLine is what is said of a response.
func (m *message) statusLine(key, reason string) Phrase {
	if m.code == "200" && m.get("content-type") != "" {
		reason = m.get("content-type")
	}
	return phrase(key, toText(strings.TrimSpace(m.code+" "+reason)))
}

// SayMessage is what is said of a WebSocket message whose frames are not known.
func SayMessage(text string, bytes int, isHex bool) []Phrase {
	return append([]Phrase{{Key: say.WSMessage}, number(say.Bytes, bytes)}, payloadText(text, isHex)...)
}
