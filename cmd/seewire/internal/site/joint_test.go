package site

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/nats-io/nats-server/v2/server"

	"seewire/bus"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// A node is one server of a site.
type node struct {
	*httptest.Server
	site *Site
	bus  *bus.Bus
	end  func()
}

// noBus is the bus of a server that is alone.
func noBus(t testing.TB) *bus.Bus {
	t.Helper()
	b, err := bus.New(bus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// startNATS starts a NATS server on a port.
func startNATS(t testing.TB, port int) (url string, stop func()) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true, NoSystemAccount: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("NATS does not listen")
	}
	stop = func() {
		s.Shutdown()
		s.WaitForShutdown()
	}
	t.Cleanup(stop)
	return s.ClientURL(), stop
}

// startNodes starts servers that are one site.
func startNodes(t testing.TB, url string, n int) []*node {
	t.Helper()
	var nodes []*node
	for range n {
		nodes = append(nodes, startNode(t, url))
	}
	awaitServers(t, n, nodes...)
	return nodes
}

func startNode(t testing.TB, url string) *node {
	t.Helper()
	between, err := bus.New(bus.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	store := wire.NewStore(CaptureLimits(64 << 20))
	life, end := context.WithCancel(context.Background())
	a, err := New(life, Options{Streams: 100, Limit: time.Minute, Memory: 64 << 20}, store, between)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{Server: httptest.NewUnstartedServer(a.Handler()), site: a, bus: between}
	a.Listeners.Plain = n.Listener.Addr()
	n.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return wire.ConnContext(ctx, c) }
	n.Config.ConnState = wire.ConnState
	tap := wire.Listen(n.Listener)
	n.Listener = tap
	n.Start()
	ended := false
	n.end = func() {
		if ended {
			return
		}
		ended = true
		end()
		tap.CloseConns()
		n.Close()
		a.Wait(context.Background())
		between.Close()
		store.Close()
	}
	t.Cleanup(n.end)
	return n
}

// awaitServers returns when each node hears of so many.
func awaitServers(t testing.TB, n int, nodes ...*node) {
	t.Helper()
	for _, node := range nodes {
		for {
			changed := node.bus.Changed()
			if node.bus.State().Connected && len(node.bus.Servers()) == n {
				break
			}
			<-changed
		}
	}
}

// run runs reconnect to its end, and returns what it was answered.
func (n *node) run(t testing.TB, id string, events int) string {
	t.Helper()
	resp, err := n.Client().Get(fmt.Sprintf("%s/play/reconnect/sse?capture=%s&total=%d&every=50&cut=0", n.URL, id, events))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	n.Client().CloseIdleConnections() // the next one is another connection
	return string(body)
}

// capture fetches a capture as JSON.
func (n *node) capture(t testing.TB, id string) export.Document {
	t.Helper()
	body := n.get(t, "/captures/"+id+".json")
	var d export.Document
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatalf("%v: %.300s", err, body)
	}
	return d
}

func (n *node) get(t testing.TB, path string) string {
	t.Helper()
	resp, err := n.Client().Get(n.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Sprint(resp.StatusCode)
	}
	return string(body)
}

// A viewer follows a capture.
type viewer struct {
	t    testing.TB
	conn *websocket.Conn
	all  map[int]*export.Connection
	mark int
}

func (n *node) view(t testing.TB, id string) *viewer {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(n.URL, "http")+"/captures/"+id+"/live",
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {n.URL}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(-1)
	v := &viewer{t: t, conn: conn, all: map[int]*export.Connection{}}
	v.caughtUp()
	return v
}

// caughtUp has all that was recorded before the call in the view.
func (v *viewer) caughtUp() {
	v.t.Helper()
	wsjson.Write(v.t.Context(), v.conn, clock{Clock: 1, Mark: 1})
	for want := -1; want < 0 || v.mark < want; {
		if n := v.read(); n > 0 {
			want = n
		}
	}
}

// read takes one message, and returns the number of a mark that it is the answer for.
func (v *viewer) read() (mark int) {
	v.t.Helper()
	var message struct {
		export.Document
		Clock float64
	}
	if err := wsjson.Read(v.t.Context(), v.conn, &message); err != nil {
		v.t.Fatal(err)
	}
	if message.Clock != 0 {
		return message.Mark
	}
	v.mark = max(v.mark, message.Mark)
	for _, c := range message.Connections {
		if have := v.all[c.Number]; have != nil {
			have.Client, have.Server = append(have.Client, c.Client...), append(have.Server, c.Server...)
			have.Ends = append(have.Ends, c.Ends...)
			continue
		}
		v.all[c.Number] = &c
	}
	return 0
}

func (v *viewer) same(d export.Document) {
	v.t.Helper()
	if len(d.Connections) != len(v.all) {
		v.t.Errorf("the file has %d connections, the feed %d", len(d.Connections), len(v.all))
		return
	}
	for _, c := range d.Connections {
		seen := v.all[c.Number]
		if seen == nil || string(seen.Server) != string(c.Server) || string(seen.Client) != string(c.Client) || seen.Peer != c.Peer {
			v.t.Errorf("connection %d is another one in the file", c.Number)
		}
	}
}

// Connections on two servers, a feed on a third and files of each are one capture.
func TestCaptureOfSeveralServers(t *testing.T) {
	url, _ := startNATS(t, server.RANDOM_PORT)
	nodes := startNodes(t, url, 3)
	a, b, c := nodes[0], nodes[1], nodes[2]
	const id = "joint-capture-1"
	v := c.view(t, id)
	if !a.site.isOwnID(id) || a.site.isOwnID("another-capture") {
		t.Error("another server does not know which captures pages watch")
	}
	a.run(t, id, 3)
	b.run(t, id, 5)
	a.run(t, id, 7)
	v.caughtUp()
	if len(v.all) != 3 {
		t.Fatalf("the feed has %d connections", len(v.all))
	}
	for number := 1; number <= 3; number++ { // what a client has read may be recorded a little later
		for v.all[number].Ends == nil {
			v.read()
		}
	}
	for number, events := range map[int]int{1: 3, 2: 5, 3: 7} {
		if got := strings.Count(string(v.all[number].Server), "\ndata:"); got != events {
			t.Errorf("connection %d has %d events", number, got)
		}
	}
	for i, n := range nodes {
		d := n.capture(t, id)
		v.same(d)
		if len(d.Frames) == 0 || len(d.Events) != 15 {
			t.Errorf("server %d: %d frames and %d events", i, len(d.Frames), len(d.Events))
		}
		for _, path := range []string{"/captures/" + id + ".pcapng", "/captures/" + id + ".har", "/captures/" + id + ".html", "/captures/" + id + "/answers", "/en/captures/" + id} {
			if got := n.get(t, path); len(got) < 10 {
				t.Errorf("server %d: %s: %s", i, path, got)
			}
		}
		if got := n.get(t, "/captures/no-such-capture.json"); got != "404" {
			t.Errorf("a capture that is nowhere: %s", got)
		}
		if got := n.get(t, "/healthz"); got != "ok\nbus: joined NATS, with 3 servers\n" {
			t.Errorf("/healthz: %q", got)
		}
	}
	if metrics := c.get(t, "/metrics"); !strings.Contains(metrics, "\nseewire_bus_servers 3\n") || !strings.Contains(metrics, "\nseewire_bus_connected 1\n") ||
		!strings.Contains(metrics, "\nseewire_bus_lost_total 0\n") {
		t.Error(metrics)
	}
}

// A stream is seen on another server as it goes on, and to its end. What lets people in
// is covered there, too.
func TestStreamOfAnotherServer(t *testing.T) {
	url, _ := startNATS(t, server.RANDOM_PORT)
	nodes := startNodes(t, url, 2)
	a, c := nodes[0], nodes[1]
	const id = "joint-capture-2"
	v := c.view(t, id)
	request, _ := http.NewRequest("GET", a.URL+"/play/reconnect/sse?capture="+id+"&total=100&every=50&cut=0", nil)
	request.Header.Set("Authorization", "Bearer secretsecret")
	resp, err := a.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	bufio.NewReader(resp.Body).ReadString('\n')
	for v.all[1] == nil || !strings.Contains(string(v.all[1].Server), "data:") {
		v.read()
	}
	if client := string(v.all[1].Client); strings.Contains(client, "secretsecret") || !strings.Contains(client, "*****") {
		t.Error(client)
	}
	if ends := v.all[1].Ends; ends != nil {
		t.Errorf("it has ended: %v", ends)
	}
	a.end() // the server ends in good order
	for v.all[1].Ends == nil {
		v.read()
	}
	if how := v.all[1].Ends[0].How; how != "fin" {
		t.Errorf("it has ended by %q", how)
	}
}
