package playground_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"seewire/playground"
	"seewire/playground/experimenttest"
	"seewire/playground/stream"
)

// socket is an experiment whose WebSocket side is a handler.
func socket(ws http.HandlerFunc) playground.Experiment {
	return playground.Experiment{SSE: func(http.ResponseWriter, *http.Request) {}, WS: ws}
}

// takeOver takes the connection over, as websocket.Accept does.
func takeOver(t *testing.T, w http.ResponseWriter) (closing io.Closer, buffered *bufio.ReadWriter) {
	w.WriteHeader(http.StatusSwitchingProtocols)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Fatal(err)
	}
	return conn, buffered
}

// An open stream keeps neither its request nor the request's context.
func TestOpenStreamKeepsNoRequest(t *testing.T) {
	for side, begin := range map[string]func(http.ResponseWriter){
		"sse": func(w http.ResponseWriter) { stream.New(w) },
		"ws":  func(w http.ResponseWriter) { takeOver(t, w) },
	} {
		t.Run(side, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var request weak.Pointer[http.Request]
				handler := func(w http.ResponseWriter, r *http.Request) {
					request = weak.Make(r)
					ctx := r.Context()
					if ctx.Value(http.LocalAddrContextKey) != nil { // net/http has it for the request
						t.Error("the request's context is kept")
					}
					begin(w)
					<-ctx.Done()
				}
				s := experimenttest.Start(t, playground.Experiment{SSE: handler, WS: handler}, playground.Limits{Duration: time.Minute})
				client := s.Dial()
				defer client.Close()
				io.WriteString(client, "GET /"+side+" HTTP/1.1\r\nHost: a\r\n\r\n")
				http.ReadResponse(bufio.NewReader(client), nil)
				synctest.Wait()
				runtime.GC()
				if request.Value() != nil {
					t.Error("the request is kept")
				}
			})
		})
	}
}

// Once the connection is taken over the run has nothing to do with its request: it
// ends with its time and with the server, and its place is taken until it returns.
func TestSocketOutlivesItsRequest(t *testing.T) {
	for name, c := range map[string]struct {
		end   func(*experimenttest.Server)
		want  error
		after time.Duration
	}{
		"time limit":    {func(*experimenttest.Server) {}, playground.ErrTimeLimit, time.Minute},
		"server closes": {(*experimenttest.Server).Close, playground.ErrServerClosing, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				why := make(chan error, 1)
				s := experimenttest.Start(t, socket(func(w http.ResponseWriter, r *http.Request) {
					conn, _ := takeOver(t, w)
					defer conn.Close()
					<-r.Context().Done()
					why <- context.Cause(playground.Run(r))
				}), playground.Limits{Duration: time.Minute})
				begun := time.Now()
				client := s.Dial()
				defer client.Close()
				io.WriteString(client, "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n")
				http.ReadResponse(bufio.NewReader(client), nil)
				time.Sleep(time.Second)
				if n := s.Runner.Open(); n != 1 {
					t.Errorf("%d runs are open", n)
				}
				c.end(s)
				if got := <-why; !errors.Is(got, c.want) || time.Since(begun) != c.after {
					t.Errorf("the run ended after %v because of %v, not after %v because of %v", time.Since(begun), got, c.after, c.want)
				}
				synctest.Wait()
				if n := s.Runner.Open(); n != 0 {
					t.Errorf("%d runs are open after the end", n)
				}
			})
		})
	}
}

// Until then it ends with the request.
func TestSocketThatIsNotTakenOverEndsWithItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := make(chan error, 1)
		s := experimenttest.Start(t, socket(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			why <- context.Cause(r.Context())
		}), playground.Limits{})
		client := s.Dial()
		io.WriteString(client, "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n")
		synctest.Wait()
		client.Close()
		if got := <-why; !errors.Is(got, context.Canceled) {
			t.Errorf("the run ended because of %v", got)
		}
	})
}

// What the client sent with its handshake is there, and what it sends later, though
// it is more than the buffer holds.
func TestNothingIsLostWhenTheBuffersChange(t *testing.T) {
	ahead := strings.Repeat("ahead ", 300)
	synctest.Test(t, func(t *testing.T) {
		got := make(chan string, 1)
		s := experimenttest.Start(t, socket(func(w http.ResponseWriter, r *http.Request) {
			conn, buffered := takeOver(t, w)
			defer conn.Close()
			text := make([]byte, len(ahead)+len("later"))
			io.ReadFull(buffered, text)
			got <- string(text)
		}), playground.Limits{})
		client := s.Dial()
		defer client.Close()
		go io.WriteString(client, "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n"+ahead)
		http.ReadResponse(bufio.NewReader(client), nil)
		io.WriteString(client, "later")
		if got := <-got; got != ahead+"later" {
			t.Errorf("got %q", got)
		}
	})
}

// A panic ends neither the program nor in silence.
func TestSocketPanics(t *testing.T) {
	for name, taken := range map[string]bool{"before": false, "after it is taken over": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := experimenttest.Start(t, socket(func(w http.ResponseWriter, r *http.Request) {
					if !taken {
						panic(http.ErrAbortHandler)
					}
					conn, _ := takeOver(t, w)
					defer conn.Close()
					panic("a mistake")
				}), playground.Limits{})
				faults := make(chan any, 1)
				s.Runner.Panicked = func(_, _ string, fault any, _ []byte) { faults <- fault }
				client := s.Dial()
				defer client.Close()
				io.WriteString(client, "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n")
				io.Copy(io.Discard, client) // until the connection is closed
				synctest.Wait()
				if got := len(faults); (got == 1) != taken {
					t.Errorf("%d panics were told of", got)
				}
				if n := s.Runner.Open(); n != 0 {
					t.Errorf("%d runs are open", n)
				}
			})
		})
	}
}
