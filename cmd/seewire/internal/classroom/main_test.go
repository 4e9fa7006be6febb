package classroom

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/bus"
	"seewire/class"
	"seewire/playground"
	"seewire/playground/experiments/reconnect"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A room is a server with classes and an experiment, inside a testing/synctest bubble.
type room struct {
	t       *testing.T
	accept  chan net.Conn
	client  *http.Client
	classes *class.Classes
	end     func() // of the server
}

type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accept:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "pipe"} }

// lessons are those of the test's course.
func lesson(slug string) (class.Lesson, bool) {
	return class.Lesson{Answers: 3, Right: 2}, slug == "reconnect" || slug == "six"
}

func newRoom(t *testing.T, data string) *room {
	b, err := bus.New(bus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := newRoomOn(t, b, data)
	t.Cleanup(func() { r.end(); b.Close() })
	return r
}

func newRoomOn(t *testing.T, b class.Bus, data string) *room {
	classes, err := class.New(class.Options{Bus: b, Lesson: lesson, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	life, end := context.WithCancelCause(context.Background())
	mux := http.NewServeMux()
	places := playground.NewPlaces(5000)
	(&Classroom{Classes: classes, Places: places, Life: life}).Route(mux)
	runner := playground.NewRunner(playground.Limits{})
	runner.Crowd = classes
	e := reconnect.New()
	mux.Handle("/play/reconnect/sse", runner.SSE(e))
	mux.Handle("/play/reconnect/ws", runner.WS(e))
	server := &http.Server{Handler: mux, BaseContext: func(net.Listener) context.Context { return life }, ConnContext: playground.ConnContext}
	l := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
	served := make(chan struct{})
	go func() { defer close(served); server.Serve(l) }()
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		l.accept <- there
		return here, nil
	}}}
	stop := sync.OnceFunc(func() {
		end(playground.ErrServerClosing)
		client.CloseIdleConnections()
		soon, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		runner.Wait(soon)
		places.Close(soon)
		classes.Close()
		server.Close()
		<-served
	})
	return &room{t, l.accept, client, classes, stop}
}

// ask sends a request, and decodes the answer.
func (r *room) ask(method, path, body string, into any, header ...string) int {
	r.t.Helper()
	req, err := http.NewRequest(method, "http://class.test"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if text, ok := into.(*string); ok {
		*text = string(data)
	} else if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			r.t.Fatalf("%s %s: %s: %s", method, path, resp.Status, data)
		}
	}
	return resp.StatusCode
}

// open opens a class.
func (r *room) open() (code, key string) {
	r.t.Helper()
	var opened struct{ Code, Key string }
	if status := r.ask("POST", "/class", "{}", &opened); status != http.StatusCreated {
		r.t.Fatalf("opening: %d", status)
	}
	return opened.Code, opened.Key
}

// join joins a class under a name.
func (r *room) join(code, name string) (p class.Person) {
	r.t.Helper()
	if status := r.ask("POST", "/class/"+code+"/members", fmt.Sprintf(`{"name":%q}`, name), &p, "User-Agent", "Chrome/140 Safari/537"); status != http.StatusCreated {
		r.t.Fatalf("joining: %d", status)
	}
	return p
}

// A page is a browser's.
type page struct {
	t    *testing.T
	conn *websocket.Conn

	mu    sync.Mutex
	state map[string]any
	dos   []map[string]any
	dones []map[string]any
	all   bytes.Buffer
	end   error
}

func (r *room) page(code, role, key string) *page {
	r.t.Helper()
	conn, _, err := websocket.Dial(context.Background(), "ws://class.test/class/"+code+"/live", &websocket.DialOptions{HTTPClient: r.client})
	if err != nil {
		r.t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	p := &page{t: r.t, conn: conn}
	p.say(fmt.Sprintf(`{"role":%q,"key":%q}`, role, key))
	read := make(chan struct{})
	go func() {
		defer close(read)
		for {
			_, data, err := conn.Read(context.Background())
			p.mu.Lock()
			if err != nil {
				p.end = err
				p.mu.Unlock()
				return
			}
			p.all.Write(data)
			var told struct{ State, Do, Done map[string]any }
			json.Unmarshal(data, &told)
			switch {
			case told.State != nil:
				p.state = told.State
			case told.Do != nil:
				p.dos = append(p.dos, told.Do)
			case told.Done != nil:
				p.dones = append(p.dones, told.Done)
			}
			p.mu.Unlock()
		}
	}()
	r.t.Cleanup(func() { conn.CloseNow(); <-read })
	return p
}

func (p *page) say(text string) {
	p.conn.Write(context.Background(), websocket.MessageText, []byte(text)) // one that was closed says nothing
}

// sees returns part of the state, as JSON: "ask.counts".
func (p *page) sees(path string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var at any = p.state
	for part := range strings.SplitSeq(path, ".") {
		switch in := at.(type) {
		case map[string]any:
			at = in[part]
		case []any:
			var i int
			fmt.Sscan(part, &i)
			at = nil
			if i < len(in) {
				at = in[i]
			}
		default:
			return ""
		}
	}
	if at == nil {
		return ""
	}
	data, _ := json.Marshal(at)
	return string(data)
}

func (p *page) want(path, want string) {
	p.t.Helper()
	if got := p.sees(path); got != want {
		p.t.Errorf("%s is %s, want %s", path, got, want)
	}
}

// did returns the newest of what the page was told to do under a name.
func (p *page) did(name string) map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.dos) - 1; i >= 0; i-- {
		if what, ok := p.dos[i][name].(map[string]any); ok {
			what["n"] = p.dos[i]["n"]
			return what
		}
	}
	return nil
}

// done returns the newest answer to a hand.
func (p *page) done(id string) map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.dones) - 1; i >= 0; i-- {
		if p.dones[i]["id"] == id {
			return p.dones[i]
		}
	}
	return nil
}

func (p *page) ended() websocket.StatusCode {
	p.mu.Lock()
	defer p.mu.Unlock()
	return websocket.CloseStatus(p.end)
}

func (p *page) heard(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Contains(p.all.Bytes(), []byte(text))
}

// pass lets what is gathered be told.
func pass() { time.Sleep(2 * time.Second) }
