package protocols

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"seewire/playground/dissect"
)

// An sseCase is an event stream and what an EventSource makes of it.
type sseCase struct {
	name    string
	stream  string
	events  []dissect.Event
	lastID  string
	retry   int64 // -1 where the stream sets none
	reasons string
}

func unnamed(data, id string) dissect.Event {
	return dissect.Event{Type: "message", Data: data, LastEventID: id}
}

func sseCases() []sseCase {
	ab := []dissect.Event{unnamed("a\nb", "")}
	return []sseCase{
		// The examples of WHATWG HTML §9.2.6.
		{"a stock ticker", "data: YHOO\ndata: +2\ndata: 10\n\n", []dissect.Event{unnamed("YHOO\n+2\n10", "")}, "", -1, ""},
		{"four blocks", ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
			[]dissect.Event{unnamed("first event", "1"), unnamed("second event", ""), unnamed(" third event", "")}, "", -1, "no-block"},
		{"data without a value", "data\n\ndata\ndata\n\ndata:", []dissect.Event{unnamed("", ""), unnamed("\n", "")}, "", -1, "unfinished-line"},
		{"one space is taken off", "data:test\n\ndata: test\n\n", []dissect.Event{unnamed("test", ""), unnamed("test", "")}, "", -1, ""},

		// Line ends.
		{"LF", "data: a\ndata: b\n\n", ab, "", -1, ""},
		{"CR", "data: a\rdata: b\r\r", ab, "", -1, ""},
		{"CRLF", "data: a\r\ndata: b\r\n\r\n", ab, "", -1, ""},
		{"LF CR", "data: a\n\rdata: b\n\r", []dissect.Event{unnamed("a", ""), unnamed("b", "")}, "", -1, ""},
		{"CR CRLF", "data: a\r\r\ndata: b\n\n", []dissect.Event{unnamed("a", ""), unnamed("b", "")}, "", -1, ""},
		{"LF CRLF", "data: a\n\r\ndata: b\r\n\n", []dissect.Event{unnamed("a", ""), unnamed("b", "")}, "", -1, ""},
		{"CRLF is one", "data: a\r\n\ndata: b\n\r\n", []dissect.Event{unnamed("a", ""), unnamed("b", "")}, "", -1, ""},
		{"each another", "data: a\ndata: b\r\ndata: c\r\n", nil, "", -1, "unfinished-block"},
		{"a blank CR at the end", "data: a\r\r", []dissect.Event{unnamed("a", "")}, "", -1, ""},
		{"only line ends", "\n\r\r\n\n", nil, "", -1, "no-block no-block no-block no-block"},

		// The byte order mark.
		{"a BOM", "\uFEFFdata: a\n\n", []dissect.Event{unnamed("a", "")}, "", -1, ""},
		{"two BOMs", "\uFEFF\uFEFFdata: a\n\ndata: b\n\n", []dissect.Event{unnamed("b", "")}, "", -1, "unknown-field no-data"},
		{"a BOM that is not at the start", "\n\uFEFFdata: a\n\n", nil, "", -1, "no-block unknown-field no-data"},
		{"a BOM before a line end", "\uFEFF\ndata: a\n\n", []dissect.Event{unnamed("a", "")}, "", -1, "no-block"},
		{"half a BOM", "\xEF\xBBdata: a\ndata: b\n\n", []dissect.Event{unnamed("b", "")}, "", -1, "unknown-field"},
		{"half a BOM and a line end", "\xEF\n\ndata: b\n\n", []dissect.Event{unnamed("b", "")}, "", -1, "unknown-field no-data"},
		{"only half a BOM", "\xEF\xBB", nil, "", -1, "unfinished-line"},
		{"a BOM in a value", "data: \uFEFFa\n\n", []dissect.Event{unnamed("\uFEFFa", "")}, "", -1, ""},

		// Comments and names.
		{"comments", ":\n: a\n::\n:data: a\n\n", nil, "", -1, "no-block"},
		{"a comment within a block", "data: a\n: b\ndata: c\n\n", []dissect.Event{unnamed("a\nc", "")}, "", -1, ""},
		{"other names", "Data: a\n data: a\ndata : a\ndata\t: a\nfoo\ndatum: a\n\n", nil, "", -1,
			"almost-field almost-field almost-field almost-field unknown-field unknown-field no-data"},
		{"NUL in a name", "da\x00ta: a\n\n", nil, "", -1, "unknown-field no-data"},

		// Data.
		{"only the first space", "data:  a\ndata:\ta\ndata: \n\n", []dissect.Event{unnamed(" a\n\ta\n", "")}, "", -1, ""},
		{"colons in the value", "data:a:b\ndata::\n\n", []dissect.Event{unnamed("a:b\n:", "")}, "", -1, ""},
		{"NUL in data", "data: a\x00b\n\n", []dissect.Event{unnamed("a\x00b", "")}, "", -1, ""},
		{"an empty data line is an event", "data:\n\n", []dissect.Event{unnamed("", "")}, "", -1, ""},
		{"no data, no event", "event: a\n\ndata: b\n\n", []dissect.Event{unnamed("b", "")}, "", -1, "no-data"},
		{"a block without a blank line", "data: a\n\ndata: b\n", []dissect.Event{unnamed("a", "")}, "", -1, "unfinished-block"},
		{"a line without an end", "data: a\n\ndata: b\ndata: c", []dissect.Event{unnamed("a", "")}, "", -1, "unfinished-line unfinished-block"},

		// Event types.
		{"a type", "event: add\ndata: 1\n\n", []dissect.Event{{Type: "add", Data: "1", LastEventID: ""}}, "", -1, ""},
		{"the last type counts", "event: add\ndata: 1\nevent: remove\n\n", []dissect.Event{{Type: "remove", Data: "1", LastEventID: ""}}, "", -1, ""},
		{"an empty type is message", "event: add\nevent:\ndata: 1\n\n", []dissect.Event{unnamed("1", "")}, "", -1, ""},
		{"a type is for one block", "event: add\ndata: 1\n\ndata: 2\n\n", []dissect.Event{{Type: "add", Data: "1", LastEventID: ""}, unnamed("2", "")}, "", -1, ""},

		// IDs.
		{"an ID stays", "id: 1\ndata: a\n\ndata: b\n\n", []dissect.Event{unnamed("a", "1"), unnamed("b", "1")}, "1", -1, ""},
		{"an ID without data", "id: 1\n\ndata: b\n\n", []dissect.Event{unnamed("b", "1")}, "1", -1, "no-data"},
		{"an ID in an unfinished block", "id: 1\ndata: a\n\nid: 2\ndata: b\n", []dissect.Event{unnamed("a", "1")}, "1", -1, "unfinished-block"},
		{"an empty ID resets", "id: 1\ndata: a\n\nid:\ndata: b\n\n", []dissect.Event{unnamed("a", "1"), unnamed("b", "")}, "", -1, ""},
		{"an ID without a colon resets", "id: 1\ndata: a\n\nid\ndata: b\n\n", []dissect.Event{unnamed("a", "1"), unnamed("b", "")}, "", -1, ""},
		{"an ID with NUL", "id: 1\nid: 2\x003\ndata: a\n\n", []dissect.Event{unnamed("a", "1")}, "1", -1, "id-with-null"},
		{"an ID of characters", "id: 帧 1\ndata: a\n\n", []dissect.Event{unnamed("a", "帧 1")}, "帧 1", -1, ""},

		// Reconnection times.
		{"a time", "retry: 10000\n\n", nil, "", 10000, "no-data"},
		{"the last time counts", "retry: 1\nretry:2\n", nil, "", 2, "unfinished-block"},
		{"zeros", "retry: 007\n\n", nil, "", 7, "no-data"},
		{"no digits", "retry: 1s\nretry: -1\nretry: 1.5\nretry:  1\nretry: 1 \nretry: ١\n\n", nil, "", -1,
			"retry-not-digits retry-not-digits retry-not-digits retry-not-digits retry-not-digits retry-not-digits no-data"},
		{"no value", "retry: 5\nretry:\nretry\n\n", nil, "", 5, "retry-empty retry-empty no-data"},
		{"the largest time", "retry: 9223372036854775807\n\n", nil, "", 9223372036854775807, "no-data"},
		{"a larger time", "retry: 9223372036854775808\n\n", nil, "", -1, "retry-too-large no-data"},

		// UTF-8 decode.
		{"characters", "data: 帧，🙂\n\n", []dissect.Event{unnamed("帧，🙂", "")}, "", -1, ""},
		{"half a character at a line's end", "data: \xE5\xB8\n\n", []dissect.Event{unnamed("\uFFFD", "")}, "", -1, ""},
		{"bytes that are no character", "data: a\xFF\xC0\x80b\n\n", []dissect.Event{unnamed("a\uFFFD\uFFFD\uFFFDb", "")}, "", -1, ""},
		{"an overlong form", "data: \xE0\x80\x80\n\n", []dissect.Event{unnamed("\uFFFD\uFFFD\uFFFD", "")}, "", -1, ""},
		{"a surrogate", "data: \xED\xA0\x80\n\n", []dissect.Event{unnamed("\uFFFD\uFFFD\uFFFD", "")}, "", -1, ""},
		{"a cut character before another", "data: \xF0\x9F\x99a\n\n", []dissect.Event{unnamed("\uFFFDa", "")}, "", -1, ""},

		{"nothing", "", nil, "", -1, ""},
	}
}

func TestEventStream(t *testing.T) {
	for _, test := range sseCases() {
		t.Run(test.name, func(t *testing.T) {
			r, err := Bytes(t.Context(), dissect.NewBudget(), "sse", dissect.Server, "", []byte(test.stream))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Events, test.events) {
				t.Errorf("got the events %q, want %q", r.Events, test.events)
			}
			if r.LastEventID != test.lastID {
				t.Errorf("got the last event ID %q, want %q", r.LastEventID, test.lastID)
			}
			retry := int64(-1)
			if r.ReconnectionTime != nil {
				retry = *r.ReconnectionTime
			}
			if retry != test.retry {
				t.Errorf("got the reconnection time %d, want %d", retry, test.retry)
			}
			var reasons []string
			for _, f := range r.Frames {
				if f.SSE.Reason != "" {
					reasons = append(reasons, f.SSE.Reason)
				}
			}
			if got := strings.Join(reasons, " "); got != test.reasons {
				t.Errorf("got the reasons %q, want %q", got, test.reasons)
			}
			checkProperties(t, oneSided(t, "sse", dissect.Server, ""), turn{dissect.Server, test.stream})
		})
	}
}

// The coding that carries a body changes nothing in its events.
func TestEventStreamInAnyCoding(t *testing.T) {
	const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	const head = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream;charset=utf-8\r\n"
	for _, test := range sseCases() {
		chunks := func(size int) string {
			var b strings.Builder
			for p := range slices.Chunk([]byte(test.stream), size) {
				fmt.Fprintf(&b, "%x\r\n%s\r\n", len(p), p)
			}
			return b.String()
		}
		for name, response := range map[string]string{
			"until close":         head + "\r\n" + test.stream,
			"Content-Length":      head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(test.stream)) + test.stream,
			"chunks of 1":         head + "Transfer-Encoding: chunked\r\n\r\n" + chunks(1) + "0\r\n\r\n",
			"chunks of 3":         head + "Transfer-Encoding: chunked\r\n\r\n" + chunks(3) + "0\r\n\r\n",
			"one chunk":           head + "Transfer-Encoding: chunked\r\n\r\n" + chunks(1000) + "0\r\n\r\n",
			"cut before the last": head + "Transfer-Encoding: chunked\r\n\r\n" + chunks(5),
		} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				var events []dissect.Event
				for _, f := range checkProperties(t, newConversation, turn{dissect.Client, request}, turn{dissect.Server, response}) {
					if f.SSE != nil && f.SSE.Event != nil {
						events = append(events, *f.SSE.Event)
					}
				}
				if !slices.Equal(events, test.events) {
					t.Errorf("got the events %q, want %q", events, test.events)
				}
			})
		}
	}
}

func TestEventStreamFields(t *testing.T) {
	frames := checkProperties(t, oneSided(t, "sse", dissect.Server, ""),
		turn{dissect.Server, "\uFEFF: hi\r\nid:7\rfoo: bar\nevent\ndata: a\xFF\n\nda"})
	wantFrames(t, frames,
		`sse/bom 0+3 bom=U+FEFF`,
		`sse/comment 3+6 colon=: comment= hi line_end=\r\n`,
		`sse/field 9+5 field=id colon=: id=7 line_end=\r`,
		`sse/ignored 14+9 field=foo colon=: space=  ignored=bar line_end=\n`,
		`sse/field 23+6 field=event line_end=\n`,
		`sse/field 29+9 field=data colon=: space=  data=a`+"\uFFFD"+` line_end=\n !sse.utf8`,
		`sse/blank 38+1 blank=\n`,
		`sse/ignored 39+2 field=da cut`)
}

func TestEventStreamInPieces(t *testing.T) {
	frames := checkProperties(t, newConversation,
		turn{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
		turn{dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"8\r\ndata: he\r\n" + "4\r\nllo\r\r\n" + "2\r\n\n\n\r\n" + "0\r\n\r\n"})
	wantFrames(t, frames[2:],
		`http1/chunk 80+13 chunk_size=8 chunk_size.end=\r\n chunk_boundary=\r\n`,
		`http1/chunk 93+9 chunk_size=4 chunk_size.end=\r\n chunk_boundary=\r\n`,
		`sse/field 83+23 field=data colon=: space=  data=hello(1/2) data=hello(2/2) line_end=\r\n(1/2) line_end=\r\n(2/2)`,
		`sse/blank 106+1 blank=\n`,
		`http1/chunk 102+7 chunk_size=2 chunk_size.end=\r\n chunk_boundary=\r\n`,
		`http1/last-chunk 109+5 chunk_size=0 chunk_size.end=\r\n chunk_boundary=\r\n`)
}

// The state is the parser's after each line.
func TestEventStreamState(t *testing.T) {
	r, err := Bytes(t.Context(), dissect.NewBudget(), "sse", dissect.Server, "", []byte("id: 1\nevent: x\ndata: a\ndata: b\nretry: 5\n\nid: 2\ndata: c\n"))
	if err != nil {
		t.Fatal(err)
	}
	five := int64(5)
	want := []dissect.SSE{
		{ID: "1"},
		{ID: "1", Type: "x"},
		{ID: "1", Type: "x", Data: "a\n"},
		{ID: "1", Type: "x", Data: "a\nb\n"},
		{ID: "1", Type: "x", Data: "a\nb\n", ReconnectionTime: &five},
		{ID: "1", LastEventID: "1", ReconnectionTime: &five, Event: &dissect.Event{Type: "x", Data: "a\nb", LastEventID: "1"}},
		{ID: "2", LastEventID: "1", ReconnectionTime: &five},
		{ID: "2", Data: "c\n", LastEventID: "1", ReconnectionTime: &five},
		{ID: "2", LastEventID: "1", ReconnectionTime: &five, Reason: "unfinished-block"},
	}
	if len(r.Frames) != len(want) {
		t.Fatalf("got %d frames, want %d", len(r.Frames), len(want))
	}
	for i, f := range r.Frames {
		if got, want := described(t, dissect.Frame{SSE: f.SSE}), described(t, dissect.Frame{SSE: &want[i]}); got != want {
			t.Errorf("after line %d\n got %s\nwant %s", i+1, got, want)
		}
	}
}

// A line that ends with CR is shown when the byte after it is known, and says
// when its CR was there.
func TestEventStreamHeldCR(t *testing.T) {
	c := oneSided(t, "sse", dissect.Server, "")()
	if f := c.Feed(dissect.Server, start, []byte("data: a\r")); len(f) != 0 {
		t.Fatalf("got %q before it was clear what ends the line", show(f[0]))
	}
	f := c.Feed(dissect.Server, start.Add(1e9), []byte("d"))
	if len(f) != 1 || !f[0].At.Equal(start) {
		t.Errorf("got %v, want one line of the first second", f)
	}
	c.Feed(dissect.Server, start.Add(2e9), []byte("\r"))
	f = c.Feed(dissect.Server, start.Add(3e9), []byte("\n"))
	if len(f) != 1 || !f[0].At.Equal(start.Add(3e9)) {
		t.Errorf("got %v, want one line that ends with the LF", f)
	}
}

func TestEventStreamResumes(t *testing.T) {
	frames := checkProperties(t, newConversation,
		turn{dissect.Client, "GET / HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 7\r\n\r\n"},
		turn{dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\nid: 8\ndata: b\n\n"})
	var ids []string
	for _, f := range frames {
		if f.SSE != nil && f.SSE.Event != nil {
			ids = append(ids, f.SSE.Event.LastEventID)
		}
	}
	if !slices.Equal(ids, []string{"7", "8"}) {
		t.Errorf("got the IDs %q, want 7 and 8", ids)
	}
}

// Only what an EventSource would read is read as one.
func TestNoEventStream(t *testing.T) {
	for _, head := range []string{
		"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/event-stream",
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain",
		"HTTP/1.1 200 OK\r\nContent-Type: text/event-streams",
		"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: compress",
	} {
		r, err := Bytes(t.Context(), dissect.NewBudget(), "http1", dissect.Server, "", []byte(head+"\r\n\r\ndata: a\n\n"))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Events) > 0 || len(r.Frames) != 2 || r.Frames[1].Kind != "body" {
			t.Errorf("%q: got %d frames and %d events, want a body", head, len(r.Frames), len(r.Events))
		}
	}
}

var update = flag.Bool("update", false, "write testdata/eventstreams.json anew")

// testdata/eventstreams.json is the table for those who are not of this
// package: a browser is asked what it dispatches for each stream.
func TestEventStreamsFile(t *testing.T) {
	type stream struct {
		Name   string          `json:"name"`
		Stream []byte          `json:"stream"` // as base64: some are not UTF-8
		Events []dissect.Event `json:"events"`
	}
	var streams []stream
	for _, test := range sseCases() {
		streams = append(streams, stream{test.name, []byte(test.stream), append([]dissect.Event{}, test.events...)})
	}
	want, err := json.MarshalIndent(streams, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	const file = "testdata/eventstreams.json"
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s is not the table (%v): go test -update writes it", file, err)
	}
}
