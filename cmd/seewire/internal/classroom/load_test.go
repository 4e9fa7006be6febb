package classroom

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/bus"
	"seewire/class"
	"seewire/playground"
	"seewire/playground/experiments/reconnect"
)

// TestClassHolds has everybody of three classes run at once, over TCP, get a message
// and be cut: each gets it once, and the board is right to the person. It is small
// unless SEEWIRE_LOAD says how many are in a class; the times are logged and not judged.
func TestClassHolds(t *testing.T) {
	size := 20
	fmt.Sscan(os.Getenv("SEEWIRE_LOAD"), &size)
	b, err := bus.New(bus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	classes, err := class.New(class.Options{Bus: b, Lesson: lesson})
	if err != nil {
		t.Fatal(err)
	}
	defer classes.Close()
	life, end := context.WithCancel(context.Background())
	places, runner, e := playground.NewPlaces(5000), playground.NewRunner(playground.Limits{}), reconnect.New()
	mux := http.NewServeMux()
	(&Classroom{Classes: classes, Places: places, Life: life}).Route(mux)
	runner.Crowd = classes
	mux.Handle("/play/reconnect/ws", runner.WS(e))
	server := httptest.NewUnstartedServer(mux)
	server.Config.ConnContext = playground.ConnContext
	server.Start()
	defer server.Close()
	defer places.Close(context.Background())
	defer runner.Wait(context.Background())
	defer end()

	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { holds(t, server.URL, size) })
	}
	all.Wait()
}

func holds(t *testing.T, base string, size int) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	var opened struct{ Code, Key string }
	post(t, base+"/class", "{}", &opened)
	live := func(role, key string) *websocket.Conn {
		conn, _, err := websocket.Dial(ctx, base+"/class/"+opened.Code+"/live", nil)
		if err != nil {
			t.Error(err)
			return nil
		}
		conn.SetReadLimit(-1)
		conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"role":%q,"key":%q}`, role, key))
		return conn
	}
	board := live("board", opened.Key)
	defer board.CloseNow()
	messages, cuts := make(chan time.Time, size), make(chan time.Time, size)
	ready := make(chan bool, size)
	var people sync.WaitGroup
	defer people.Wait()
	defer stop()
	for i := range size {
		people.Go(func() {
			var p class.Person
			post(t, base+"/class/"+opened.Code+"/members", `{"name":"fox"}`, &p)
			conn := live("member", p.Key)
			if conn == nil {
				return
			}
			defer conn.CloseNow()
			capture := fmt.Sprintf("load-%s-%d", opened.Code, i)
			conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"capture":{"id":%q}}`, capture))
			ready <- true
			for {
				_, data, err := conn.Read(ctx)
				if err != nil {
					return
				}
				switch text := string(data); {
				case strings.Contains(text, `"run":{"lesson"`) && strings.HasPrefix(text, `{"do"`):
					people.Go(func() {
						run, _, err := websocket.Dial(ctx, base+"/play/reconnect/ws?cut=0&total=100&every=5000&capture="+capture, nil)
						if err != nil {
							t.Error(err)
							return
						}
						defer run.CloseNow()
						run.Read(ctx)
						conn.Write(ctx, websocket.MessageText, []byte(`{"ran":{"lesson":"reconnect","ws":"nobody"}}`))
						for err == nil {
							_, _, err = run.Read(ctx)
						}
						cuts <- time.Now()
					})
				case strings.HasPrefix(text, `{"do"`) && strings.Contains(text, `"message":{`):
					messages <- time.Now()
				}
			}
		})
	}
	for range size {
		<-ready
	}
	hand := func(text string) time.Time {
		at := time.Now()
		board.Write(ctx, websocket.MessageText, []byte(text))
		return at
	}
	// until reads what the board is told, until the state has all of it.
	until := func(parts ...string) time.Time {
		for {
			_, data, err := board.Read(ctx)
			if err != nil {
				t.Errorf("the board never says %v: %v", parts, err)
				return time.Now()
			}
			if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(string(data), part) }) {
				return time.Now()
			}
		}
	}
	until(fmt.Sprintf(`"here":%d,`, size))
	hand(`{"hand":{"id":"0","bring":{"lesson":"reconnect"}}}`)
	at := hand(`{"hand":{"id":"1","run":{"lesson":"reconnect","controls":{}}}}`)
	ran := until(fmt.Sprintf(`"runs":{"ran":%d,`, size)).Sub(at)
	at = hand(`{"hand":{"id":"2","message":{"text":"hello"}}}`).Add(time.Second) // it waits for the streams, which nobody opens here
	message := last(t, ctx, messages, size, at)
	at = hand(`{"hand":{"id":"3","cut":{"how":"reset"}}}`)
	cut := last(t, ctx, cuts, size, at)
	until(fmt.Sprintf(`"lines":%d,`, size))
	t.Logf("%d in a class: board right %v after Run; a message to all p99 %v; a cut p99 %v, last %v",
		size, ran.Round(time.Millisecond), message[len(message)*99/100], cut[len(cut)*99/100], cut[len(cut)-1])
}

// last collects so many times, as they are after a moment.
func last(t *testing.T, ctx context.Context, all chan time.Time, n int, from time.Time) (after []time.Duration) {
	for range n {
		select {
		case at := <-all:
			after = append(after, at.Sub(from))
		case <-ctx.Done():
			t.Error("not everybody was reached")
			return []time.Duration{0}
		}
	}
	slices.Sort(after)
	return after
}

func post(t *testing.T, address, body string, into any) {
	resp, err := http.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Error(err)
	}
}
