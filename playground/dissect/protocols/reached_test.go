package protocols

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/dissect/http1"
	"seewire/playground/dissect/internal/dissecttest"
)

// The lists of names and codes hold what the test cases reach, all of it and
// nothing else.
func TestLists(t *testing.T) {
	names, codes, reasons := map[string]bool{}, map[string]bool{}, map[string]bool{}
	phrases := map[string]bool{"websocket.message": true, "sse.alone": true, "websocket.no_context": true, "websocket.too_large": true, "data.gap": true, "data.undescribed": true} // of a HAR, and where a bound is reached
	reach := func(frames []dissect.Frame) {
		for _, f := range frames {
			for _, field := range f.Fields {
				names[field.Name] = true
			}
			for _, p := range f.Say {
				phrases[p.Key] = true
			}
			for _, v := range f.Violations {
				codes[v.Code] = true
			}
			if f.SSE != nil && f.SSE.Reason != "" {
				reasons[f.SSE.Reason] = true
			}
		}
	}
	oneSide := func(protocol string, from dissect.Side, extensions, bytes string) {
		r, err := Bytes(t.Context(), dissect.NewBudget(), protocol, from, extensions, []byte(bytes))
		if err != nil {
			t.Fatal(err)
		}
		reach(r.Frames)
	}
	for _, test := range sseCases() {
		oneSide("sse", dissect.Server, "", test.stream)
	}
	for _, test := range append(wsCases(), wsViolations()...) {
		oneSide("websocket", test.from, test.extensions, test.bytes)
	}
	oneSide("websocket", dissect.Server, "", "\x88\x02\x03\xed")
	for _, test := range http1Cases() {
		reach(dissectTurns(New(1, dissect.NewBudget()), test.turns, dissecttest.Whole))
	}
	for _, test := range conversationCases() {
		reach(dissectTurns(New(1, dissect.NewBudget()), test.turns, dissecttest.Whole))
	}
	for _, test := range append(http2Cases(), http2Violations()...) {
		reach(dissectTurns(New(1, dissect.NewBudget()), test.turns, dissecttest.Whole))
	}
	for _, test := range handshakeViolations() {
		reach(dissectTurns(New(1, dissect.NewBudget()), []turn{{dissect.Client, test.request}, {dissect.Server, test.response}}, dissecttest.Whole))
	}
	for _, test := range brokenCodings() {
		reach(dissectTurns(New(1, dissect.NewBudget()), []turn{{dissect.Server, test}}, dissecttest.Whole))
	}
	oneSide("http1", dissect.Server, "", dechunked)
	oneSide("http1", dissect.Server, "", notWhole)
	oneSide("http1", dissect.Server, "", undone)
	oneSide("http1", dissect.Client, "", v2Head)
	oneSide("http1", dissect.Client, "", "PROXY TCP6 ::1 ::1 1 2\r\n")
	oneSide("http1", dissect.Client, "", "PROXY TCP4 1.1.1.1 1.1.1.1 1 2\r\n")
	oneSide("http1", dissect.Client, "", "PROXY UNKNOWN a\r\n")
	oneSide("ndjson", dissect.Server, "", "{}\n\n")
	oneSide("json", dissect.Server, "", "[1, {}]\n")
	c := New(1, dissect.NewBudget())
	reach(c.Feed(dissect.Server, start, []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")))
	reach(c.Close(dissect.Server, start))
	for message := range http1Violations() {
		oneSide("http1", dissect.Client, "", message)
		oneSide("http1", dissect.Server, "", message)
	}
	head := "GET / HTTP/1.1\r\n"
	for _, name := range http1.Names() {
		header := strings.TrimPrefix(name, "http.")
		head += strings.ReplaceAll(header, "_", "-") + ": x\r\n"
	}
	reach(New(1, dissect.NewBudget()).Feed(dissect.Client, time.Time{}, []byte(head+"\r\n")))

	for what, lists := range map[string][2][]string{
		"Names":      {Names(), slices.Sorted(maps.Keys(names))},
		"Violations": {slices.Sorted(slices.Values(Violations())), slices.Sorted(maps.Keys(codes))},
		"Phrases":    {Phrases(), slices.Sorted(maps.Keys(phrases))},
		"Reasons":    {slices.Sorted(slices.Values(Reasons())), slices.Sorted(maps.Keys(reasons))},
	} {
		if !slices.Equal(lists[0], lists[1]) {
			t.Errorf("%s has\n%q, the cases reach\n%q", what, lists[0], lists[1])
		}
	}
}
