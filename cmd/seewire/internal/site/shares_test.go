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
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/joint"
	"seewire/playground"
	"seewire/playground/export"
	"seewire/playground/wire"
)

// newTestApp is a site that is asked without a connection, or over some in
// memory.
func newTestApp(t *testing.T) *Site {
	t.Helper()
	store := wire.NewStore(CaptureLimits(64 << 20))
	t.Cleanup(store.Close)
	between := noBus(t)
	together, err := joint.New(between, store)
	if err != nil {
		t.Fatal(err)
	}
	return &Site{life: t.Context(), captures: store, between: between, joint: together, dissections: export.NewDissections(1<<20, nil), places: newPlaces(10)}
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
			var c export.Document
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
	ask := func(a *Site, address string) *httptest.ResponseRecorder {
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
	store := wire.NewStore(CaptureLimits(64 << 20))
	defer store.Close()
	a, err := New(t.Context(), Options{Streams: 10, Limit: time.Minute}, store, noBus(t))
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

// openFeed opens a feed over a connection in memory.
func openFeed(t *testing.T, a *Site, id string) (client net.Conn, dial func() *websocket.Conn) {
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
		_, dial := openFeed(t, a, "nothing-runs")
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
		client, _ := openFeed(t, a, "dead-peer")
		io.WriteString(client, "GET /captures/dead-peer/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		began := time.Now()
		io.Copy(io.Discard, client) // takes all, and answers nothing
		if took, want := time.Since(began), pingTime+pongTime; took > want+20*time.Second {
			t.Errorf("after %v the server gave up, want about %v", took, want)
		}
	})
}
