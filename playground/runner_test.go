package playground_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// waiting is an experiment that does nothing until its context ends, and then
// tells why.
func waiting(why chan<- error) playground.Experiment {
	return playground.Experiment{
		Controls: controls,
		SSE: func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
			why <- context.Cause(r.Context())
		},
		WS: func(w http.ResponseWriter, r *http.Request) {},
	}
}

func TestRunEnds(t *testing.T) {
	tests := []struct {
		name  string
		end   func(*experimenttest.Server, *http.Response)
		want  error
		after time.Duration
	}{
		{"client leaves", func(_ *experimenttest.Server, r *http.Response) { r.Body.Close() }, context.Canceled, 0},
		{"server closes", func(s *experimenttest.Server, _ *http.Response) { s.Close() }, playground.ErrServerClosing, 0},
		{"time limit", func(*experimenttest.Server, *http.Response) {}, playground.ErrTimeLimit, time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				why := make(chan error, 1)
				s := experimenttest.Start(t, waiting(why), playground.Limits{Duration: time.Minute})
				begin := time.Now()
				response := s.Get(t, "/sse")
				if s.Runner.Open() != 1 {
					t.Errorf("%d runs are open", s.Runner.Open())
				}
				test.end(s, response)
				if got := <-why; !errors.Is(got, test.want) {
					t.Errorf("the run ended because of %v, not %v", got, test.want)
				}
				if took := time.Since(begin); took != test.after {
					t.Errorf("the run ended after %v, not %v", took, test.after)
				}
				synctest.Wait()
				if s.Runner.Open() != 0 {
					t.Errorf("%d runs are open after the end", s.Runner.Open())
				}
			})
		})
	}
}

func TestTooManyStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := make(chan error, 1)
		s := experimenttest.Start(t, waiting(why), playground.Limits{Streams: 1})
		first := s.Get(t, "/sse")

		problem := readProblem(t, s.Get(t, "/sse"), http.StatusServiceUnavailable)
		if problem.Code != "too-many-streams" {
			t.Errorf("the problem is %+v", problem)
		}

		first.Body.Close()
		<-why
		synctest.Wait()
		if response := s.Get(t, "/sse"); response.StatusCode != http.StatusOK {
			t.Errorf("with a slot free again the status is %s", response.Status)
		}
	})
}

func TestControlProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, waiting(nil), playground.Limits{})
		for _, side := range []string{"/sse", "/ws"} {
			response := s.Get(t, side+"?rate=0")
			if got := response.Header.Get("Access-Control-Allow-Origin"); got != "*" {
				t.Errorf("%s: a page of another origin can't read why: %q", side, got)
			}
			problem := readProblem(t, response, http.StatusBadRequest)
			if problem.Code != playground.CodeRange || problem.Control != "rate" || problem.Detail == "" {
				t.Errorf("%s: the problem is %+v", side, problem)
			}
		}
	})
}

// What stands in an address and can't be read is not passed over in silence.
func TestQueryProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, waiting(nil), playground.Limits{})
		for _, query := range []string{"?rate=100%", "?rate=5;cut=1"} {
			if problem := readProblem(t, s.Get(t, "/sse"+query), http.StatusBadRequest); problem.Code != "query" {
				t.Errorf("%s: the problem is %+v", query, problem)
			}
		}
	})
}

func TestMethods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := experimenttest.Start(t, waiting(nil), playground.Limits{})
		for _, test := range []struct {
			method, path string
			want         int
		}{
			{"OPTIONS", "/sse", http.StatusNoContent},
			{"HEAD", "/sse", http.StatusMethodNotAllowed},
			{"DELETE", "/sse", http.StatusMethodNotAllowed},
			{"POST", "/ws", http.StatusMethodNotAllowed},
		} {
			r, _ := http.NewRequest(test.method, "http://experiment.test"+test.path, nil)
			response := s.Do(t, r)
			if response.StatusCode != test.want {
				t.Errorf("%s %s: %s", test.method, test.path, response.Status)
			}
			if got := response.Header.Get("Allow") + response.Header.Get("Access-Control-Allow-Methods"); !strings.Contains(got, "GET") {
				t.Errorf("%s %s: allowed are %q", test.method, test.path, got)
			}
		}
	})
}

func TestBodyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := make(chan error, 1)
		s := experimenttest.Start(t, playground.Experiment{
			SSE: func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				read <- err
			},
		}, playground.Limits{Body: 100})
		for size, tooLarge := range map[int]bool{100: false, 101: true} {
			r, _ := http.NewRequest("POST", "http://experiment.test/sse", strings.NewReader(strings.Repeat("x", size)))
			s.Do(t, r)
			if _, got := errors.AsType[*http.MaxBytesError](<-read); got != tooLarge {
				t.Errorf("a body of %d bytes: too large is %v", size, got)
			}
		}
	})
}

// readProblem checks that a response is a problem with this status, and returns it.
func readProblem(t *testing.T, response *http.Response, status int) playground.Problem {
	t.Helper()
	if response.StatusCode != status {
		t.Errorf("the status is %s, not %d", response.Status, status)
	}
	if got := response.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("the content type is %q", got)
	}
	var problem playground.Problem
	if err := json.NewDecoder(response.Body).Decode(&problem); err != nil {
		t.Error(err)
	}
	return problem
}

// A reset can only be seen on real TCP.
func TestCutResets(t *testing.T) {
	cut := make(chan struct{})
	runner := playground.NewRunner(playground.Limits{})
	server := httptest.NewServer(runner.SSE(playground.Experiment{
		SSE: func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "before")
			http.NewResponseController(w).Flush()
			<-cut
			playground.Cut(w)
		},
	}))
	defer server.Close()

	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, len("before"))); err != nil {
		t.Fatal(err)
	}
	close(cut)
	if _, err := io.ReadAll(response.Body); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client sees %v, not a reset", err)
	}
}

func TestCutAfterHijack(t *testing.T) {
	runner := playground.NewRunner(playground.Limits{})
	server := httptest.NewServer(runner.SSE(playground.Experiment{
		SSE: func(w http.ResponseWriter, r *http.Request) {
			_, buffered, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			buffered.ReadByte() // the client is there
			playground.Cut(w)
		},
	}))
	defer server.Close()

	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: experiment.test\r\n\r\n")
	io.WriteString(conn, "!")
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client sees %v, not a reset", err)
	}
}

func TestWait(t *testing.T) {
	for patience, want := range map[time.Duration]error{time.Second: context.DeadlineExceeded, time.Minute: nil} {
		synctest.Test(t, func(t *testing.T) {
			ctx, closing := context.WithCancel(context.Background())
			runner := playground.NewRunner(playground.Limits{Streams: 3})
			h := runner.SSE(playground.Experiment{SSE: func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				time.Sleep(2 * time.Second) // says goodbye
			}})
			go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/sse", nil).WithContext(ctx))
			synctest.Wait()
			closing()

			begin := time.Now()
			soon, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := runner.Wait(soon); !errors.Is(err, want) {
				t.Errorf("waiting for %v: %v", patience, err)
			}
			if took := time.Since(begin); took != min(patience, 2*time.Second) {
				t.Errorf("waiting for %v took %v", patience, took)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/sse", nil))
			if w.Code != http.StatusServiceUnavailable {
				t.Errorf("while the server closes a new run gets %d", w.Code)
			}
			time.Sleep(2 * time.Second)
		})
	}
}

// The deadline of a write is for this write alone, however few are really set.
func TestWriteDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan time.Duration, 1)
		stall := func(w http.ResponseWriter, rc *http.ResponseController) {
			for {
				begun := time.Now()
				rc.SetWriteDeadline(begun.Add(10 * time.Second))
				_, err := w.Write(make([]byte, 1<<10))
				if err == nil {
					err = rc.Flush()
				}
				if err != nil {
					failed <- time.Since(begun)
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		}
		s := experimenttest.Start(t, playground.Experiment{Controls: controls, SSE: func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(w)
			if r.Header.Get("Stall") != "" {
				stall(w, rc)
				return
			}
			for range 30 {
				rc.SetWriteDeadline(time.Now().Add(10 * time.Second))
				io.WriteString(w, "a")
				rc.Flush()
				rc.SetWriteDeadline(time.Time{})
				time.Sleep(100 * time.Millisecond)
			}
			time.Sleep(30 * time.Second)
			if r.Header.Get("Quiet") == "" {
				io.WriteString(w, "b") // without a deadline
				rc.Flush()
				time.Sleep(30 * time.Second)
			}
		}}, playground.Limits{})

		for _, c := range []struct{ header, want string }{{"Quiet", strings.Repeat("a", 30)}, {"", strings.Repeat("a", 30) + "b"}, {"", strings.Repeat("a", 30) + "b"}} {
			request, _ := http.NewRequest(http.MethodGet, "http://experiment.test/sse", nil)
			if c.header != "" {
				request.Header.Set(c.header, "1")
			}
			body, err := io.ReadAll(s.Do(t, request).Body)
			if string(body) != c.want || err != nil {
				t.Errorf("the response is %q, and ends with %v", body, err)
			}
		}

		request, _ := http.NewRequest(http.MethodGet, "http://experiment.test/sse", nil)
		request.Header.Set("Stall", "1")
		response := s.Do(t, request)
		io.ReadFull(response.Body, make([]byte, 20<<10))
		if took := <-failed; took < 10*time.Second || took > 11*time.Second {
			t.Errorf("a client that reads no more is given %v", took)
		}
	})
}
