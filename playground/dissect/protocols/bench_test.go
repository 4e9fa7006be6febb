package protocols

import (
	"strings"
	"testing"
	"time"

	"seewire/playground/dissect"
	"seewire/playground/http2frame"
)

// benchmark dissects the turns as they are, and reports bytes a second and
// allocations a frame.
func benchmark(b *testing.B, turns ...turn) {
	total, frames := 0, 0
	parts := make([][]byte, len(turns))
	for i, turn := range turns {
		total += len(turn.bytes)
		parts[i] = []byte(turn.bytes)
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		c := New(1, dissect.NewBudget())
		frames = 0
		for i, turn := range turns {
			frames += len(c.Feed(turn.from, time.Time{}, parts[i]))
		}
	}
	perFrame := testing.AllocsPerRun(1, func() {
		c := New(1, dissect.NewBudget())
		for i, turn := range turns {
			c.Feed(turn.from, time.Time{}, parts[i])
		}
	}) / float64(frames)
	b.ReportMetric(perFrame, "allocs/frame")
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds()*float64(b.N), "frames/s")
}

func BenchmarkHTTP1(b *testing.B) {
	request := "GET /play/chat/sse?rate=12&seed=1 HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/event-stream\r\n" +
		"Accept-Language: zh-CN,zh;q=0.9\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\r\n"
	response := "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nhello, world"
	var turns []turn
	for range 500 {
		turns = append(turns, turn{dissect.Client, request}, turn{dissect.Server, response})
	}
	benchmark(b, turns...)
}

func BenchmarkSSE(b *testing.B) {
	chunk := "3f\r\nid: 123456\nevent: token\ndata: {\"delta\":{\"content\":\"a token\"}}\n\n\r\n"
	benchmark(b, turn{dissect.Client, someRequest}, turn{dissect.Server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" +
		"Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 5000)})
}

func BenchmarkWebSocket(b *testing.B) {
	message := `{"delta":{"content":"a token"}}`
	benchmark(b, turn{dissect.Client, openingHead + "\r\n"}, turn{dissect.Server, acceptedHead + "\r\n" + strings.Repeat(wsFrame(0x81, "", message), 5000)},
		turn{dissect.Client, strings.Repeat(wsFrame(0x81, "\x12\x34\x56\x78", message), 5000)})
}

func BenchmarkWebSocketLarge(b *testing.B) {
	message := strings.Repeat("a", 1<<20)
	benchmark(b, turn{dissect.Client, openingHead + "\r\n"}, turn{dissect.Server, acceptedHead + "\r\n"},
		turn{dissect.Client, strings.Repeat(wsFrame(0x81, "\x12\x34\x56\x78", message), 4)})
}

func BenchmarkHTTP2(b *testing.B) {
	c, s := newH2Writer(), newH2Writer()
	c.WriteString(http2frame.Preface)
	c.WriteSettings()
	s.WriteSettings()
	turns := []turn{{dissect.Client, c.take()}, {dissect.Server, s.take()}}
	for i := range 500 {
		stream := uint32(2*i + 1)
		c.headers(stream, true, append(getH2("/play/chat/sse?rate=12&seed=1"), "accept", "text/event-stream",
			"user-agent", "Mozilla/5.0 (X11; Linux x86_64)")...)
		s.headers(stream, false, ":status", "200", "content-type", "text/event-stream")
		for range 10 {
			s.WriteData(stream, false, []byte("id: 123456\nevent: token\ndata: {\"delta\":{\"content\":\"a token\"}}\n\n"))
		}
		turns = append(turns, turn{dissect.Client, c.take()}, turn{dissect.Server, s.take()})
	}
	benchmark(b, turns...)
}

func BenchmarkByteByByte(b *testing.B) {
	stream := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + strings.Repeat("data: "+strings.Repeat("a", 1000)+"\n\n", 100))
	b.SetBytes(int64(len(stream)))
	for b.Loop() {
		c := New(1, dissect.NewBudget())
		for i := range stream {
			c.Feed(dissect.Server, time.Time{}, stream[i:i+1])
		}
	}
}
