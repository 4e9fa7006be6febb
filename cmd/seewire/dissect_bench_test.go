package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"seewire/playground/export"
	"seewire/playground/wire"
)

// BenchmarkDissect is what a whole process of dissect takes to print a recording of two
// thousand messages, and how many times as much tshark takes for the same file, where
// there is one: in turns, so that both have the same machine.
func BenchmarkDissect(b *testing.B) {
	const (
		message = `{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1795939200,"model":"seewire-small-talk","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}`
		upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
	)
	event := "data: " + message + "\n\n"
	for _, stream := range []struct{ name, request, response, message string }{
		{"sse", "\r\n", "200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("%x\r\n%s\r\n", len(event), event)},
		{"ws", upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
			"101 Switching Protocols\r\n" + upgrade + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", "\x81\x7e" + string([]byte{byte(len(message) >> 8), byte(len(message))}) + message},
	} {
		file := recordingOf(b, "GET / HTTP/1.1\r\nHost: localhost\r\n"+stream.request, "HTTP/1.1 "+stream.response, stream.message, 2000)
		for _, form := range []struct{ name, ours, theirs string }{{"json", "-json", "-Tjson"}, {"tree", "-v=false", "-V"}} {
			b.Run(stream.name+"/"+form.name, func(b *testing.B) {
				tshark, _ := exec.LookPath("tshark")
				var ours, theirs time.Duration
				for b.Loop() {
					program := exec.CommandContext(b.Context(), os.Args[0], "dissect", form.ours, file)
					program.Env = append(os.Environ(), runMain+"=1")
					ours += spent(b, program)
					if tshark != "" {
						theirs += spent(b, exec.CommandContext(b.Context(), tshark, form.theirs, "-r", file))
					}
				}
				b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "cpu-ms/op")
				if tshark != "" {
					b.ReportMetric(float64(theirs)/float64(ours), "tshark/ours")
				}
			})
		}
	}
}

// recordingOf is a file with a request, and a response that goes on with so many messages.
func recordingOf(b *testing.B, request, response, message string, messages int) (file string) {
	at := time.Now()
	c := wire.Connection{Number: 1, Peer: "127.0.0.1:40000", Local: "127.0.0.1:8080", Protocol: "http/1.1", Began: at}
	add := func(from wire.Side, kept *[]byte, text string) {
		at = at.Add(time.Millisecond)
		c.Segments = append(c.Segments, wire.Segment{From: from, At: at, Offset: int64(len(*kept)), Length: len(text)})
		*kept = append(*kept, text...)
	}
	add(wire.Client, &c.Client, request)
	add(wire.Server, &c.Server, response)
	for range messages {
		add(wire.Server, &c.Server, message)
	}
	var recording bytes.Buffer
	if err := export.WriteConnections(&recording, "benchmark", []wire.Connection{c}); err != nil {
		b.Fatal(err)
	}
	file = filepath.Join(b.TempDir(), "recording.pcapng")
	if err := os.WriteFile(file, recording.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// spent is the processor time of a command.
func spent(b *testing.B, c *exec.Cmd) time.Duration {
	c.Stdout = new(bytes.Buffer)
	if err := c.Run(); err != nil {
		b.Fatal(err)
	}
	return c.ProcessState.UserTime() + c.ProcessState.SystemTime()
}
