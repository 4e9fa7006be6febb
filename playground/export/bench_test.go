package export

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// BenchmarkFeed is what the live feed takes for a token of a chat, from the bytes in
// the capture to the document that is sent, and for each byte of it. Three chats of
// 30 tokens a second are watched, so that nine tokens come in a document.
func BenchmarkFeed(b *testing.B) {
	const documents = 300
	for _, form := range []struct {
		name  string
		begin func() func(*Document, func(*dissect.Frame) []byte) ([]byte, error)
	}{
		{"json", func() func(*Document, func(*dissect.Frame) []byte) ([]byte, error) {
			return func(d *Document, _ func(*dissect.Frame) []byte) ([]byte, error) { return json.Marshal(d) }
		}},
		{"compact", func() func(*Document, func(*dissect.Frame) []byte) ([]byte, error) { return newCompactor().write }},
	} {
		b.Run(form.name, func(b *testing.B) {
			plain, sent, shown := 0, 0, 0
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				var s Dissections
				var chats chats
				write := form.begin()
				r := &reader{id: "capture-a", budget: dissect.NewBudget(), passing: true, inFrames: form.name == "compact"}
				for range documents {
					snapshot := chats.goOn()
					d, _ := r.read(snapshot, pieceBytes)
					text, err := write(&d, func(f *dissect.Frame) []byte { return r.bytesOf(f, snapshot) })
					if err != nil {
						b.Fatal(err)
					}
					plain += len(text)
					sent += len(s.document(text).bytes)
				}
				shown += chats.bytes()
			}
			b.ReportMetric(float64(processorTime(b)-began)/float64(b.N*documents*9), "cpu-ns/token")
			b.ReportMetric(float64(plain)/float64(shown), "bytes/byte")
			b.ReportMetric(float64(sent)/float64(shown), "sent/byte")
		})
	}
}

// Chats are three connections over which an answer comes, token by token.
type chats struct {
	overWS      bool
	connections []wire.Connection
	tokens      int
	at          time.Time
}

// words are those of the answer, again and again.
var words = strings.SplitAfter("A heartbeat is sent because what lies in between, 中间的代理, cuts off what says nothing for a minute. ", " ")

// goOn brings three tokens more to each.
func (c *chats) goOn() []wire.Connection {
	if c.connections == nil {
		c.at = time.Unix(1764300000, 0)
		request := "GET /sse HTTP/1.1\r\nHost: a\r\n\r\n"
		response := "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
		if c.overWS {
			request = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
			response = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
		}
		for i := range 3 {
			c.connections = append(c.connections, wire.Connection{Number: i + 1, Peer: "127.0.0.1:1", Protocol: "http/1.1"})
			c.write(i, wire.Client, request)
			c.write(i, wire.Server, response)
		}
	}
	for range 3 {
		word := words[c.tokens%len(words)]
		c.tokens++
		chunk := `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764300000,"model":"seewire-small-talk","choices":[{"index":0,"delta":{"content":"` + word + `"},"finish_reason":null}]}`
		token := "\x81\x7e\x00" + string([]byte{byte(len(chunk))}) + chunk
		if !c.overWS {
			event := "data: " + chunk + "\n\n"
			token = fmt.Sprintf("%x\r\n%s\r\n", len(event), event)
		}
		for i := range c.connections {
			c.write(i, wire.Server, token)
		}
	}
	return c.connections
}

func (c *chats) write(i int, from wire.Side, s string) {
	connection := &c.connections[i]
	bytes := &connection.Client
	if from == wire.Server {
		bytes = &connection.Server
	}
	c.at = c.at.Add(11 * time.Millisecond)
	connection.Segments = append(connection.Segments, wire.Segment{From: from, At: c.at, Offset: int64(len(*bytes)), Length: len(s)})
	*bytes = append(*bytes, s...)
}

func (c *chats) bytes() (n int) {
	for _, connection := range c.connections {
		n += len(connection.Client) + len(connection.Server)
	}
	return n
}

// What the feed makes for a document is made anew only where it is text.
func TestFeedUsesItsRoomAgain(t *testing.T) {
	const tokens = 9 // in a document
	for name, chats := range map[string]*chats{"sse": {}, "ws": {overWS: true}} {
		var snapshots [][]wire.Connection
		for range 100 {
			snapshots = append(snapshots, slices.Clone(chats.goOn()))
		}
		r := &reader{id: "capture-a", budget: captureBudget(), passing: true, inFrames: true}
		c := newCompactor()
		next := 0
		made := testing.AllocsPerRun(len(snapshots)-1, func() {
			snapshot := snapshots[next]
			next++
			d, _ := r.read(snapshot, pieceBytes)
			if _, err := c.write(&d, func(f *dissect.Frame) []byte { return r.bytesOf(f, snapshot) }); err != nil {
				t.Fatal(err)
			}
		})
		if most := 5.0*tokens + 5; made > most {
			t.Errorf("%s: a document of %d tokens takes %.0f allocations, want at most %.0f", name, tokens, made, most)
		}
	}
}
