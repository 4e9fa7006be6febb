package wire_test

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"seewire/playground/wire"
)

// BenchmarkStream writes events to a client over loopback, on a bare
// connection and on a tapped one.
//
//	go test -bench=Stream -benchmem ./playground/wire
func BenchmarkStream(b *testing.B) {
	message := []byte("1a\r\nid: 1\ndata: twenty bytes..\r\n")

	stream := func(b *testing.B, listen func(net.Listener) net.Listener, prepare func(net.Conn)) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			io.Copy(io.Discard, c)
		}()
		c, err := listen(l).Accept()
		if err != nil {
			b.Fatal(err)
		}
		prepare(c)
		b.SetBytes(int64(len(message)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Write(message); err != nil {
				b.Fatal(err)
			}
		}
		c.Close()
		<-drained
	}
	tap := func(l net.Listener) net.Listener { return wire.Listen(l) }

	b.Run("no-tap", func(b *testing.B) {
		stream(b, func(l net.Listener) net.Listener { return l }, func(net.Conn) {})
	})
	b.Run("tap-idle", func(b *testing.B) {
		stream(b, tap, func(c net.Conn) { c.(*wire.Conn).Ignore() })
	})
	b.Run("tap-recording", func(b *testing.B) {
		roomy := limits
		roomy.CaptureBytes, roomy.TotalBytes = 1<<40, 1<<40
		store := wire.NewStore(roomy)
		defer store.Close()
		capture, err := store.Claim("benchmark", netip.Prefix{})
		if err != nil {
			b.Fatal(err)
		}
		stream(b, tap, func(c net.Conn) {
			c.(*wire.Conn).Record(capture)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		})
	})
}

// BenchmarkRecord is what recording adds to a write, where a message goes to 500
// connections of one capture: as long as there is room, and when the oldest have to go.
//
//	go test -run '^$' -bench=Record -benchmem -benchtime 20x ./playground/wire
func BenchmarkRecord(b *testing.B) {
	const members, messages = 500, 40
	event := []byte("14a\r\nid: 1\ndata: " + strings.Repeat("x", 313) + "\n\n\r\n")
	for _, c := range []struct {
		name  string
		bytes int64
	}{{"room", 1 << 40}, {"full", 4 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				_, conns, done := recordMany(b, c.bytes, members)
				b.StartTimer()
				for range messages {
					for _, conn := range conns {
						conn.Write(event)
					}
				}
				b.StopTimer()
				done()
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*members*messages), "ns/write")
		})
	}
}

// recordMany returns connections whose bytes go nowhere but into a capture.
func recordMany(t testing.TB, captureBytes int64, n int) (capture *wire.Capture, conns []net.Conn, done func()) {
	l := limits
	l.CaptureBytes, l.TotalBytes, l.Connections = captureBytes, 1<<40, n
	store := wire.NewStore(l)
	capture, err := store.Claim("many-conns", netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	tap := wire.Listen(nowhere{})
	for range n {
		conn, _ := tap.Accept()
		conn.(*wire.Conn).Record(capture)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
		conns = append(conns, conn)
	}
	return capture, conns, store.Close
}

// nowhere accepts connections that take all that is written.
type nowhere struct{ net.Listener }

func (nowhere) Accept() (net.Conn, error) { return nowhereConn{}, nil }

type nowhereConn struct{ net.Conn }

func (nowhereConn) Write(p []byte) (int, error) { return len(p), nil }
func (nowhereConn) RemoteAddr() net.Addr        { return &net.TCPAddr{} }
func (nowhereConn) LocalAddr() net.Addr         { return &net.TCPAddr{} }

// BenchmarkIdleStream opens event streams that say nothing and reports what
// each takes of the memory, with and without a tap.
func BenchmarkIdleStream(b *testing.B) {
	idle := func(b *testing.B, listen func(net.Listener) net.Listener, server *http.Server) {
		const streams = 500
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c := wire.FromContext(r.Context()); c != nil {
				c.Ignore()
			}
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		served := make(chan struct{})
		go func() {
			defer close(served)
			server.Serve(listen(l))
		}()

		before := memory()
		clients := make([]net.Conn, streams)
		for i := range clients {
			if clients[i], err = net.Dial("tcp", l.Addr().String()); err != nil {
				b.Fatal(err)
			}
			io.WriteString(clients[i], get(""))
			clients[i].Read(make([]byte, 1000))
		}
		b.ReportMetric(float64(memory()-before)/streams, "B/stream")
		b.ReportMetric(0, "ns/op")

		for _, c := range clients {
			c.Close()
		}
		server.Shutdown(b.Context())
		<-served
	}
	b.Run("no-tap", func(b *testing.B) {
		idle(b, func(l net.Listener) net.Listener { return l }, new(http.Server))
	})
	b.Run("tap-idle", func(b *testing.B) {
		idle(b, func(l net.Listener) net.Listener { return wire.Listen(l) },
			&http.Server{ConnContext: wire.ConnContext, ConnState: wire.ConnState})
	})
}

// memory is what the program has in use.
func memory() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one leaves what is in a sync.Pool
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}
