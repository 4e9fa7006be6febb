package export_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground/dissect"
	"seewire/playground/dissect/protocols"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// run puts an event stream, its continuation, a post and a WebSocket into a
// capture, in three virtual seconds.
func run(t *testing.T) *wire.Capture {
	t.Helper()
	var capture *wire.Capture
	capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sse":
			capture.Log(wire.Line{Path: r.URL.Path, Text: "streaming to " + r.URL.RawQuery})
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "retry: 2500\n\n")
			for i := range 3 {
				fmt.Fprintf(w, ": %d\nid: %d\ndata: %s %d\n\n", i, i, r.URL.RawQuery, i)
				w.(http.Flusher).Flush()
				time.Sleep(time.Second / 3)
			}
			fmt.Fprint(w, "data: never dispatched\n")
		case "/send":
			io.Copy(w, r.Body)
		case "/ws":
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer c.CloseNow()
			c.Write(context.Background(), websocket.MessageText, []byte("welcome"))
			_, p, _ := c.Read(context.Background())
			c.Write(context.Background(), websocket.MessageText, p)
			c.Read(context.Background())
		}
	})
	for _, query := range []string{"first", "second"} {
		response, err := client.Get("http://seewire/sse?" + query)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	c, _, err := websocket.Dial(t.Context(), "ws://seewire/ws", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.Read(t.Context())
	time.Sleep(time.Second)
	response, err := client.Post("http://seewire/send", "text/plain", strings.NewReader("up"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	c.Write(t.Context(), websocket.MessageText, []byte("hello"))
	c.Read(t.Context())
	c.Close(websocket.StatusNormalClosure, "")
	synctest.Wait()
	return capture
}

func TestCapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := run(t)
		d := export.Capture(capture)
		check(t, d)

		if d.ID != "capture-a" || d.LastEventID != "2" || d.ReconnectionTime == nil || *d.ReconnectionTime != 2500 {
			t.Errorf("id %q, last event ID %q, reconnection time %v", d.ID, d.LastEventID, d.ReconnectionTime)
		}
		var events []string
		for _, e := range d.Events {
			events = append(events, e.LastEventID+" "+e.Type+" "+e.Data)
		}
		if got, want := strings.Join(events, ", "), "0 message first 0, 1 message first 1, 2 message first 2, "+
			"0 message second 0, 1 message second 1, 2 message second 2"; got != want {
			t.Errorf("events: %s\n  want: %s", got, want)
		}
		var kinds []string
		for _, f := range d.Frames {
			if f.Protocol == "websocket" {
				kinds = append(kinds, string(f.From)+" "+f.Kind)
			}
		}
		if got, want := strings.Join(kinds, ", "), "server text, client text, server text, client close, server close"; got != want {
			t.Errorf("WebSocket frames: %s\n            want: %s", got, want)
		}
		if !slices.IsSortedFunc(d.Frames, func(a, b dissect.Frame) int { return a.At.Compare(b.At) }) {
			t.Error("the frames are not in the order of time")
		}
		for i, c := range capture.Snapshot() {
			if got := d.Connections[i]; !bytes.Equal(got.Client, c.Client) || !bytes.Equal(got.Server, c.Server) || len(got.Segments) != len(c.Segments) {
				t.Errorf("connection %d is not what was recorded", c.Number)
			}
		}
	})
}

// check fails unless the segments and the fields tile what is there.
func check(t *testing.T, d export.Document) {
	t.Helper()
	for _, c := range d.Connections {
		for from, sent := range map[wire.Side][]byte{wire.Client: c.Client, wire.Server: c.Server} {
			covered := make([]int, len(sent))
			for _, f := range d.Frames {
				if f.Connection != c.Number || f.From != dissect.Side(from) {
					continue
				}
				for _, field := range f.Fields {
					if field.Mask != "" && field.Mask != "80" {
						continue // one of those that share a byte
					}
					for i := range field.Length {
						covered[int(f.Offset)+field.Offset+i]++
					}
				}
			}
			for i, n := range covered {
				if n != 1 {
					t.Errorf("connection %d: %d fields cover byte %d of the %s", c.Number, n, i, from)
					break
				}
			}
			next := int64(0)
			for _, s := range c.Segments {
				if s.From == from {
					if s.Offset != next {
						t.Errorf("connection %d: segment at %d, want %d", c.Number, s.Offset, next)
					}
					next += int64(s.Length)
				}
			}
			if next != int64(len(sent)) {
				t.Errorf("connection %d: segments cover %d of %d bytes of the %s", c.Number, next, len(sent), from)
			}
		}
	}
}

// The JSON has the keys that other programs rely on, and no null.
func TestJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := run(t)
		b, err := json.Marshal(export.Capture(capture))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("null")) {
			t.Errorf("null in %s", b)
		}
		var d struct {
			Connections []map[string]any
			Frames      []map[string]any
			Events      []map[string]any
			Log         []map[string]any
		}
		if err := json.Unmarshal(b, &d); err != nil {
			t.Fatal(err)
		}
		hasKeys(t, d.Connections[0], "number", "peer", "protocol", "client", "server", "segments")
		hasKeys(t, d.Connections[0]["segments"].([]any)[0].(map[string]any), "from", "at", "offset", "length")
		hasKeys(t, d.Frames[0], "connection", "from", "at", "offset", "length", "protocol", "kind", "say", "fields")
		hasKeys(t, d.Events[0], "type", "data", "lastEventId")
		hasKeys(t, d.Log[0], "at", "path", "text")

		client, err := base64.StdEncoding.DecodeString(d.Connections[0]["client"].(string))
		if err != nil || !bytes.HasPrefix(client, []byte("GET /sse?first HTTP/1.1\r\n")) {
			t.Errorf("client: %q, %v", client, err)
		}
		if bytes.Contains(b, []byte("+01:00")) {
			t.Errorf("a time that is not in UTC in %s", b)
		}

		store := wire.NewStore(limits)
		defer store.Close()
		empty, _ := store.Claim("nothing-yet", netip.Prefix{})
		b, err = json.Marshal(export.Capture(empty))
		if want := `{"id":"nothing-yet","connections":[],"frames":[],"events":[],"lastEventId":""}`; err != nil || string(b) != want {
			t.Errorf("%s, %v\nwant %s", b, err, want)
		}
	})
}

func hasKeys(t *testing.T, object map[string]any, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if _, ok := object[key]; !ok {
			t.Errorf("no %q in %v", key, object)
		}
	}
}

func TestWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := run(t)
		want, err := json.Marshal(export.Capture(capture))
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := export.WriteJSON(&got, capture); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("Write:   %s\nCapture: %s", got.Bytes(), want)
		}
		if err := export.WriteJSON(failing{}, capture); err != errFailing {
			t.Errorf("Write to a client that has left: %v", err)
		}
	})
}

var errFailing = fmt.Errorf("gone")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }

// What is not finished is there, as incomplete; what was dropped is counted.
func TestUnfinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small := limits
		small.CaptureBytes = 3000
		capture, client := serve(t, small, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: one\n\ndata: two")
			w.(http.Flusher).Flush()
			time.Sleep(time.Second)
			fmt.Fprint(w, strings.Repeat("x", 5000))
		})
		response, err := client.Get("http://seewire/")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		incomplete := func(d export.Document) (n int) {
			check(t, d)
			for _, f := range d.Frames {
				if f.Incomplete {
					n++
				}
			}
			return n
		}

		synctest.Wait()
		d := export.Capture(capture)
		if n := incomplete(d); n == 0 || len(d.Events) != 1 || d.Connections[0].Dropped != 0 {
			t.Errorf("underway: %d incomplete frames, %d events, %d bytes dropped", n, len(d.Events), d.Connections[0].Dropped)
		}

		io.Copy(io.Discard, response.Body)
		synctest.Wait()
		d = export.Capture(capture)
		if n := incomplete(d); n == 0 || len(d.Events) != 1 || d.Connections[0].Dropped < 2000 {
			t.Errorf("after the limit: %d incomplete frames, %d events, %d bytes dropped", n, len(d.Events), d.Connections[0].Dropped)
		}
	})
}

// A Write that is slower than the client's answer to its first bytes is noted
// after that answer. The document has them in the order in which they began.
func TestOrderOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		capture, client := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
			defer close(done)
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer c.Close()
			written := make(chan struct{})
			go func() {
				defer close(written)
				io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nquestion and more")
			}()
			io.ReadFull(c, make([]byte, len("answer")))
			<-written
		})
		c, err := client.Transport.(*http.Transport).DialContext(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: seewire\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		io.ReadFull(c, make([]byte, 80))
		time.Sleep(time.Second)
		io.WriteString(c, "answer")
		synctest.Wait()
		io.ReadAll(c)
		<-done

		recorded := capture.Snapshot()[0].Segments
		if last := recorded[len(recorded)-1]; last.From != wire.Server {
			t.Fatalf("recorded %+v; the test is about a Write that is noted last", recorded)
		}
		d := export.Capture(capture)
		check(t, d)
		segments := d.Connections[0].Segments
		if last := segments[len(segments)-1]; last.From != wire.Client {
			t.Errorf("segments: %+v", segments)
		}
	})
}

// The start of a capture has the bytes of all of it.
func TestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := run(t)
		whole := export.Capture(capture)
		for _, n := range []int{0, 3, len(whole.Frames), 1 << 20} {
			dissection, err := export.NewDissections(1<<20, nil).Whole(t.Context(), capture)
			if err != nil {
				t.Fatal(err)
			}
			d, more, err := dissection.First(n)
			if err != nil {
				t.Fatal(err)
			}
			if want := min(n, len(whole.Frames)); len(d.Frames) != want || more != len(whole.Frames)-want {
				t.Errorf("%d of %d frames: got %d and %d more", n, len(whole.Frames), len(d.Frames), more)
			}
			if len(d.Connections) != len(whole.Connections) || !bytes.Equal(d.Connections[0].Server, whole.Connections[0].Server) {
				t.Error("the connections are not whole")
			}
		}
	})
}

func TestDissected(t *testing.T) {
	stream := []byte("retry: 10\n\nid: 7\ndata: x\n\n")
	result, err := protocols.Bytes(t.Context(), dissect.NewBudget(), "sse", dissect.Server, "", stream)
	if err != nil {
		t.Fatal(err)
	}
	d := export.Dissected(result, stream, dissect.Server)
	check(t, d)
	if len(d.Events) != 1 || d.LastEventID != "7" || *d.ReconnectionTime != 10 {
		t.Errorf("%+v", d)
	}
	for _, f := range d.Frames {
		if f.Connection != d.Connections[0].Number {
			t.Errorf("frame of connection %d", f.Connection)
		}
	}
	b, err := json.Marshal(d)
	if err != nil || bytes.Contains(b, []byte("null")) {
		t.Errorf("%s, %v", b, err)
	}
	b, err = json.Marshal(export.Dissected(protocols.Result{}, nil, dissect.Client))
	if err != nil || bytes.Contains(b, []byte("null")) {
		t.Errorf("%s, %v", b, err)
	}
}
