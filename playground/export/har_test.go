package export_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground/export"
	"seewire/playground/wire"
)

// harNeeds are the members that HAR 1.2 requires of each object, and their
// types. It is written out here, so that a change to what others read is seen.
var harNeeds = map[string]string{
	"":                             "log:object",
	"log":                          "version:string creator:object entries:array",
	"log.creator":                  "name:string version:string",
	"log.entries":                  "startedDateTime:string time:number request:object response:object cache:object timings:object _connectionId:string",
	"log.entries.request":          "method:string url:string httpVersion:string cookies:array headers:array queryString:array headersSize:number bodySize:number",
	"log.entries.response":         "status:number statusText:string httpVersion:string cookies:array headers:array content:object redirectURL:string headersSize:number bodySize:number",
	"log.entries.response.content": "size:number mimeType:string",
	"log.entries.timings":          "send:number wait:number receive:number",

	"log.entries.request.headers":      "name:string value:string",
	"log.entries.request.cookies":      "name:string value:string",
	"log.entries.request.queryString":  "name:string value:string",
	"log.entries.request.postData":     "mimeType:string text:string",
	"log.entries.response.headers":     "name:string value:string",
	"log.entries.response.cookies":     "name:string value:string",
	"log.entries._webSocketMessages":   "type:string time:number opcode:number data:string",
	"log.entries._eventSourceMessages": "time:number eventName:string eventId:string data:string",
}

// checkHAR fails where an object lacks what HAR 1.2 requires.
func checkHAR(t *testing.T, path string, value any) {
	t.Helper()
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			checkHAR(t, path, one)
		}
	case map[string]any:
		for need := range strings.FieldsSeq(harNeeds[path]) {
			name, kind, _ := strings.Cut(need, ":")
			got := "nothing"
			switch value[name].(type) {
			case string:
				got = "string"
			case float64:
				got = "number"
			case []any:
				got = "array"
			case map[string]any:
				got = "object"
			}
			if got != kind {
				t.Errorf("%s.%s is %s, want %s", path, name, got, kind)
			}
		}
		for name, one := range value {
			checkHAR(t, strings.TrimPrefix(path+"."+name, "."), one)
		}
	}
}

// An archive is what a test reads of a HAR.
type archive struct {
	Log struct{ Entries []archiveEntry }
}

type archiveEntry struct {
	StartedDateTime time.Time
	Time            float64
	Connection      string
	ConnectionID    string `json:"_connectionId"`
	ServerIPAddress string
	ResourceType    string `json:"_resourceType"`
	Request         struct {
		Method, URL string
		BodySize    int
		Headers     []pair
		QueryString []pair
		Cookies     []pair
		PostData    struct{ MimeType, Text string }
	}
	Response struct {
		Status       int
		BodySize     int
		TransferSize int    `json:"_transferSize"`
		Error        string `json:"_error"`
		Headers      []pair
		Cookies      []pair
		Content      struct {
			Size, Compression        int
			MimeType, Text, Encoding string
		}
	}
	Timings  struct{ Send, Wait, Receive float64 }
	Messages []struct {
		Type, Data string
		Time       float64
		Opcode     int
	} `json:"_webSocketMessages"`
	Events []struct {
		Time                     float64
		EventName, EventID, Data string
	} `json:"_eventSourceMessages"`
}

type pair struct{ Name, Value string }

func exportHAR(t *testing.T, capture *wire.Capture) []archiveEntry {
	t.Helper()
	var b bytes.Buffer
	if err := export.WriteHAR(&b, capture); err != nil {
		t.Fatal(err)
	}
	var whole any
	var a archive
	if err := json.Unmarshal(b.Bytes(), &whole); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	checkHAR(t, "", whole)
	return a.Log.Entries
}

// The exchanges of a real run are all there, with what they carried.
func TestHAR(t *testing.T) {
	capture, address := serveTCP(t, "127.0.0.1:0", site)
	visit(t, address)
	pcapng(t, capture) // waits for the ends
	entries := exportHAR(t, capture)

	var got []string
	for i, e := range entries {
		path := strings.TrimPrefix(strings.TrimPrefix(e.Request.URL, "http://"+address), "ws://"+address)
		got = append(got, e.Request.Method+" "+path+" "+e.ResourceType)
		if !strings.HasSuffix(address, ":"+e.Connection) || e.ConnectionID == "" || e.ServerIPAddress != "127.0.0.1" || len(e.Request.Headers) == 0 {
			t.Errorf("%s: connection %q, server %q, headers %v", path, e.Connection, e.ServerIPAddress, e.Request.Headers)
		}
		if sum := e.Timings.Send + e.Timings.Wait + e.Timings.Receive; e.Time != sum || sum < 0 {
			t.Errorf("%s: time %v, timings %+v", path, e.Time, e.Timings)
		}
		if i > 0 && e.StartedDateTime.Before(entries[i-1].StartedDateTime) {
			t.Errorf("%s is earlier than the one before", path)
		}
	}
	if want := "GET /events fetch, GET /zipped fetch, GET /nothing?a=1&b=%20 fetch, POST /send fetch, GET /reset fetch, " +
		"GET /ws?compression=off websocket, GET /ws?compression=takeover websocket, GET /ws?compression=none websocket, GET /ws websocket"; strings.Join(got, ", ") != want {
		t.Fatalf("entries: %s\n    want: %s", strings.Join(got, ", "), want)
	}

	events, zipped, nothing, send, reset := entries[0], entries[1], entries[2], entries[3], entries[4]
	if c := events.Response.Content; c.MimeType != "text/event-stream" || c.Size != len(c.Text) ||
		c.Text != "retry: 100\n\nid: 1\ndata: 你好\n\nid: 2\ndata: two\r\n\r\n: comment\ndata: three\n\n" || events.Response.TransferSize <= c.Size+100 {
		t.Errorf("event stream: %+v", events.Response)
	}
	if len(events.Events) != 3 || events.Events[0].Data != "你好" || events.Events[2].EventID != "2" || events.Events[0].EventName != "message" {
		t.Errorf("events: %+v", events.Events)
	}
	if c := zipped.Response.Content; c.Text != strings.Repeat("first ", 50)+"second 中文" || c.Size != len(c.Text) ||
		c.Compression != c.Size-zipped.Response.BodySize || c.Encoding != "" {
		t.Errorf("gzip: %+v", c)
	}
	if len(nothing.Request.QueryString) != 2 || nothing.Request.QueryString[1] != (pair{"b", " "}) || nothing.Response.Status != 404 {
		t.Errorf("query: %+v", nothing.Request.QueryString)
	}
	if send.Request.BodySize != 2 || send.Request.PostData.Text != "up" || send.Request.PostData.MimeType != "text/plain" || send.Response.Content.Text != "up" {
		t.Errorf("post: %+v, %+v", send.Request, send.Response)
	}
	if reset.Response.Content.Text != "data: cut\n" {
		t.Errorf("reset: %+v", reset.Response)
	}
}

// Each message of a WebSocket is there as a whole, whatever it was on the wire.
func TestHARMessages(t *testing.T) {
	capture, address := serveTCP(t, "127.0.0.1:0", site)
	visit(t, address)
	pcapng(t, capture)
	long, longer := strings.Repeat("0123456789", 30), strings.Repeat("hello ", 11_000)
	for _, e := range exportHAR(t, capture)[5:] {
		var got []string
		last := 0.0
		for _, m := range e.Messages {
			data := strings.NewReplacer(long, "LONG", longer, "LONGER", longer[:64<<10]+"…", "LONGER").Replace(m.Data)
			got = append(got, m.Type[:1]+string(rune('0'+m.Opcode))+data)
			if m.Time < last {
				t.Errorf("a message at %v comes after one at %v", m.Time, last)
			}
			last = m.Time
		}
		want := "s1hello r1hello s1 r1 s1帧 and frame r1帧 and frame s1LONG r1LONG s1LONGER r1LONGER s1hello again r1hello again " +
			"s2AAH+/w== r2AAH+/w== s9PING r:PING s1last r1last s81001 bye 再见 r81001 bye 再见"
		if strings.HasSuffix(e.Request.URL, "/ws") {
			want = "s9ping r:ping s1one 帧 two three r1one 帧 two three s81000 r81000"
		}
		if text := strings.Join(got, " "); text != strings.NewReplacer("PING", e.pingData()).Replace(want) {
			t.Errorf("%s: %s\nwant: %s", e.Request.URL, text, want)
		}
	}
}

// pingData is what the library has put into its ping.
func (e archiveEntry) pingData() string {
	for _, m := range e.Messages {
		if m.Opcode == 9 {
			return m.Data
		}
	}
	return ""
}

// Times are those of the segments.
func TestHARTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		entries := exportHAR(t, run(t))
		stream, socket := entries[0], entries[2]
		if !stream.StartedDateTime.Equal(started) || stream.Timings.Receive < 600 || stream.Timings.Receive > 1100 {
			t.Errorf("stream: started %v, timings %+v", stream.StartedDateTime, stream.Timings)
		}
		if events := stream.Events; len(events) != 3 || events[2].Time-events[0].Time < 0.6 {
			t.Errorf("events: %+v", stream.Events)
		}
		if len(socket.Messages) != 5 || socket.Messages[1].Time-socket.Messages[0].Time < 1 {
			t.Errorf("messages: %+v", socket.Messages)
		}
	})
}

// A request that nobody has answered yet is an entry without a response.
func TestHARUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) { <-answer })
		go client.Get("http://seewire/slow")
		synctest.Wait()
		entries := exportHAR(t, capture)
		close(answer)
		if len(entries) != 1 || entries[0].Response.Status != 0 || entries[0].Response.Error == "" || entries[0].Response.BodySize != -1 {
			t.Errorf("%+v", entries)
		}
	})
}
