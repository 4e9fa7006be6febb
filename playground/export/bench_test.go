package export

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/wire"
)

// BenchmarkFeed is what the live feed takes beside the dissecting, for a token of
// a chat and for each byte of it: five tokens come in a document.
func BenchmarkFeed(b *testing.B) {
	const tokens, each = 6000, 5
	data := `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764300000,"model":"seewire","choices":[{"index":0,"delta":{"content":" because"},"finish_reason":null}]}` + "\n\n"
	c := wire.Connection{Number: 1, Peer: "127.0.0.1:1", Protocol: "http/1.1"}
	write := func(s string) {
		at := time.Unix(0, int64(len(c.Segments))*int64(10*time.Millisecond))
		c.Segments = append(c.Segments, wire.Segment{From: wire.Server, At: at, Offset: int64(len(c.Server)), Length: len(s)})
		c.Server = append(c.Server, s...)
	}
	write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
	r := &reader{id: "capture-a", budget: dissect.NewBudget()}
	var documents []Document
	for range tokens / each {
		for range each {
			write(fmt.Sprintf("%x\r\n%s\r\n", len(data), data))
		}
		d, _ := r.read([]wire.Connection{c}, pieceBytes)
		documents = append(documents, d)
	}
	snapshot := []wire.Connection{c}

	for _, form := range []struct {
		name  string
		begin func() func(*Document) ([]byte, error)
	}{
		{"json", func() func(*Document) ([]byte, error) {
			return func(d *Document) ([]byte, error) { return json.Marshal(d) }
		}},
		{"compact", func() func(*Document) ([]byte, error) {
			c := newCompactor()
			return func(d *Document) ([]byte, error) { return c.write(d, snapshot) }
		}},
	} {
		b.Run(form.name, func(b *testing.B) {
			plain, deflated := 0, 0
			for b.Loop() {
				var p packer
				write := form.begin()
				for i := range documents {
					text, err := write(&documents[i])
					if err != nil {
						b.Fatal(err)
					}
					plain += len(text)
					deflated += len(p.pack(text))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*tokens), "ns/token")
			b.ReportMetric(float64(plain)/float64(b.N*len(c.Server)), "bytes/byte")
			b.ReportMetric(float64(deflated)/float64(b.N*len(c.Server)), "deflated/byte")
		})
	}
}
