package site

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground"
	"seewire/playground/experiments/chat"
	"seewire/playground/experiments/oneway"
)

// inMemory serves h to one client, over a connection in memory.
func inMemory(t *testing.T, h http.HandlerFunc) (client net.Conn) {
	client, conn := net.Pipe()
	accept := make(chan net.Conn, 1)
	accept <- conn
	server := &http.Server{Handler: hurry(h)}
	served := make(chan struct{})
	go func() { defer close(served); server.Serve(&handedIn{accept}) }()
	t.Cleanup(func() { client.Close(); close(accept); server.Close(); <-served })
	return client
}

// A handedIn accepts what is put into it.
type handedIn struct{ conns chan net.Conn }

func (l *handedIn) Accept() (net.Conn, error) {
	if conn, ok := <-l.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (l *handedIn) Close() error { return nil }

func (l *handedIn) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "pipe"} }

func TestBodyThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error)
		client := inMemory(t, func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			ended <- err
		})
		began := time.Now()
		io.WriteString(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it")
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != bodyTime {
			t.Errorf("after %v: %v; want the deadline's error after %v", time.Since(began), err, bodyTime)
		}
	})
}

// Nor does such a client keep a connection of another origin's listener, where
// nobody reads a body.
func TestBodyThatDoesNotComeToAnotherOrigin(t *testing.T) {
	scripts, err := StaticFiles()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		client, conn := net.Pipe()
		accept := make(chan net.Conn, 1)
		accept <- conn
		server := &http.Server{Handler: (&Site{pages: &pages{static: scripts}}).Frame()}
		served := make(chan struct{})
		go func() { defer close(served); server.Serve(&handedIn{accept}) }()
		defer func() { client.Close(); close(accept); server.Close(); <-served }()

		began := time.Now()
		client.SetReadDeadline(began.Add(2 * bodyTime))
		io.WriteString(client, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it")
		if _, err := io.Copy(io.Discard, client); err != nil || time.Since(began) > bodyTime+time.Second {
			t.Errorf("after %v: %v; want the end after %v", time.Since(began), err, bodyTime)
		}
	})
}

// Whoever sends no body is told so, wherever it was awaited.
func TestAnswerToABodyThatDoesNotCome(t *testing.T) {
	runner := playground.NewRunner(playground.Limits{})
	a := &Site{places: newPlaces(1)}
	for path, h := range map[string]http.Handler{
		"/dissect?protocol=sse":      http.HandlerFunc(a.dissect),
		"/play/chat/sse":             runner.SSE(chat.New()),
		"/play/oneway/send?room=one": runner.Send(oneway.New(nil)),
	} {
		synctest.Test(t, func(t *testing.T) {
			client := inMemory(t, h.ServeHTTP)
			io.WriteString(client, "POST "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it")
			resp, err := http.ReadResponse(bufio.NewReader(client), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != http.StatusRequestTimeout || strings.Contains(string(body), "i/o") {
				t.Errorf("%s: %s\n%s", path, resp.Status, body)
			}
			resp.Body.Close()
		})
	}
}

// A stream that follows a body is not ended by the deadline of the body.
func TestStreamAfterABody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error)
		client := inMemory(t, func(_ http.ResponseWriter, r *http.Request) {
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != "all" {
				t.Errorf("read %q, %v", body, err)
			}
			select {
			case <-r.Context().Done():
				ended <- context.Cause(r.Context())
			case <-time.After(2 * bodyTime):
				ended <- nil
			}
		})
		io.WriteString(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nall")
		if err := <-ended; err != nil {
			t.Errorf("the stream was ended: %v", err)
		}
	})
}

func TestAnswerThatIsNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration // until the client reads the next part; 0 is never
		want  time.Duration // until the server gives up
	}{
		"never": {0, stallTime},
		"slow":  {stallTime / 2, answerTime},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error)
				client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					_, err := patient(w).Write(make([]byte, 8<<20))
					ended <- err
				})
				began := time.Now()
				io.WriteString(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				if c.every > 0 {
					go func() {
						var err error
						for part := make([]byte, answerPart); err == nil; time.Sleep(c.every) {
							_, err = io.ReadFull(client, part)
						}
					}()
				}
				if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != c.want {
					t.Errorf("after %v: %v; want the deadline's error after %v", time.Since(began), err, c.want)
				}
				client.Close()
				time.Sleep(stallTime) // for who still reads to see it
			})
		})
	}
}
