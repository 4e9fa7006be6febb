package viewer

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// TestALineCutFromOutside has a piece of network between the browser and the
// site break, as Wi-Fi does: nobody at either end wanted it.
func TestALineCutFromOutside(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	line := startLine(t, strings.TrimPrefix(s.Base, "http://"))
	p := chromium.OpenTab(t, "http://localhost:"+line.port)
	p.Expect("net::ERR_") // the page's own feed is cut as well
	l := p.Lesson("en", "reconnect?cut=0&every=500&retry=200&total=100")
	l.Click(chromium.RunBoth)
	l.Running()
	l.Until(fmt.Sprintf(`document.querySelectorAll(%q).length > 2 && document.querySelectorAll(%q).length > 2`, chromium.SseSide+chromium.LogLines, chromium.WsSide+chromium.LogLines))
	line.cut()

	l.OpenTimeline()
	l.Shows(chromium.Sentences, l.Word("finding.reconnect.resumed"))
	l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.cut", "code", 1006))
	l.Shows(chromium.Watching, l.Word("playground.feed.live"))
	n := len(l.Log(chromium.SseSide))
	l.Until(fmt.Sprintf(`document.querySelectorAll(%q).length > %d`, chromium.SseSide+chromium.LogLines, n+3)) // it goes on
	l.Stop()
	l.Ended("stopped")

	c := l.Capture()
	again := c.Requests("sse")
	if len(again) != 2 || again[1].Value("http.last_event_id") == "" {
		t.Errorf("EventSource made %d requests, want a second one with a Last-Event-ID", len(again))
	}
	if n := len(c.Requests("ws")); n != 1 {
		t.Errorf("%d handshakes, want 1", n)
	}
	var numbers []string
	for _, line := range l.Log(chromium.SseSide) {
		if number, _, ok := strings.Cut(line, " id "); ok {
			numbers = append(numbers, number)
		}
	}
	for i, number := range numbers {
		if number != fmt.Sprint(i+1) {
			t.Fatalf("the numbers on the SSE side are %q: one is missing, or came twice", numbers)
		}
	}
}

// A line is a TCP connection's way through the world.
type line struct {
	port string
	mu   sync.Mutex
	open []*net.TCPConn
}

// startLine passes on what comes to a port of its own.
func startLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	l := &line{port: port}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			l.mu.Lock()
			l.open = append(l.open, near.(*net.TCPConn), far.(*net.TCPConn))
			l.mu.Unlock()
			all.Go(func() { io.Copy(near, far); near.Close() })
			all.Go(func() { io.Copy(far, near); far.Close() })
		}
	})
	t.Cleanup(func() { listener.Close(); l.cut(); all.Wait() })
	return l
}

// cut breaks everything that goes over the line, with no goodbye to either end.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.open {
		conn.SetLinger(0)
		conn.Close()
	}
	l.open = nil
}

// A message is one of a WebSocket, as the browser's own record has it.
type message struct {
	from    string
	opcode  string
	masked  bool
	payload string
}

// TestTheBrowsersOwnRecordOfMessagesAgrees holds a capture against what
// Chromium's Network panel shows of the same sockets, byte for byte.
func TestTheBrowsersOwnRecordOfMessagesAgrees(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Visit("/en/fields")
	var mu sync.Mutex
	recorded := map[network.RequestID][]message{}
	addresses := map[network.RequestID]string{}
	add := func(id network.RequestID, from string, f *network.WebSocketFrame) {
		recorded[id] = append(recorded[id], message{from, fmt.Sprint(int(f.Opcode)), f.Mask, string(f.PayloadData)})
	}
	err := chromedp.Listen(p.Ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventWebSocketCreated:
			addresses[e.RequestID] = e.URL
		case *network.EventWebSocketFrameReceived:
			add(e.RequestID, "server", e.Response)
		case *network.EventWebSocketFrameSent:
			add(e.RequestID, "client", e.Response)
		}
	})
	if err != nil {
		t.Fatal(err)
	}

	for i, c := range []struct {
		name, address string
		send          string // what the page says when it is connected
		messages      int    // after so many that came, it closes
	}{
		{"text that comes back", "oneway/ws?", `socket.send("hello"); socket.send("字 and 🎈");`, 2},
		{"bytes that come back", "oneway/ws?", `socket.send(Uint8Array.from({length: 300}, (_, i) => i)); socket.send(new Uint8Array(70000));`, 2},
		{"nothing at all", "oneway/ws?", `socket.send(""); socket.send(new Uint8Array(0));`, 2},
		{"numbers", "reconnect/ws?cut=0&every=50&total=4", ``, 4},
		{"fragments", `framing/ws?pause=1&stream=da\|ta: hel\|lo\n\n\|data: 字\n\n`, ``, 2},
		{"an answer", "chat/ws?rate=200", `socket.send('{"messages":[{"role":"user","content":"Hello"}]}');`, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := p.In(t)
			id := fmt.Sprintf("cdp-socket-%d", i)
			chromium.Await[chromedp.Void](p, fmt.Sprintf(`new Promise((resolve, reject) => {
				const address = new URL("/play/" + %q, location.href.replace("http", "ws"));
				address.searchParams.set("capture", %q);
				const socket = new WebSocket(address);
				socket.binaryType = "arraybuffer";
				let left = %d;
				socket.onopen = () => { %s };
				socket.onmessage = () => --left === 0 && socket.close(1000, "enough");
				socket.onclose = ({code}) => code === 1000 ? resolve() : reject(code);
			})`, c.address, id, c.messages, c.send))

			capture := sitetest.GetCapture(t, &sitetest.Program{Base: p.Base}, id)
			sitetest.CheckTiling(t, capture)
			mu.Lock()
			defer mu.Unlock()
			compared := 0
			for request, address := range addresses {
				if !strings.Contains(address, id) {
					continue
				}
				compared += len(recorded[request])
				for _, from := range []string{"client", "server"} {
					ours, theirs := messages(capture, from), sentBy(from, recorded[request])
					// The page closes on purpose in the middle: what comes after
					// is on the wire, and nothing to the browser any more.
					if from == "server" && len(theirs) >= c.messages {
						ours = ours[:min(len(ours), len(theirs))]
					}
					if !slices.Equal(ours, theirs) {
						t.Errorf("from the %s, the capture has\n%+v\nand the browser\n%+v", from, ours, theirs)
					}
				}
			}
			if compared < c.messages {
				t.Errorf("the browser's record has %d messages, want at least %d", compared, c.messages)
			}
		})
	}
}

func sentBy(from string, all []message) []message {
	return slices.DeleteFunc(slices.Clone(all), func(m message) bool { return m.from != from })
}

// messages are those of a capture, put together from their frames. The payload
// is taken from the bytes, not from what the dissector calls its value.
func messages(c sitetest.Capture, from string) []message {
	var all []message
	for _, f := range c.Frames {
		if f.From != from || f.Protocol != "websocket" {
			continue
		}
		m := message{from, f.Value("websocket.opcode"), f.Value("websocket.mask") == "1", f.Payload(c)}
		switch m.opcode {
		case "1", "2":
			all = append(all, m)
		case "0": // RFC 6455 §5.4: a fragment goes on with the message
			all[len(all)-1].payload += m.payload
		}
	}
	return all
}

// TestTheBrowsersOwnRecordOfEventsAgrees does the same with EventSource.
func TestTheBrowsersOwnRecordOfEventsAgrees(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Visit("/en/fields")
	type event struct{ Type, Data, LastEventID string }
	var mu sync.Mutex
	var theirs []event
	err := chromedp.Listen(p.Ctx, func(e any) {
		if e, ok := e.(*network.EventEventSourceMessageReceived); ok {
			mu.Lock()
			defer mu.Unlock()
			theirs = append(theirs, event{e.EventName, e.Data, e.EventID})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		name, address string
		events        int
	}{
		{"numbers", "reconnect/sse?cut=0&every=50&total=4", 4},
		{"numbers over a cut", "reconnect/sse?cut=3&every=50&retry=50&total=6&how=end", 6},
		{"types, ids and line ends", `framing/sse?pause=1&stream=\uFEFFid: 7\nevent: price\ndata: 1\r\n\|data: 2\r\r: x\ndata\n\nid\ndata:  字\|\n\n`, 3},
		{"an answer", "chat/sse?rate=200&ragged=on&prompt=Hello", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := p.In(t)
			mu.Lock()
			theirs = nil
			mu.Unlock()
			id := fmt.Sprintf("cdp-events-%d", i)
			chromium.Await[chromedp.Void](p, fmt.Sprintf(`new Promise((resolve) => {
				const address = new URL("/play/" + %q, location);
				address.searchParams.set("capture", %q);
				const source = new EventSource(address);
				let left = %d;
				const got = () => --left === 0 && (source.close(), resolve());
				for (const type of ["message", "price"]) source.addEventListener(type, got);
			})`, c.address, id, c.events))

			var ours []event
			for _, e := range sitetest.GetCapture(t, &sitetest.Program{Base: p.Base}, id).Events {
				ours = append(ours, event{e.Type, e.Data, e.LastEventID})
			}
			mu.Lock()
			defer mu.Unlock()
			if len(ours) < c.events || !slices.Equal(ours[:c.events], theirs[:min(len(theirs), c.events)]) {
				t.Errorf("the capture has\n%q\nand the browser\n%q", ours, theirs)
			}
		})
	}
}
