package protocols

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// Each element of an array is a frame, with what stands before it.
func TestJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"}]\""}`:                        `element {"a":"}]\""}`,
		" [ 1, \"a,]\" ,{\"b\":[{}]},true]\n": `element 1|element "a,]"|element {"b":[{}]}|element true`,
		"[{}\n,\n{}]\n":                       "element {}|element {}|between ]",
		"[{\"candidates\":[]}\n,\r\n{\"a\":":  "element {\"candidates\":[]}!sse.json-array|element {\"a\": cut",
		"[{\"a\":1}, {a}]":                    "element {\"a\":1}|element {a}!ndjson.json|between ]",
		"[]":                                  "between []",
	} {
		if protocol, from := Guess([]byte(text)); (protocol != "json" || from != dissect.Server) && !strings.Contains(text, "{a}") {
			t.Errorf("%q is taken for %s", text, protocol)
		}
		var got []string
		for _, f := range checkProperties(t, oneSided(t, "json", dissect.Server, ""), turn{dissect.Server, text}) {
			line := f.Kind + " "
			if f.Kind == "between" {
				line += strings.TrimSpace(f.Value("json.between"))
			}
			line += f.Value("json.value")
			for _, v := range f.Violations {
				line += "!" + v.Code
			}
			if f.Incomplete {
				line += " cut"
			}
			got = append(got, line)
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q:\n got %s\nwant %s", text, s, want)
		}
	}
}

// Lines of JSON are lines under a content coding too.
func TestLinesInflated(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte("{\"a\":1}\n{\"a\":2}\n"))
	z.Close()
	response := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", b.Len(), &b)
	var lines []string
	for _, f := range checkProperties(t, oneSided(t, "http1", dissect.Server, ""), turn{dissect.Server, response}) {
		if f.Protocol == "ndjson" {
			lines = append(lines, f.Say[0].Text)
		}
	}
	if got := strings.Join(lines, " "); got != `{"a":1} {"a":2}` {
		t.Errorf("got %s", got)
	}
}

// A character that lies in two fragments is shown, and so is the whole text.
func TestTextInFragments(t *testing.T) {
	frames := checkProperties(t, oneSided(t, "websocket", dissect.Server, ""), turn{dissect.Server, "\x01\x04caf\xc3\x80\x02\xa9s"})
	last := frames[1].Say
	if frames[0].Value("websocket.payload") != "caf" || frames[1].Value("websocket.payload") != "és" || last[len(last)-1] != (dissect.Phrase{Key: "websocket.whole", Text: "cafés"}) {
		t.Errorf("got %s and %s", show(frames[0]), show(frames[1]))
	}
}
