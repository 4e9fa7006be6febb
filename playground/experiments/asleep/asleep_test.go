package asleep

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

// A reader writes down which number came when, in ms after it was made.
type reader struct {
	numbers []string
	err     error
	done    chan struct{}
}

func (r *reader) String() string { return strings.Join(r.numbers, ", ") }

// follow reads numbers until there are no more.
func follow(next func() (string, error)) *reader {
	r, begin := &reader{done: make(chan struct{})}, time.Now()
	go func() {
		defer close(r.done)
		for {
			number, err := next()
			if err != nil {
				r.err = err
				return
			}
			r.numbers = append(r.numbers, fmt.Sprintf("%d %s", time.Since(begin).Milliseconds(), number))
		}
	}()
	return r
}

// sse asks for the stream. Last-Event-ID is sent unless it is empty.
func sse(t *testing.T, s *experimenttest.Server, query, lastEventID string) (*reader, *http.Response) {
	t.Helper()
	request, err := http.NewRequest("GET", "http://experiment.test/sse?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response := s.Do(t, request)
	lines := bufio.NewScanner(response.Body)
	return follow(func() (string, error) {
		for lines.Scan() {
			if number, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return number, nil
			}
		}
		return "", fmt.Errorf("the end: %w", lines.Err())
	}), response
}

// ws opens the WebSocket.
func ws(t *testing.T, s *experimenttest.Server, query string) (*reader, *websocket.Conn) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws://experiment.test/ws?"+query, &websocket.DialOptions{HTTPClient: s.Client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return follow(func() (string, error) {
		_, message, err := conn.Read(context.Background())
		return string(message), err
	}), conn
}

func start(t *testing.T) *experimenttest.Server {
	return experimenttest.Start(t, New(), playground.Limits{})
}

// A client that was away gets what it has missed at once, and the rest as it
// comes.
func TestMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		const query = "every=500&total=12&capture=away-1234"
		first, response := sse(t, s, query, "")
		firstWS, conn := ws(t, s, query)
		time.Sleep(1100 * time.Millisecond)
		response.Body.Close()
		conn.Close(websocket.StatusNormalClosure, "")
		<-first.done
		<-firstWS.done
		const want = "0 1, 500 2, 1000 3"
		if first.String() != want || firstWS.String() != want {
			t.Errorf("before: %s and %s, want %s", first, firstWS, want)
		}

		time.Sleep(1500 * time.Millisecond) // now it is 2600: 6 is out
		second, _ := sse(t, s, query, "3")
		secondWS, _ := ws(t, s, query+"&from=3")
		<-second.done
		<-secondWS.done
		const rest = "0 4, 0 5, 0 6, 400 7, 900 8, 1400 9, 1900 10, 2400 11, 2900 12"
		if second.String() != rest || secondWS.String() != rest {
			t.Errorf("after it:\n%s and\n%s, want\n%s", second, secondWS, rest)
		}
		if websocket.CloseStatus(secondWS.err) != websocket.StatusNormalClosure {
			t.Errorf("the WebSocket ended with %v", secondWS.err)
		}
		if _, response := sse(t, s, query, "12"); response.StatusCode != http.StatusNoContent {
			t.Errorf("a client that has all gets %d", response.StatusCode)
		}
	})
}

// What is no run of its own counts from the number that it says.
func TestWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		for _, test := range []struct{ query, id, want string }{
			{"every=500&total=3", "", "0 1, 500 2, 1000 3"},
			{"every=500&total=3", "1", "0 2, 500 3"},
			{"every=500&total=3", "one", "0 1, 500 2, 1000 3"},
			{"every=500&total=3&from=-5", "", "0 1, 500 2, 1000 3"},
		} {
			numbers, _ := sse(t, s, test.query, test.id)
			<-numbers.done
			if numbers.String() != test.want {
				t.Errorf("%s after %q: %s, want %s", test.query, test.id, numbers, test.want)
			}
		}
	})
}

// While the phone is locked nothing passes, neither end is told, and when the
// page is back it takes a while until the connection is reset. A connection that
// is made in the meantime is a new one.
func TestLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		const query = "away=locked&after=1000&gone=3000&every=500&total=40&capture=lock-1234"
		kept, _ := sse(t, s, query, "")
		keptWS, _ := ws(t, s, query)
		time.Sleep(6900 * time.Millisecond)
		synctest.Wait()
		select {
		case <-kept.done:
			t.Errorf("the stream was told: %v", kept.err)
		case <-keptWS.done:
			t.Errorf("the WebSocket was told: %v", keptWS.err)
		default:
		}
		back, response := sse(t, s, query, "4")
		time.Sleep(200 * time.Millisecond)
		<-kept.done
		<-keptWS.done
		const want = "0 1, 500 2, 1000 3, 1500 4"
		if got := kept.String(); !strings.HasPrefix(got, want) || len(kept.numbers) > 5 {
			t.Errorf("the stream got %s, want %s", got, want)
		}
		if got := keptWS.String(); !strings.HasPrefix(got, want) || len(keptWS.numbers) > 5 {
			t.Errorf("the WebSocket got %s, want %s", got, want)
		}
		if code := websocket.CloseStatus(keptWS.err); code != -1 {
			t.Errorf("the WebSocket that is reset says %d", code)
		}
		response.Body.Close()
		<-back.done
		if len(back.numbers) != 11 { // 5 to 14 at once, and 15 at 7000
			t.Errorf("after it: %s", back)
		}
	})
}

func TestBeginsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		const query = "every=500&total=3&capture=once-1234"
		first, _ := sse(t, s, query, "")
		<-first.done
		time.Sleep(maxAge + time.Second)
		again, _ := sse(t, s, query, "")
		<-again.done
		if again.String() != "0 1, 500 2, 1000 3" {
			t.Errorf("a run of long ago goes on: %s", again)
		}
	})
}

// By default the page is hidden, frozen and back between two numbers. Where one came
// in the same moment, it was on either side of it by chance.
func TestMomentsBetweenNumbers(t *testing.T) {
	defaults := map[string]int{}
	for _, control := range New().Controls {
		defaults[control.Name], _ = strconv.Atoi(control.Default) // the others are no moments
	}
	every := defaults["every"]
	for _, moment := range []int{defaults["after"], defaults["after"] + int(frozenAfter.Milliseconds()), defaults["after"] + defaults["gone"]} {
		if past := moment % every; past < every/4 || past > 3*every/4 {
			t.Errorf("%d ms is within %d ms of a number", moment, every/4)
		}
	}
}
