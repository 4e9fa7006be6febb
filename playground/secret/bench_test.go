package secret

import (
	"testing"
	"time"

	"seewire/playground/http2frame"
)

// BenchmarkAdd is what covering adds to a Read or Write that is recorded.
//
//	go test -bench=Add -benchmem ./playground/secret
func BenchmarkAdd(b *testing.B) {
	const request = "GET /play/reconnect/sse?capture=abcd-efgh-jkmn-pqrs HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n" +
		"Accept: text/event-stream\r\nCookie: session=0123456789abcdef\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n"
	add := func(name, head string, covering func() *Covering, p string) {
		b.Run(name, func(b *testing.B) {
			c := covering()
			c.Add(time.Time{}, []byte(head))
			bytes := []byte(p)
			b.ReportAllocs()
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				c.Add(time.Time{}, bytes)
			}
		})
	}
	add("a head", "", func() *Covering { return NewHTTP1(nil).Client }, request)
	add("a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", func() *Covering { return NewHTTP1(nil).Server }, "1a\r\nid: 1\ndata: twenty bytes..\r\n")
	add("a frame of WebSocket", "HTTP/1.1 101 Switching Protocols\r\n\r\n", func() *Covering { return NewHTTP1(nil).Server }, "\x81\x1aid: 1\ndata: twenty bytes..")
	add("a DATA frame", "", func() *Covering { return NewHTTP2(nil).Server }, string(frame(http2frame.Data, 0, 1, []byte("id: 1\ndata: twenty bytes..\n"))))
}
