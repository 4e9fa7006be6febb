package measure

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/wire"
)

// The figures beside the learner's own: the same handlers over TCP on the
// loopback and with the tap, as the site has them, but with a Go program in the
// browser's place and nothing recorded.
//
//	go test ./playground/experiments/measure -run '^$' -bench . -benchtime 5000x -count 3

// A bench is the experiment on a TCP port, which counts the bytes that go through it.
type bench struct {
	address  string
	up, down atomic.Int64
	client   *http.Client
}

func startBench(b *testing.B) *bench {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &bench{address: listener.Addr().String()}
	s.client = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			conn, err := net.Dial("tcp", s.address)
			return &countedConn{conn, s}, err
		},
	}}
	e, runner := New(), playground.NewRunner(playground.Limits{})
	mux := http.NewServeMux()
	mux.Handle("/sse", runner.SSE(e))
	mux.Handle("/ws", runner.WS(e))
	mux.Handle("/send", runner.Send(e))
	ctx, stop := context.WithCancelCause(context.Background())
	server := &http.Server{
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return playground.ConnContext(wire.ConnContext(ctx, conn), conn)
		},
		ConnState: wire.ConnState,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wire.FromContext(r.Context()).Ignore()
			mux.ServeHTTP(w, r)
		}),
	}
	done := make(chan error)
	go func() { done <- server.Serve(wire.Listen(listener)) }()
	b.Cleanup(func() {
		stop(playground.ErrServerClosing)
		s.client.CloseIdleConnections()
		runner.Wait(context.Background())
		server.Close()
		<-done
	})
	return s
}

// A countedConn is the client's end of a connection.
type countedConn struct {
	net.Conn
	s *bench
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.s.down.Add(int64(n))
	return n, err
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.s.up.Add(int64(n))
	return n, err
}

// listen opens an event stream, and returns what reads the data of its next event.
func (s *bench) listen(b *testing.B, query string) func() string {
	resp, err := s.client.Get("http://" + s.address + "/sse?" + query)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewReader(resp.Body)
	return func() string {
		line, _ := lines.ReadString('\n')
		lines.ReadString('\n') // the blank line
		return strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "data: ")
	}
}

// dial opens a socket.
func (s *bench) dial(b *testing.B, query string) *websocket.Conn {
	conn, _, err := websocket.Dial(context.Background(), "ws://"+s.address+"/ws?"+query, &websocket.DialOptions{HTTPClient: s.client})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.CloseNow() })
	return conn
}

// percentiles reports what times come to. Their mean says little.
func percentiles(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(micro(times[len(times)/2]), "p50-µs")
	b.ReportMetric(micro(times[len(times)*99/100]), "p99-µs")
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// used is the processor time that this process has taken.
func used() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A push goes one way, and both ends have the same clock.
func BenchmarkPush(b *testing.B) {
	since := func(message string) time.Duration {
		stamp, _, _ := strings.Cut(message, " ")
		ms, _ := strconv.ParseFloat(stamp, 64)
		return time.Since(time.UnixMicro(int64(ms * 1000)))
	}
	// A stream pushes at most 40, 2 ms apart: one is opened for each so many.
	const each, query = 40, "each=40&every=2"

	b.Run("sse", func(b *testing.B) {
		s := startBench(b)
		var times []time.Duration
		for len(times) < b.N {
			next := s.listen(b, query)
			next() // with the head
			for range each - 1 {
				times = append(times, since(next()))
			}
		}
		percentiles(b, times)
	})
	b.Run("ws", func(b *testing.B) {
		s, ctx := startBench(b), context.Background()
		var times []time.Duration
		for len(times) < b.N {
			conn := s.dial(b, query)
			conn.Read(ctx)
			for range each - 1 {
				_, data, err := conn.Read(ctx)
				if err != nil {
					b.Fatal(err)
				}
				times = append(times, since(string(data)))
			}
		}
		percentiles(b, times)
	})
}

// A round trip is a question of 32 bytes and its answer, one after the other.
func BenchmarkRoundTrip(b *testing.B) {
	question := strings.Repeat("?", 32)
	b.Run("post", func(b *testing.B) {
		s := startBench(b)
		ask := func() {
			resp, err := s.client.Post("http://"+s.address+"/send", "text/plain", strings.NewReader(question))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		s.roundTrips(b, ask)
	})
	b.Run("ws", func(b *testing.B) {
		s, ctx := startBench(b), context.Background()
		conn := s.dial(b, "each=0")
		s.roundTrips(b, func() {
			if err := conn.Write(ctx, websocket.MessageText, []byte(question)); err != nil {
				b.Fatal(err)
			}
			if _, _, err := conn.Read(ctx); err != nil {
				b.Fatal(err)
			}
		})
	})
}

func (s *bench) roundTrips(b *testing.B, ask func()) {
	ask() // on a connection that is open
	s.up.Store(0)
	s.down.Store(0)
	times := make([]time.Duration, b.N)
	begun := used()
	for i := range times {
		asked := time.Now()
		ask()
		times[i] = time.Since(asked)
	}
	cpu, n := used()-begun, float64(b.N)
	percentiles(b, times)
	b.ReportMetric(micro(cpu)/n, "cpu-µs/op") // of client and server
	b.ReportMetric(float64(s.up.Load())/n, "up-B/op")
	b.ReportMetric(float64(s.down.Load())/n, "down-B/op")
}

// An idle stream costs memory: what the process has more of with 500 of them
// open, the client's end of each being no more than a TCP connection.
func BenchmarkIdle(b *testing.B) {
	const streams = 500
	for _, c := range []struct{ side, request string }{
		{"sse", "GET /sse?each=0 HTTP/1.1\r\nHost: bench\r\n\r\n"},
		{"ws", "GET /ws?each=0 HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"},
	} {
		b.Run(c.side, func(b *testing.B) {
			s := startBench(b)
			var before, after runtime.MemStats
			read(&before)
			for range streams { // once, whatever b.N is
				conn, err := net.Dial("tcp", s.address)
				if err != nil {
					b.Fatal(err)
				}
				defer conn.Close()
				fmt.Fprint(conn, c.request)
				head := make([]byte, 512)
				if _, err := conn.Read(head); err != nil {
					b.Fatal(err)
				}
			}
			read(&after)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse)/streams/1024, "KiB/stream")
		})
	}
}

// read reads what memory is in use once nothing is left to be collected.
func read(m *runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(m)
}
