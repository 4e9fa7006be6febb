package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/sitetest"
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
func learn(t *testing.T, s *sitetest.Program, c *http.Client, id string) {
	t.Helper()
	ctx := t.Context()
	get := func(path string) string {
		resp, err := c.Get(s.Base + path)
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
	feed, _, err := websocket.Dial(ctx, s.Socket()+"/captures/"+id+"/live", &websocket.DialOptions{HTTPClient: c})
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
func openStreams(t *testing.T, s *sitetest.Program, c *http.Client, n int) int {
	t.Helper()
	open := 0
	for range n {
		resp, err := c.Get(s.Base + "/play/silence/sse?then=dead&after=1")
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
	s := sitetest.Start(t, "-streams", "100", "-origins", "off")
	greedy, learner := from(t, "127.0.0.2"), from(t, "127.0.0.3")
	if open := openStreams(t, s, greedy, 110); open != 50 {
		t.Errorf("one address has %d of 100 streams", open)
	}
	learn(t, s, learner, "another-learner")
}

func TestFeedsOfOneAddress(t *testing.T) {
	s := sitetest.Start(t, "-origins", "off")
	greedy, learner := from(t, "127.0.0.2"), from(t, "127.0.0.3")
	learn(t, s, learner, "handed-on")
	var wg sync.WaitGroup
	var open atomic.Int32
	for i := range 2100 {
		wg.Go(func() {
			feed, _, err := websocket.Dial(t.Context(), fmt.Sprintf("%s/captures/greedy-%d/live", s.Socket(), i), &websocket.DialOptions{HTTPClient: greedy})
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
	sitetest.GetCapture(t, s, "handed-on")
}

func TestCapturesOfOneAddress(t *testing.T) {
	s := sitetest.Start(t, "-origins", "off")
	greedy, learner := from(t, "127.0.0.2"), from(t, "127.0.0.3")
	learn(t, s, learner, "handed-on")
	for i := range 2100 {
		resp, err := greedy.Post(fmt.Sprintf("%s/play/oneway/send?room=none&capture=greedy-%d", s.Base, i), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	learn(t, s, learner, "another-learner")
	sitetest.GetCapture(t, s, "handed-on")
}

// All of a class are behind one router, and none of them is to notice.
func TestAClassBehindOneAddress(t *testing.T) {
	const learners = 300
	s := sitetest.Start(t, "-origins", "off")
	c := from(t, "127.0.0.2")
	// A connection that the client has dialled ahead and not used is closed by the
	// server in the end: no learner is to take that one.
	c.Transport.(*http.Transport).DisableKeepAlives = true
	var feeds sync.WaitGroup
	for i := range learners {
		feeds.Go(func() {
			feed, _, err := websocket.Dial(t.Context(), fmt.Sprintf("%s/captures/waiting-%d/live", s.Socket(), i), &websocket.DialOptions{HTTPClient: c})
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
