package playground_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// onLine serves a handler over a Line and returns the client's end, to which
// the request has been sent.
func onLine(t *testing.T, h func(*playground.Line, *http.Request)) (*experimenttest.Server, io.ReadWriteCloser) {
	s := experimenttest.Start(t, playground.Experiment{
		SSE: func(w http.ResponseWriter, r *http.Request) {
			line := playground.NewLine(w, r)
			defer line.Close()
			h(line, r)
		},
		WS: func(http.ResponseWriter, *http.Request) {},
	}, playground.Limits{})
	client := s.Dial()
	t.Cleanup(func() { client.Close() })
	if _, err := io.WriteString(client, "GET /sse HTTP/1.1\r\nHost: line.test\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return s, client
}

// What is written to a line that is held arrives when it is released, whole and
// in order, also when the handler has ended before.
func TestLineReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, client := onLine(t, func(line *playground.Line, r *http.Request) {
			io.WriteString(line, "one ")
			line.FlushError()
			line.Hold()
			time.AfterFunc(time.Minute, line.Release)
			for _, word := range []string{"two ", "three "} {
				if n, err := io.WriteString(line, word); n != len(word) || err != nil {
					t.Errorf("a write to a line that is held: %d, %v", n, err)
				}
			}
			line.FlushError()
		})
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		word := make([]byte, 100)
		n, _ := response.Body.Read(word)
		if string(word[:n]) != "one " || time.Since(begin) != 0 {
			t.Errorf("%q after %v", word[:n], time.Since(begin))
		}
		rest, err := io.ReadAll(response.Body)
		if string(rest) != "two three " || err != nil || time.Since(begin) != time.Minute {
			t.Errorf("then %q, %v, after %v", rest, err, time.Since(begin))
		}
	})
}

// The buffers of a line are finite.
func TestLineIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error)
		_, client := onLine(t, func(line *playground.Line, r *http.Request) {
			line.Hold()
			for {
				if _, err := line.Write(make([]byte, 1000)); err != nil {
					failed <- err
					return
				}
			}
		})
		if err := <-failed; err == nil {
			t.Error("no end to it")
		}
		client.Close()
	})
}

// A connection that was taken over is deaf and mute while it is held: the
// handler reads nothing, however much the client sends, and writes nothing,
// and its Close is not heard.
func TestLineHijacked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begin time.Time
		heard := make(chan time.Duration, 1)
		_, client := onLine(t, func(line *playground.Line, r *http.Request) {
			conn, buffered, err := line.Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(buffered, "hello\n")
			buffered.Flush()
			line.Hold()
			time.AfterFunc(time.Minute, line.Release)
			io.WriteString(conn, "are you there?\n")
			p := make([]byte, 100)
			n, err := conn.Read(p)
			heard <- time.Since(begin)
			if string(p[:n]) != "yes\nyes\n" || err != nil {
				t.Errorf("heard %q, %v", p[:n], err)
			}
			line.Hold()
			io.WriteString(conn, "goodbye\n")
			conn.Close()
			if _, err := conn.Read(p); err == nil {
				t.Error("a read from a connection that was closed")
			}
		})
		begin = time.Now()
		lines := bufio.NewReader(client)
		if line, err := lines.ReadString('\n'); line != "hello\n" || err != nil {
			t.Fatalf("%q, %v", line, err)
		}
		for range 2 {
			if _, err := io.WriteString(client, "yes\n"); err != nil {
				t.Fatal(err)
			}
		}
		if line, err := lines.ReadString('\n'); line != "are you there?\n" || time.Since(begin) != time.Minute {
			t.Errorf("%q, %v after %v", line, err, time.Since(begin))
		}
		if after := <-heard; after != time.Minute {
			t.Errorf("the handler heard something after %v", after)
		}

		// Nothing more comes until the run is over, and then an end.
		if line, err := lines.ReadString('\n'); line != "" || err == nil || time.Since(begin) != 2*time.Minute {
			t.Errorf("%q, %v after %v", line, err, time.Since(begin))
		}
	})
}

// A handler that has not closed the connection, nor read what fills its buffer,
// ends all the same.
func TestLineEndsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := onLine(t, func(line *playground.Line, r *http.Request) {
			if _, _, err := line.Hijack(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
		})
		// What comes after the handler's end may still be read, and dropped.
		if n, err := client.Write(make([]byte, 100_000)); n < 64<<10 {
			t.Errorf("%d bytes were taken, %v", n, err)
		}
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d runs are open", n)
		}
	})
}

// A handler learns that its client has left, held or not.
func TestLineClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := onLine(t, func(line *playground.Line, r *http.Request) {
			conn, _, err := line.Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			line.Hold()
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("the client has left: %v", err)
			}
		})
		synctest.Wait()
		if n := s.Runner.Open(); n != 1 {
			t.Fatalf("%d runs are open", n)
		}
		client.Close()
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d runs are still open", n)
		}
	})
}
