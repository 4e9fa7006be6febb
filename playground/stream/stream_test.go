package stream_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"seewire/playground/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSend(t *testing.T) {
	tests := []struct {
		name  string
		event stream.Event
		want  string
	}{
		{"data", stream.Event{Data: "hello"}, "data: hello\n\n"},
		{"all fields", stream.Event{Type: "price", ID: "7", Data: "9.50"}, "event: price\nid: 7\ndata: 9.50\n\n"},
		{"no data is an event too", stream.Event{}, "data: \n\n"},
		{"LF", stream.Event{Data: "a\nb"}, "data: a\ndata: b\n\n"},
		{"CR", stream.Event{Data: "a\rb"}, "data: a\ndata: b\n\n"},
		{"CR LF", stream.Event{Data: "a\r\nb"}, "data: a\ndata: b\n\n"},
		{"LF CR are two", stream.Event{Data: "a\n\rb"}, "data: a\ndata: \ndata: b\n\n"},
		{"a line end at the end", stream.Event{Data: "a\n"}, "data: a\ndata: \n\n"},
		{"a space at the front", stream.Event{Data: " a"}, "data:  a\n\n"},
		{"what looks like an event", stream.Event{Data: "a\n\nevent: admin\rdata: b\r\r"}, "data: a\ndata: \ndata: event: admin\ndata: data: b\ndata: \ndata: \n\n"},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		if err := stream.New(w).Send(test.event); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := w.Body.String(); got != test.want {
			t.Errorf("%s: %q was written, not %q", test.name, got, test.want)
		}
	}
}

func TestSendRefuses(t *testing.T) {
	for _, bad := range []string{"a\nb", "a\rb", "a\r\n", "\x00"} {
		for _, event := range []stream.Event{{Type: bad, Data: "x"}, {ID: bad, Data: "x"}} {
			w := httptest.NewRecorder()
			if err := stream.New(w).Send(event); !errors.Is(err, stream.ErrLine) {
				t.Errorf("%+v: the error is %v", event, err)
			}
			if w.Body.Len() > 0 {
				t.Errorf("%+v: %q was written", event, w.Body)
			}
		}
	}
}

func TestOthers(t *testing.T) {
	tests := []struct {
		write func(*stream.Stream) error
		want  string
	}{
		{func(s *stream.Stream) error { return s.Comment("still here") }, ": still here\n\n"},
		{func(s *stream.Stream) error { return s.Comment("a\rdata: b") }, ": a\n: data: b\n\n"},
		{func(s *stream.Stream) error { return s.Retry(1500*time.Millisecond + time.Microsecond) }, "retry: 1500\n\n"},
		{func(s *stream.Stream) error { return s.Raw([]byte("da")) }, "da"},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		if err := test.write(stream.New(w)); err != nil {
			t.Error(err)
		}
		if got := w.Body.String(); got != test.want {
			t.Errorf("%q was written, not %q", got, test.want)
		}
	}
}

// serve runs a handler on a connection in memory and returns the client's end.
func serve(t *testing.T, h http.HandlerFunc) net.Conn {
	client, server := net.Pipe()
	l := &oneConn{conns: make(chan net.Conn, 1)}
	l.conns <- server
	s := &http.Server{Handler: h}
	go s.Serve(l)
	t.Cleanup(func() {
		client.Close()
		s.Close()
		synctest.Wait()
	})
	if _, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: stream.test\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return client
}

// oneConn is a listener for as many connections as were put into it.
type oneConn struct{ conns chan net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	if conn, ok := <-l.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}
func (l *oneConn) Close() error   { close(l.conns); return nil }
func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// The head is there before the first event, each event is a chunk of its own,
// and a stream that was silent at its end still ends properly.
func TestOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := serve(t, func(w http.ResponseWriter, r *http.Request) {
			out := stream.New(w)
			time.Sleep(time.Minute)
			out.Send(stream.Event{Data: "one"})
			time.Sleep(time.Minute)
		})
		begin := time.Now()
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("the head came after %v", took)
		}
		for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s is %q, not %q", name, got, want)
			}
		}
		event := make([]byte, 100)
		n, err := response.Body.Read(event)
		if err != nil || string(event[:n]) != "data: one\n\n" || time.Since(begin) != time.Minute {
			t.Errorf("the event is %q, %v, after %v", event[:n], err, time.Since(begin))
		}
		if rest, err := io.ReadAll(response.Body); err != nil || len(rest) > 0 {
			t.Errorf("the stream ends with %q, %v", rest, err)
		}
	})
}

// A client that never reads fails the write, and not before its time.
func TestWriteDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		begin := time.Now()
		conn := serve(t, func(w http.ResponseWriter, r *http.Request) {
			out := stream.New(w)
			for {
				if err := out.Send(stream.Event{Data: strings.Repeat("x", 1000)}); err != nil {
					failed <- err
					return
				}
			}
		})
		defer conn.Close()
		err := <-failed
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
			t.Errorf("the error is %v, not a timeout", err)
		}
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("the write failed after %v", took)
		}
	})
}
