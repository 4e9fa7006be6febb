package protocols

import (
	"compress/gzip"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// mostFuzzed bounds an input, in bytes. A fuzzer makes each that it finds
// interesting smaller, try by try, before it looks for the next one: with a
// large one it spends its minute on that.
const mostFuzzed = 1 << 10

func FuzzHTTP1(f *testing.F) {
	for _, test := range http1Cases() {
		for _, turn := range test.turns {
			f.Add(turn.from == dissect.Server, []byte(turn.bytes))
		}
	}
	for message := range http1Violations() {
		f.Add(false, []byte(message))
		f.Add(true, []byte(message))
	}
	f.Add(true, []byte(inChunks("text/plain", gzipped(f, gzip.BestSpeed, "first", "second")...)))
	f.Add(true, []byte(inChunks("text/event-stream", gzipped(f, gzip.BestSpeed, "data: a", "\r\rid: 1\n\n")...)))
	f.Fuzz(func(t *testing.T, server bool, p []byte) {
		p = p[:min(len(p), mostFuzzed)]
		from := dissect.Client
		if server {
			from = dissect.Server
		}
		checkProperties(t, oneSided(t, "http1", from, ""), turn{from, string(p)})
	})
}

func FuzzSSE(f *testing.F) {
	for _, test := range sseCases() {
		f.Add([]byte(test.stream))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		p = p[:min(len(p), mostFuzzed)]
		checkProperties(t, oneSided(t, "sse", dissect.Server, ""), turn{dissect.Server, string(p)})
	})
}

func FuzzJSON(f *testing.F) {
	for _, text := range []string{"[{}, 1]\n", "{\"a\":\"}]\\\"\"}", "{}\n{]\n\n", "[\"\\", "]}[,"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		p = p[:min(len(p), mostFuzzed)]
		for _, protocol := range []string{"json", "ndjson"} {
			checkProperties(t, oneSided(t, protocol, dissect.Server, ""), turn{dissect.Server, string(p)})
		}
	})
}

func FuzzWebSocket(f *testing.F) {
	for _, test := range append(wsCases(), wsViolations()...) {
		if len(test.bytes) < mostFuzzed {
			f.Add(test.from == dissect.Server, test.extensions, []byte(test.bytes))
		}
	}
	f.Fuzz(func(t *testing.T, server bool, extensions string, p []byte) {
		p = p[:min(len(p), mostFuzzed)]
		from := dissect.Client
		if server {
			from = dissect.Server
		}
		checkProperties(t, oneSided(t, "websocket", from, extensions), turn{from, string(p)})
	})
}

func FuzzHTTP2(f *testing.F) {
	for _, test := range append(http2Cases(), http2Violations()...) {
		for _, turn := range test.turns {
			if len(turn.bytes) < mostFuzzed {
				f.Add(turn.from == dissect.Server, []byte(turn.bytes))
			}
		}
	}
	f.Fuzz(func(t *testing.T, server bool, p []byte) {
		p = p[:min(len(p), mostFuzzed)]
		from := dissect.Client
		if server {
			from = dissect.Server
		}
		checkProperties(t, oneSided(t, "http2", from, ""), turn{from, string(p)})
	})
}

// FuzzConversation cuts the bytes into turns of the two sides, at each \xFE.
func FuzzConversation(f *testing.F) {
	for _, test := range conversationCases() {
		var p []byte
		for i, turn := range test.turns {
			if i > 0 {
				p = append(p, 0xFE)
			}
			p = append(p, turn.bytes...)
		}
		if len(p) < mostFuzzed {
			f.Add(p)
		}
	}
	for _, test := range append(http2Cases(), http2Violations()...) {
		var parts []string
		for _, turn := range test.turns {
			parts = append(parts, turn.bytes)
		}
		if p := strings.Join(parts, "\xFE"); len(p) < mostFuzzed {
			f.Add([]byte(p))
		}
	}
	for _, test := range handshakeViolations() {
		f.Add([]byte(test.request + "\xFE" + test.response + "\x81\x00"))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		p = p[:min(len(p), mostFuzzed)]
		var turns []turn
		from, to := dissect.Client, dissect.Server
		first := 0
		for i, b := range append(p, 0xFE) {
			if b == 0xFE {
				turns = append(turns, turn{from, string(p[first:i])})
				from, to, first = to, from, i+1
			}
		}
		checkProperties(t, newConversation, turns...)
	})
}
