package site

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"seewire/bus"
	"seewire/cmd/seewire/internal/references"
	"seewire/playground/wire"
	"seewire/watch"
)

// startWatch watches a server that answers all with a secret, and returns the page's
// server and where clients come.
func startWatch(t *testing.T) (site *httptest.Server, key, through string) {
	t.Helper()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "id=hunter2; Path=/")
		io.WriteString(w, "needle in "+r.URL.Path)
	}))
	t.Cleanup(target.Close)
	address, _ := url.Parse(target.URL)
	limits := CaptureLimits(64 << 20)
	store := wire.NewStore(limits)
	t.Cleanup(store.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w, err := watch.New(watch.Options{Target: address}, store, listener.Addr())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- w.Serve(ctx, listener) }()
	between, _ := bus.New(bus.Options{})
	a, err := New(ctx, Options{Streams: 100, Memory: 64 << 20, Watch: &Watching{Watch: w, Key: "the-key"}}, store, between)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(a.Handler())
	a.Listeners.Plain = server.Listener.Addr()
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return wire.ConnContext(ctx, c) }
	server.Listener = wire.Listen(server.Listener)
	server.Config.ConnState = wire.ConnState
	server.Start()
	t.Cleanup(func() {
		cancel()
		server.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		between.Close()
	})
	return server, "the-key", listener.Addr().String()
}

// say opens the page's connection and says a key.
func say(t *testing.T, server *httptest.Server, key string, header http.Header) (*websocket.Conn, error) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http")+"/watch/live", &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	return conn, wsjson.Write(t.Context(), conn, map[string]string{"key": key})
}

type watchMessage struct {
	About  *watch.About `json:"about"`
	News   *watch.News  `json:"news"`
	Found  []string     `json:"found"`
	Ticket string       `json:"ticket"`
}

// Only who knows the key, and is no page of another origin, gets what is watched.
func TestWatchIsItsPagesAlone(t *testing.T) {
	server, key, _ := startWatch(t)
	for name, test := range map[string]struct {
		key    string
		origin string
		want   websocket.StatusCode // 0 for a handshake that is refused
	}{
		"no key":         {"", server.URL, websocket.StatusPolicyViolation},
		"another key":    {key + "x", server.URL, websocket.StatusPolicyViolation},
		"another origin": {key, "https://evil.example", 0},
		"an own port":    {key, "http://127.0.0.1:1", 0},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := say(t, server, test.key, http.Header{"Origin": {test.origin}})
			if test.want == 0 {
				if err == nil {
					t.Error("it was let in")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, p, err := conn.Read(t.Context()); websocket.CloseStatus(err) != test.want {
				t.Errorf("%q, %v", p, err)
			}
		})
	}
	request, _ := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/en/watch", nil)
	request.Host = "rebound.example"
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another name gets %s", resp.Status)
	}
}

// What came is told with its secrets covered, is found by its text, and can be had as a
// file, once.
func TestWatchTells(t *testing.T) {
	server, key, through := startWatch(t)
	request, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+through+"/a?token=secretsecret", nil)
	request.Header.Set("Authorization", "Bearer sk-secret")
	resp, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(resp.Body); string(text) != "needle in /a" || resp.Header.Get("Set-Cookie") != "id=hunter2; Path=/" {
		t.Errorf("through it came %q with %v", text, resp.Header)
	}
	conn, err := say(t, server, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	until := func(is func(m watchMessage) bool) (m watchMessage) {
		t.Helper()
		for !is(m) {
			m = watchMessage{}
			if err := wsjson.Read(t.Context(), conn, &m); err != nil {
				t.Fatal(err)
			}
		}
		return m
	}
	told := until(func(m watchMessage) bool { return m.News != nil && len(m.News.Rows) == 1 && !m.News.Rows[0].Open })
	row := told.News.Rows[0]
	if row.Target != "/a?token=************" || row.Status != 200 || row.Covered != len("secretsecret")+len("sk-secret")+len("hunter2") {
		t.Errorf("%+v", row)
	}
	wsjson.Write(t.Context(), conn, map[string]any{"search": map[string]any{"text": "needle in", "number": 1}})
	if m := until(func(m watchMessage) bool { return m.Found != nil }); len(m.Found) != 1 || m.Found[0] != row.ID {
		t.Errorf("found %v", m.Found)
	}

	for _, file := range []string{"seewire-watch.json", "seewire-watch.har", "seewire-watch.pcapng"} {
		wsjson.Write(t.Context(), conn, map[string]any{"ticket": 1})
		address := server.URL + "/watch/all/" + until(func(m watchMessage) bool { return m.Ticket != "" }).Ticket + "/" + file
		for _, want := range []int{http.StatusOK, http.StatusNotFound} {
			resp, err := http.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			all, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s: %s", file, resp.Status)
			}
			for _, secret := range []string{"secretsecret", "sk-secret", "hunter2"} {
				if strings.Contains(string(all), secret) {
					t.Errorf("%s has %s", file, secret)
				}
			}
		}
	}
}

// Each notice has its words in every language, and a lesson that there is.
func TestWatchHasWords(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for key, slug := range watch.Lessons() {
		if _, ok := course.Find(slug); !ok {
			t.Errorf("%s: there is no lesson %s", key, slug)
		}
		for language, words := range course.Words {
			for _, form := range []string{"notice", "short"} {
				if words["watch."+form+"."+key] == "" {
					t.Errorf("%s: no words for watch.%s.%s", language, form, key)
				}
			}
		}
	}
}
