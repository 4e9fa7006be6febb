package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/playground"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// from is a client whose connections come from an address of this machine. It
// takes answers as they are on the wire.
func from(t *testing.T, ip string) *http.Client {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableCompression: true}
	if conn, err := net.ListenPacket("udp4", ip+":0"); err != nil {
		t.Skipf("this machine has no %s: %v", ip, err)
	} else {
		conn.Close()
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// A learner opens a page, watches a capture, runs something in it and looks at
// what was recorded.
func learn(t *testing.T, s *site, c *http.Client, id string) {
	t.Helper()
	ctx := t.Context()
	get := func(path string) string {
		resp, err := c.Get(s.base + path)
		if err != nil {
			t.Error(err)
			return ""
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v, %.200s", path, resp.Status, err, body)
		}
		return string(body)
	}
	get("/en/lessons/reconnect")
	feed, _, err := websocket.Dial(ctx, s.socket()+"/captures/"+id+"/live", &websocket.DialOptions{HTTPClient: c})
	if err != nil {
		t.Errorf("the feed: %v", err)
		return
	}
	defer feed.CloseNow()
	feed.SetReadLimit(1 << 20)
	if got := get("/play/reconnect/sse?cut=2&how=end&every=50&capture=" + id); !strings.Contains(got, "data: 2") {
		t.Errorf("the run: %q", got)
	}
	for seen := false; !seen; {
		_, message, err := feed.Read(ctx)
		if err != nil {
			t.Errorf("the feed: %v", err)
			return
		}
		seen = strings.Contains(string(message), `"sse.data"`)
	}
	if got := get("/captures/" + id + ".json"); !strings.Contains(got, `"sse.data"`) {
		t.Errorf("the capture: %.200s", got)
	}
}

// openStreams opens streams that stay open, and returns how many there are.
func openStreams(t *testing.T, s *site, c *http.Client, n int) int {
	t.Helper()
	open := 0
	for range n {
		resp, err := c.Get(s.base + "/play/silence/sse?then=dead&after=1")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		if resp.StatusCode == http.StatusOK {
			open++
		}
	}
	return open
}

func TestStreamsOfOneAddress(t *testing.T) {
	s := startSite(t, "-streams", "100", "-origins", "off")
	greedy, learner := from(t, "127.0.0.2"), from(t, "127.0.0.3")
	if open := openStreams(t, s, greedy, 110); open != 50 {
		t.Errorf("one address has %d of 100 streams", open)
	}
	learn(t, s, learner, "another-learner")
}

func TestFeedsOfOneAddress(t *testing.T) {
	s := startSite(t, "-origins", "off")
	greedy, learner := from(t, "127.0.0.2"), from(t, "127.0.0.3")
	learn(t, s, learner, "handed-on")
	var wg sync.WaitGroup
	var open atomic.Int32
	for i := range 2100 {
		wg.Go(func() {
			feed, _, err := websocket.Dial(t.Context(), fmt.Sprintf("%s/captures/greedy-%d/live", s.socket(), i), &websocket.DialOptions{HTTPClient: greedy})
			if err == nil {
				open.Add(1)
				t.Cleanup(func() { feed.CloseNow() })
			}
		})
		if i%50 == 49 {
			wg.Wait()
		}
	}
	wg.Wait()
	if open.Load() < 2000 {
		t.Fatalf("only %d feeds could be opened", open.Load())
	}
	learn(t, s, learner, "another-learner")
	getCapture(t, s, "handed-on")
}

func TestCapturesOfOneAddress(t *testing.T) {
	s := startSite(t, "-origins", "off")
	greedy, learner := from(t, "127.0.0.2"), from(t, "127.0.0.3")
	learn(t, s, learner, "handed-on")
	for i := range 2100 {
		resp, err := greedy.Post(fmt.Sprintf("%s/play/oneway/send?room=none&capture=greedy-%d", s.base, i), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	learn(t, s, learner, "another-learner")
	getCapture(t, s, "handed-on")
}

// All of a class are behind one router, and none of them is to notice.
func TestAClassBehindOneAddress(t *testing.T) {
	const learners = 300
	s := startSite(t, "-origins", "off")
	c := from(t, "127.0.0.2")
	var feeds sync.WaitGroup
	for i := range learners {
		feeds.Go(func() {
			feed, _, err := websocket.Dial(t.Context(), fmt.Sprintf("%s/captures/waiting-%d/live", s.socket(), i), &websocket.DialOptions{HTTPClient: c})
			if err != nil {
				t.Errorf("feed %d: %v", i, err)
				return
			}
			t.Cleanup(func() { feed.CloseNow() })
		})
	}
	feeds.Wait()
	if open := openStreams(t, s, c, 3*learners); open != 3*learners {
		t.Errorf("%d of %d streams are open", open, 3*learners)
	}
	var all sync.WaitGroup
	for i := range learners {
		all.Go(func() { learn(t, s, c, fmt.Sprintf("learner-%d", i)) })
	}
	all.Wait()
}

// newTestApp is a site that is asked without a connection, or over some in
// memory.
func newTestApp(t *testing.T) *app {
	t.Helper()
	store := wire.NewStore(captureLimits(64 << 20))
	t.Cleanup(store.Close)
	return &app{life: t.Context(), captures: store, dissections: export.NewDissections(1 << 20), places: newPlaces(10)}
}

// A client that reads slowly keeps nobody from being served: the small answer
// comes while four large ones are not read.
func TestSlowReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newTestApp(t)
		large := strings.Repeat("data: a\n\n", 5000)
		ask := func(body string) *http.Response {
			client := inMemory(t, a.dissect)
			fmt.Fprintf(client, "POST /dissect?protocol=sse HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			resp, err := http.ReadResponse(bufio.NewReader(client), nil)
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}
		var slow []*http.Response
		for range 4 {
			slow = append(slow, ask(large))
		}
		synctest.Wait()
		if n := a.places.dissections.Taken(); n != 0 {
			t.Errorf("%d places are held by those who read slowly", n)
		}
		began := time.Now()
		small := ask("data: a\n\n")
		if got, err := io.ReadAll(small.Body); err != nil || !strings.Contains(string(got), `"sse.data"`) || time.Since(began) != 0 {
			t.Errorf("after %v: %q, %v", time.Since(began), got, err)
		}
		for i, resp := range slow {
			var c captureJSON
			if err := json.NewDecoder(resp.Body).Decode(&c); err != nil || len(c.Events) != 5000 {
				t.Errorf("answer %d: %d events, %v", i, len(c.Events), err)
			}
		}
		synctest.Wait()
		if n := a.places.answers.Taken() + a.places.uploads.Taken(); n != 0 {
			t.Errorf("%d places are still held", n)
		}
	})
}

// Whoever waits too long is told so; and somebody else does not have to wait.
func TestPlacesThatOneAddressHas(t *testing.T) {
	const body = "data: a\n\n"
	ask := func(a *app, address string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/dissect?protocol=sse", strings.NewReader(body))
		r.RemoteAddr = address
		a.dissect(w, r)
		return w
	}
	for name, of := range map[string]func(places) *playground.Places{
		"uploads":     func(p places) *playground.Places { return p.uploads },
		"dissections": func(p places) *playground.Places { return p.dissections },
		"answers":     func(p places) *playground.Places { return p.answers },
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newTestApp(t)
			greedy := playground.PeerAt("192.0.2.1:1")
			for of(a.places).Take(greedy, 1) {
			}
			began := time.Now()
			w := ask(a, "192.0.2.1:2")
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"busy"`) {
				t.Errorf("%s: who has had them all got %d, %v, %s", name, w.Code, w.Header(), w.Body)
			}
			if took := time.Since(began); took != placeTime {
				t.Errorf("%s: it was said after %v", name, took)
			}
			began = time.Now()
			if w := ask(a, "192.0.2.2:1"); w.Code != http.StatusOK || time.Since(began) != 0 {
				t.Errorf("%s: another one got %d after %v", name, w.Code, time.Since(began))
			}
		})
	}
}

// Bodies that come slowly leave room for small ones, and for those of others.
func TestUploadsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newTestApp(t)
		var slow []*io.PipeWriter
		var done sync.WaitGroup
		ask := func(address string, body io.Reader) int {
			w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/dissect?protocol=sse", body)
			r.RemoteAddr = address
			a.dissect(w, r)
			return w.Code
		}
		for i := range 7 {
			body, more := io.Pipe()
			slow = append(slow, more)
			done.Go(func() {
				if status := ask(fmt.Sprintf("192.0.2.1:%d", i), body); status != http.StatusOK {
					t.Errorf("upload %d: %d", i, status)
				}
			})
		}
		synctest.Wait()
		if status := ask("192.0.2.1:100", strings.NewReader("id\n")); status != http.StatusOK {
			t.Errorf("a small body beside 7 of unknown size: %d", status)
		}
		if status := ask("192.0.2.1:100", io.MultiReader(strings.NewReader("id\n"))); status != http.StatusServiceUnavailable {
			t.Errorf("one more of unknown size: %d", status)
		}
		if status := ask("192.0.2.2:100", io.MultiReader(strings.NewReader("id\n"))); status != http.StatusOK {
			t.Errorf("one of another address: %d", status)
		}
		for _, more := range slow {
			io.WriteString(more, "data: a\n\n")
			more.Close()
		}
		done.Wait()
		if n := a.places.uploads.Taken(); n != 0 {
			t.Errorf("%d places are still held", n)
		}
	})
}

// A page says so in its own words.
func TestBusyPage(t *testing.T) {
	store := wire.NewStore(captureLimits(64 << 20))
	defer store.Close()
	a, err := newApp(t.Context(), options{streams: 10, limit: time.Minute}, store)
	if err != nil {
		t.Fatal(err)
	}
	store.Claim("some-capture", playground.PeerAt("192.0.2.1:1"))
	for a.places.dissections.Take(playground.PeerAt("192.0.2.1:1"), 1) {
	}
	for path, says := range map[string]string{
		"/en/captures/some-capture": "Yours is still there",
		"/zh/captures/some-capture": "你的抓包还在",
	} {
		synctest.Test(t, func(t *testing.T) {
			w, r := httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)
			r.SetPathValue("id", "some-capture")
			a.capturePage(w, r) // from 192.0.2.1
			after, _ := strconv.Atoi(w.Header().Get("Retry-After"))
			if w.Code != http.StatusServiceUnavailable || after == 0 || !strings.Contains(w.Body.String(), says) {
				t.Errorf("%s: %d, %v, %.300s", path, w.Code, w.Header(), w.Body)
			}
		})
	}
}

// watch opens a feed over a connection in memory.
func watch(t *testing.T, a *app, id string) (client net.Conn, dial func() *websocket.Conn) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /captures/{id}/live", a.captureLive)
	client = inMemory(t, mux.ServeHTTP)
	return client, func() *websocket.Conn {
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
		feed, _, err := websocket.Dial(t.Context(), "ws://a/captures/"+id+"/live", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { feed.CloseNow() })
		return feed
	}
}

// untilClosed reads to the end of a feed, and returns how and when it ended.
func untilClosed(feed *websocket.Conn) (websocket.StatusCode, time.Duration) {
	began := time.Now()
	for {
		if _, _, err := feed.Read(context.Background()); err != nil {
			return websocket.CloseStatus(err), time.Since(began)
		}
	}
}

func TestFeedWithoutARunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newTestApp(t)
		_, dial := watch(t, a, "nothing-runs")
		if code, after := untilClosed(dial()); code != feedIdle || after != idleTime {
			t.Errorf("closed with %d after %v, want %d after %v", code, after, feedIdle, idleTime)
		}
		synctest.Wait()
		if n := a.places.feeds.Taken(); n != 0 {
			t.Errorf("%d places are still held", n)
		}
	})
}

// A viewer that is gone without a word is noticed, and one that only reads a
// long time is not taken for gone.
func TestFeedIsPinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newTestApp(t)
		client, _ := watch(t, a, "dead-peer")
		io.WriteString(client, "GET /captures/dead-peer/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		began := time.Now()
		io.Copy(io.Discard, client) // takes all, and answers nothing
		if took, want := time.Since(began), pingTime+pongTime; took > want+20*time.Second {
			t.Errorf("after %v the server gave up, want about %v", took, want)
		}
	})
}
