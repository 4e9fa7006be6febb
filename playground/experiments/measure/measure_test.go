package measure

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A server runs the experiment, inside a testing/synctest bubble.
type server struct{ *experimenttest.Server }

func serve(t *testing.T) server {
	return server{experimenttest.Start(t, New(), playground.Limits{})}
}

// post asks a question by POST, and returns the status and the answer.
func (s server) post(t *testing.T, query, question string) (int, string) {
	t.Helper()
	r, err := http.NewRequest("POST", "http://experiment.test/send?"+query, strings.NewReader(question))
	if err != nil {
		t.Fatal(err)
	}
	resp := s.Do(t, r)
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// check finds a message to bear the present time and to say the text.
func check(t *testing.T, message, text string) {
	t.Helper()
	stamp, got, _ := strings.Cut(message, " ")
	ms, err := strconv.ParseFloat(stamp, 64)
	if now := float64(time.Now().UnixMicro()) / 1000; err != nil || math.Abs(ms-now) > 0.001 {
		t.Errorf("the message %q is of another time than %.3f (%v)", message, now, err)
	}
	if got != text {
		t.Errorf("the message says %q, want %q", got, text)
	}
}

// Both sides push the same, at the same moments, and then stay open.
func TestBothSidesPush(t *testing.T) {
	const query = "each=3&every=20&size=5&delay=100"
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()

		begun := time.Now()
		stream := s.Get(t, "/sse?"+query)
		if got := time.Since(begun); got != 100*time.Millisecond {
			t.Errorf("the stream began after %v", got)
		}
		lines := bufio.NewScanner(stream.Body)
		for range 2 {
			lines.Scan() // the comment that begins the body
		}
		for i := range 3 {
			lines.Scan()
			if got, want := time.Since(begun), time.Duration(100+20*i)*time.Millisecond; got != want {
				t.Errorf("event %d came after %v, want %v", i, got, want)
			}
			check(t, strings.TrimPrefix(lines.Text(), "data: "), "xxxxx")
			lines.Scan()
		}

		begun = time.Now()
		socket := s.WebSocket(t, "/ws?"+query)
		for i := range 3 {
			_, data, err := socket.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := time.Since(begun), time.Duration(100+20*i)*time.Millisecond; got != want {
				t.Errorf("message %d came after %v, want %v", i, got, want)
			}
			check(t, string(data), "xxxxx")
		}

		synctest.Wait()
		if n := s.Runner.Open(); n != 2 {
			t.Errorf("%d are open, want both", n)
		}
		stream.Body.Close()
		socket.CloseNow()
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d are still open after the client has left", n)
		}
	})
}

// A client that asks again and again gets the same messages; one whose request is
// held gets each when it is there.
func TestPolling(t *testing.T) {
	const query = "each=3&every=20&size=5&delay=10"
	type answer struct {
		After    string
		Messages []string
	}
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		ask := func(more string) (a answer, took time.Duration) {
			t.Helper()
			begun := time.Now()
			resp := s.Get(t, "/poll?"+query+more)
			if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
				t.Fatal(err)
			}
			return a, time.Since(begun)
		}

		first, took := ask("")
		if len(first.Messages) != 1 || took != 10*time.Millisecond {
			t.Errorf("at first %q came after %v", first.Messages, took)
		}
		if none, _ := ask("&after=" + first.After); len(none.Messages) != 0 || none.After != first.After { // 10 ms after it
			t.Errorf("before its time %q came", none.Messages)
		}
		if again, _ := ask("&after=" + first.After); len(again.Messages) != 1 {
			t.Errorf("the second request got %q, want the second message", again.Messages)
		}
		if same, _ := ask("&after=" + first.After); same.After != strings.Replace(first.After, ".1", ".2", 1) {
			t.Errorf("a request that is made again leads to %q", same.After)
		}
		if none, _ := ask("&after=" + strings.Replace(first.After, ".1", ".3", 1)); len(none.Messages) != 0 || none.Messages == nil {
			t.Errorf("after the last one %q came", none.Messages)
		}

		place := ""
		for i := range 3 {
			held, took := ask("&hold=on&after=" + place)
			want := 20 * time.Millisecond
			if i == 0 {
				want = 10 * time.Millisecond
			}
			if len(held.Messages) != 1 || took != want {
				t.Fatalf("held, request %d got %q after %v, want one message after %v", i, held.Messages, took, want)
			}
			if i > 0 {
				check(t, held.Messages[0], "xxxxx")
			}
			place = held.After
		}
		if last, took := ask("&hold=on&after=" + place); len(last.Messages) != 0 || took != held+10*time.Millisecond {
			t.Errorf("with nothing to come %q came after %v, want nothing after %v", last.Messages, took, held)
		}
		for _, wrong := range []string{"x", "1.", ".1", "1.-5", "99999999999999999999.1"} {
			if a, _ := ask("&after=" + wrong); len(a.Messages) != 1 {
				t.Errorf("from the place %q %q came, want a new beginning", wrong, a.Messages)
			}
		}
	})
}

func TestQuestionsAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		socket := s.WebSocket(t, "/ws?each=0&delay=30")
		for _, question := range []string{"hello", "", "你好", strings.Repeat("?", 16384)} {
			begun := time.Now()
			status, answer := s.post(t, "delay=30", question)
			if status != http.StatusOK || time.Since(begun) != 30*time.Millisecond {
				t.Errorf("status %d after %v", status, time.Since(begun))
			}
			check(t, answer, question)

			begun = time.Now()
			socket.SetReadLimit(-1)
			socket.Write(ctx, websocket.MessageText, []byte(question))
			_, data, err := socket.Read(ctx)
			if err != nil || time.Since(begun) != 30*time.Millisecond {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
			check(t, string(data), question)
		}
	})
}

// None waits for the answer to the one before: fifty take as long as one.
func TestQuestionsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		socket := s.WebSocket(t, "/ws?each=0&delay=200")
		begun := time.Now()
		for i := range 50 {
			socket.Write(ctx, websocket.MessageText, fmt.Append(nil, i))
		}
		answered := map[string]bool{}
		for range 50 {
			_, data, err := socket.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			_, question, _ := strings.Cut(string(data), " ")
			answered[question] = true
		}
		if got := time.Since(begun); got != 200*time.Millisecond || len(answered) != 50 {
			t.Errorf("%d answers after %v", len(answered), got)
		}
	})
}

// Who asks more than maxWaiting at once waits; nothing is lost.
func TestAnswersThatWaitAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		socket := s.WebSocket(t, "/ws?each=0&delay=100")
		begun := time.Now()
		go func() {
			for i := range 3 * maxWaiting {
				socket.Write(ctx, websocket.MessageText, fmt.Append(nil, i))
			}
		}()
		for i := range 3 * maxWaiting {
			if _, _, err := socket.Read(ctx); err != nil {
				t.Fatalf("answer %d: %v", i, err)
			}
		}
		if got := time.Since(begun); got != 300*time.Millisecond {
			t.Errorf("three times as many took %v", got)
		}
	})
}

func TestQuestionThatIsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		question := strings.Repeat("?", maxQuestion+1)
		if status, _ := s.post(t, "", question); status != http.StatusRequestEntityTooLarge {
			t.Errorf("the request got %d", status)
		}
		socket := s.WebSocket(t, "/ws?each=0")
		go socket.Write(ctx, websocket.MessageText, []byte(question))
		if _, _, err := socket.Read(ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
			t.Errorf("the socket got %v", err)
		}
	})
}

// A client that leaves while things are under way leaves nothing behind.
func TestClientLeavesInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := serve(t), context.Background()
		stream := s.Get(t, "/sse?each=40&every=50")
		socket := s.WebSocket(t, "/ws?each=40&every=50&delay=200")
		for range 10 {
			socket.Write(ctx, websocket.MessageText, []byte("?"))
		}
		stream.Body.Close()
		socket.CloseNow()
		time.Sleep(time.Second)
		synctest.Wait()
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("%d are still open", n)
		}
	})
}

func TestServerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		stream, socket := s.Get(t, "/sse?each=0"), s.WebSocket(t, "/ws?each=0")
		s.Close()
		// The body begins even where no message is asked for.
		if body, _ := io.ReadAll(stream.Body); string(body) != ": open\n\n" {
			t.Errorf("the stream got %q", body)
		}
		if _, _, err := socket.Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("the socket got %v", err)
		}
	})
}

func TestRefusesControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for _, query := range []string{"rounds=0", "rounds=26", "each=41", "size=0", "size=16385", "every=51", "delay=201"} {
			if got := s.Get(t, "/sse?"+query); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s", query, got.Status)
			}
			if got := s.Get(t, "/ws?"+query); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s", query, got.Status)
			}
			if status, _ := s.post(t, query, "?"); status != http.StatusBadRequest {
				t.Errorf("%s: %d", query, status)
			}
		}
	})
}

// A whole run's connections fit into what a capture records: a round is a
// connection on each side, there is one round more to warm up, and browsers
// open up to six to a server.
func TestConnectionsOfARunFit(t *testing.T) {
	for _, c := range New().Controls {
		if c.Name == "rounds" && 2*(c.Max+1)+6 > 64 {
			t.Errorf("%d rounds are too many for a capture", c.Max)
		}
	}
}
