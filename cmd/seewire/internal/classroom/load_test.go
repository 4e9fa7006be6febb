package classroom

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nats-io/nats-server/v2/server"

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
	b, _ := bus.New(bus.Options{})
	defer b.Close()
	base := serve(t, b)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { holds(t, []string{base}, size) })
	}
	all.Wait()
}

// TestClassHoldsOverServers is the same with one class over three servers that have
// joined a NATS server: each member is at one, and runs at the next one.
func TestClassHoldsOverServers(t *testing.T) {
	size := 6
	fmt.Sscan(os.Getenv("SEEWIRE_LOAD"), &size)
	n := listen(t, server.RANDOM_PORT)
	bases, buses := serveThree(t, n.ClientURL())
	holds(t, bases, size)
	for i, b := range buses {
		traffic := b.Traffic()
		t.Logf("server %d: to NATS %d kB in %d messages, from it %d kB in %d; lost %d", i, traffic.BytesOut>>10, traffic.MessagesOut, traffic.BytesIn>>10, traffic.MessagesIn, traffic.Lost)
	}
}

// TestNATSAway has the NATS server end in the middle of a class and come back: each
// server goes on alone, says so, and all of it is one class again.
func TestNATSAway(t *testing.T) {
	n := listen(t, server.RANDOM_PORT)
	bases, _ := serveThree(t, n.ClientURL())
	var opened struct{ Code, Key string }
	post(t, bases[0]+"/class", "{}", &opened)
	live := func(base, role, key string) *websocket.Conn {
		conn, _, err := websocket.Dial(t.Context(), base+"/class/"+opened.Code+"/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetReadLimit(-1)
		say(conn, `{"role":%q,"key":%q}`, role, key)
		return conn
	}
	// until reads what a page is told, until that has all parts.
	until := func(conn *websocket.Conn, parts ...string) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		for last := ""; ; {
			_, data, err := conn.Read(ctx)
			if err != nil {
				t.Fatalf("it never says %v: %v; last %s", parts, err, last)
			}
			last = string(data)
			if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(last, part) }) {
				return
			}
		}
	}
	board := live(bases[1], "board", opened.Key)
	defer board.CloseNow()
	var all []*websocket.Conn
	for _, base := range bases {
		var p class.Person
		post(t, base+"/class/"+opened.Code+"/members", "{}", &p)
		conn := live(base, "member", p.Key)
		defer conn.CloseNow()
		all = append(all, conn)
	}
	until(board, `"here":3,`)
	say(board, `{"hand":{"id":"1","bring":{"lesson":"reconnect"}}}`)
	for _, conn := range all {
		until(conn, `"at":{"lesson":"reconnect"`)
	}

	port := n.Addr().(*net.TCPAddr).Port
	n.Shutdown()
	n.WaitForShutdown()
	until(board, `"here":1,`, `"cutOff":true`)
	for _, conn := range all {
		until(conn, `"cutOff":true`, `"here":1,`)
		say(conn, `{"ran":{"lesson":"reconnect","sse":"resumed"}}`)
	}
	until(board, `"runs":{"ran":1,`)
	listen(t, port)
	until(board, `"here":3,`, `"runs":{"ran":3,`, `"sse":[{"key":"resumed","n":3}]`)
	for _, conn := range all {
		until(conn, `"here":3,`)
	}
}

// say sends something of a page; one that was closed says nothing.
func say(conn *websocket.Conn, format string, args ...any) {
	conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, format, args...))
}

// listen starts a NATS server.
func listen(t *testing.T, port int) *server.Server {
	n, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true, NoSystemAccount: true})
	if err != nil {
		t.Fatal(err)
	}
	n.Start()
	if !n.ReadyForConnections(10 * time.Second) {
		t.Fatal("NATS does not listen")
	}
	t.Cleanup(func() {
		n.Shutdown()
		n.WaitForShutdown()
	})
	return n
}

// serveThree starts three servers that hear each other.
func serveThree(t *testing.T, url string) (bases []string, buses []*bus.Bus) {
	for range 3 {
		b, err := bus.New(bus.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		bases, buses = append(bases, serve(t, b)), append(buses, b)
	}
	for _, b := range buses {
		for changed := b.Changed(); len(b.Servers()) < 3; changed = b.Changed() {
			<-changed
		}
	}
	return bases, buses
}

// serve starts a server with classes and an experiment, and returns its address.
func serve(t *testing.T, b class.Bus) string {
	classes, err := class.New(class.Options{Bus: b, Lesson: lesson})
	if err != nil {
		t.Fatal(err)
	}
	life, end := context.WithCancel(context.Background())
	places, runner, e := playground.NewPlaces(5000), playground.NewRunner(playground.Limits{}), reconnect.New()
	mux := http.NewServeMux()
	(&Classroom{Classes: classes, Places: places, Life: life}).Route(mux)
	runner.Crowd = classes
	mux.Handle("/play/reconnect/ws", runner.WS(e))
	server := httptest.NewUnstartedServer(mux)
	server.Config.ConnContext = playground.ConnContext
	server.Start()
	t.Cleanup(func() {
		end()
		runner.Wait(context.Background())
		places.Close(context.Background())
		server.Close()
		classes.Close()
	})
	return server.URL
}

// holds has a class hold, whose members are at servers, one after another.
func holds(t *testing.T, bases []string, size int) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	var opened struct{ Code, Key string }
	post(t, bases[0]+"/class", "{}", &opened)
	live := func(base, role, key string) *websocket.Conn {
		conn, _, err := websocket.Dial(ctx, base+"/class/"+opened.Code+"/live", nil)
		if err != nil {
			t.Error(err)
			return nil
		}
		conn.SetReadLimit(-1)
		conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"role":%q,"key":%q}`, role, key))
		return conn
	}
	board := live(bases[len(bases)-1], "board", opened.Key)
	defer board.CloseNow()
	messages, cuts := make(chan time.Time, size), make(chan time.Time, size)
	ready := make(chan bool, size)
	var people sync.WaitGroup
	defer people.Wait()
	defer stop()
	for i := range size {
		people.Go(func() {
			var p class.Person
			base, next := bases[i%len(bases)], bases[(i+1)%len(bases)]
			post(t, base+"/class/"+opened.Code+"/members", `{"name":"fox"}`, &p)
			conn := live(base, "member", p.Key)
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
						run, _, err := websocket.Dial(ctx, next+"/play/reconnect/ws?cut=0&total=100&every=5000&capture="+capture, nil)
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
