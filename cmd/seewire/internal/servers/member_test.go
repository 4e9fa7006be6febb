package servers_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/servers"
)

// A class is one with simulated members, who do what their pages do: each has a socket
// that comes back, votes when it is asked, and runs when it is told to.
type class struct {
	t         *testing.T
	site      *servers.Site
	ctx       context.Context
	code, key string
	board     *page
	members   []*member
}

// A page is a socket of a class, which comes back as the page's does.
type page struct {
	mu      sync.Mutex
	conn    *websocket.Conn // nil while there is none
	state   json.RawMessage
	breaks  int
	problem error // that ends it
}

type member struct {
	*page
	number int
	votes  bool // when it is asked
	run    *run
}

// A run is an event stream as EventSource follows it.
type run struct {
	mu    sync.Mutex
	last  int // the number that came last
	open  bool
	over  bool
	wrong []string
}

// newClass opens a class; its pages leave when the test ends.
func newClass(t *testing.T, s *servers.Site, size int) *class {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	t.Cleanup(func() { stop(); all.Wait(); http.DefaultClient.CloseIdleConnections() })
	c := &class{t: t, site: s, ctx: ctx}
	var opened struct{ Code, Key string }
	c.post("/class", "{}", &opened)
	c.code, c.key = opened.Code, opened.Key
	c.board = &page{}
	all.Go(func() { c.live(c.board, "board", c.key, func(json.RawMessage) {}, func(json.RawMessage) {}) })
	for i := range size {
		m := &member{page: &page{}, number: i, votes: true, run: &run{}}
		c.members = append(c.members, m)
		all.Go(func() {
			var person struct{ Key string }
			c.post("/class/"+c.code+"/members", `{"name":"fox"}`, &person)
			c.live(m.page, "member", person.Key, m.vote, func(do json.RawMessage) {
				var told struct{ Run *struct{} }
				if json.Unmarshal(do, &told); told.Run != nil {
					all.Go(func() { m.run.follow(ctx, c.site.Base, fmt.Sprintf("run-of-%s-%d", c.code, i)) })
					m.say(`{"ran":{"lesson":"reconnect","sse":"resumed","ws":"nobody"}}`)
				}
			})
		})
	}
	return c
}

// post is said again until it is answered, as people press again.
func (c *class) post(path, body string, into any) {
	err := servers.Until(c.ctx, func() error {
		resp, err := http.Post(c.site.Base+path, "application/json", strings.NewReader(body))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		data, _ := io.ReadAll(resp.Body)
		if resp.StatusCode >= 400 {
			return fmt.Errorf("%s: %s", resp.Status, data)
		}
		return json.Unmarshal(data, into)
	})
	if err != nil && c.ctx.Err() == nil {
		c.t.Errorf("POST %s: %v", path, err)
	}
}

// live keeps a page's socket open until the class ends.
func (c *class) live(p *page, role, key string, told, do func(json.RawMessage)) {
	for c.ctx.Err() == nil {
		conn, _, err := websocket.Dial(c.ctx, strings.Replace(c.site.Base, "http", "ws", 1)+"/class/"+c.code+"/live", nil)
		if err == nil {
			conn.SetReadLimit(-1)
			err = conn.Write(c.ctx, websocket.MessageText, fmt.Appendf(nil, `{"role":%q,"key":%q}`, role, key))
			var data []byte
			for err == nil {
				if _, data, err = conn.Read(c.ctx); err != nil {
					break
				}
				var said struct{ State, Do json.RawMessage }
				json.Unmarshal(data, &said)
				p.mu.Lock()
				p.conn = conn
				if said.State != nil {
					p.state = said.State
				}
				p.mu.Unlock()
				if said.State != nil {
					told(said.State)
				}
				if said.Do != nil {
					do(said.Do)
				}
			}
			conn.CloseNow()
			p.mu.Lock()
			if p.conn != nil {
				p.breaks++
			}
			p.conn = nil
			if status := websocket.CloseStatus(err); status >= 4000 {
				p.problem = err // the class does not want it
			}
			p.mu.Unlock()
		}
		select {
		case <-c.ctx.Done():
		case <-time.After(200 * time.Millisecond): // of a page it is a second, and more and more
		}
	}
}

func (p *page) say(text string) {
	p.mu.Lock()
	conn := p.conn
	p.mu.Unlock()
	if conn != nil {
		conn.Write(context.Background(), websocket.MessageText, []byte(text)) // a socket that has broken comes back, and says it then
	}
}

// vote votes where the class asks and this page has not.
func (m *member) vote(state json.RawMessage) {
	var s struct {
		Ask *struct {
			Lesson      string
			Round, Mine int
			Open        bool
		}
	}
	json.Unmarshal(state, &s)
	m.mu.Lock()
	votes := m.votes
	m.mu.Unlock()
	if votes && s.Ask != nil && s.Ask.Open && s.Ask.Mine == 0 {
		m.say(fmt.Sprintf(`{"vote":{"lesson":%q,"round":%d,"answer":%d}}`, s.Ask.Lesson, s.Ask.Round, m.number%3+1))
	}
}

// votesNow has a member vote that has not.
func (m *member) votesNow() {
	m.mu.Lock()
	m.votes = true
	state := m.state
	m.mu.Unlock()
	m.vote(state)
}

// hand presses a key of the board.
func (c *class) hand(text string) { c.board.say(text) }

// sees waits until the board shows all of it.
func (c *class) sees(parts ...string) {
	c.t.Helper()
	ctx, stop := context.WithTimeout(c.ctx, patience)
	defer stop()
	err := servers.Until(ctx, func() error {
		c.board.mu.Lock()
		defer c.board.mu.Unlock()
		for _, part := range parts {
			if !bytes.Contains(c.board.state, []byte(part)) {
				return fmt.Errorf("the board has no %s: %s", part, c.board.state)
			}
		}
		if c.board.conn == nil {
			return fmt.Errorf("the board is not connected")
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// together waits until every page is connected, and returns how often each lost its
// socket until then; the board is the last one.
func (c *class) together() (breaks []int) {
	c.t.Helper()
	ctx, stop := context.WithTimeout(c.ctx, patience)
	defer stop()
	err := servers.Until(ctx, func() error {
		breaks = breaks[:0]
		for i, m := range c.members {
			m.mu.Lock()
			conn, n, problem := m.conn, m.breaks, m.problem
			m.mu.Unlock()
			if conn == nil || problem != nil {
				return fmt.Errorf("member %d is not connected; %v", i, problem)
			}
			breaks = append(breaks, n)
		}
		c.board.mu.Lock()
		defer c.board.mu.Unlock()
		if c.board.conn == nil || c.board.problem != nil {
			return fmt.Errorf("the board is not connected; %v", c.board.problem)
		}
		breaks = append(breaks, c.board.breaks)
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return breaks
}

// runsGoOn waits until every stream is open, or has come to its end.
func (c *class) runsGoOn() {
	c.t.Helper()
	ctx, stop := context.WithTimeout(c.ctx, patience)
	defer stop()
	err := servers.Until(ctx, func() error {
		for i, m := range c.members {
			m.run.mu.Lock()
			open, wrong := m.run.open || m.run.over, m.run.wrong
			m.run.mu.Unlock()
			if !open {
				return fmt.Errorf("the stream of member %d is not open", i)
			}
			if wrong != nil {
				c.t.Errorf("member %d: %v", i, wrong)
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// follow follows a run of reconnect to its end. The numbers must come without a gap, and
// none twice, whichever server sends them.
func (r *run) follow(ctx context.Context, base, capture string) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for ctx.Err() == nil {
		req, _ := http.NewRequestWithContext(ctx, "GET", base+"/play/reconnect/sse?cut=0&total=100&every=500&capture="+capture, nil)
		r.mu.Lock()
		if r.last > 0 {
			req.Header.Set("Last-Event-ID", fmt.Sprint(r.last))
		}
		r.mu.Unlock()
		resp, err := client.Do(req)
		switch {
		case err != nil:
		case resp.StatusCode == http.StatusNoContent:
			resp.Body.Close()
			r.mu.Lock()
			r.over = true
			r.mu.Unlock()
			return
		case resp.StatusCode == http.StatusOK:
			r.read(resp.Body)
			resp.Body.Close()
		default: // of nginx, while it has no server: EventSource gives up there, this does not
			resp.Body.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (r *run) read(body io.Reader) {
	for lines := bufio.NewScanner(body); lines.Scan(); {
		var id int
		if n, _ := fmt.Sscanf(lines.Text(), "id: %d", &id); n == 0 {
			continue
		}
		r.mu.Lock()
		r.open = true
		if id != r.last+1 {
			r.wrong = append(r.wrong, fmt.Sprintf("%d came after %d", id, r.last))
		}
		r.last = id
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = false
}
