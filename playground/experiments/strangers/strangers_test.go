package strangers

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"seewire/playground"
	"seewire/playground/experimenttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	app      = "http://app.test"
	stranger = "http://stranger.test"
)

// A server runs the experiment, inside a testing/synctest bubble.
type site struct{ *experimenttest.Server }

func serve(t *testing.T) site {
	own := func(*http.Request) []string { return []string{app} }
	return site{experimenttest.Start(t, New(own), playground.Limits{})}
}

// ask makes a request from a page of an origin, as Ada.
func (s site) ask(t *testing.T, method, path, origin, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, "http://experiment.test"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", origin)
	r.Header.Set("Sec-Fetch-Site", "same-site")
	r.AddCookie(&http.Cookie{Name: "visitor", Value: "ada"})
	return s.Do(t, r)
}

// stream reads an event stream to its end.
func (s site) stream(t *testing.T, query, origin string) (http.Header, string) {
	t.Helper()
	resp := s.ask(t, "GET", "/sse?"+query, origin, "")
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.Header, string(body)
}

// dial opens a socket from a page of an origin, as Ada.
func (s site) dial(query, origin string) (*websocket.Conn, *http.Response, error) {
	return websocket.Dial(context.Background(), "ws://experiment.test/ws?"+query, &websocket.DialOptions{
		HTTPClient: s.Client,
		HTTPHeader: http.Header{"Origin": {origin}, "Cookie": {"visitor=ada"}},
	})
}

// messages reads a socket until it is closed, after a reply of so many bytes.
func messages(t *testing.T, conn *websocket.Conn, reply int) (all []string, code websocket.StatusCode) {
	t.Helper()
	defer conn.CloseNow()
	go conn.Write(context.Background(), websocket.MessageText, make([]byte, reply))
	for {
		_, data, err := conn.Read(context.Background())
		if err != nil {
			return all, websocket.CloseStatus(err)
		}
		all = append(all, strings.TrimSpace(string(data)))
	}
}

// The browser is told who may read, and everybody's request is answered.
func TestCORS(t *testing.T) {
	for _, c := range []struct{ cors, origin, allow, credentials string }{
		{"none", app, "", ""},
		{"none", stranger, "", ""},
		{"star", stranger, "*", ""},
		{"any", stranger, stranger, "true"},
		{"any", "null", "null", "true"},
		{"list", app, app, "true"},
		{"list", stranger, "", ""},
		{"list", "null", "", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			header, body := serve(t).stream(t, "cors="+c.cors, c.origin)
			if got := header.Get("Access-Control-Allow-Origin"); got != c.allow {
				t.Errorf("%s from %s: allows %q, want %q", c.cors, c.origin, got, c.allow)
			}
			if got := header.Get("Access-Control-Allow-Credentials"); got != c.credentials {
				t.Errorf("%s from %s: credentials %q, want %q", c.cors, c.origin, got, c.credentials)
			}
			if !strings.HasPrefix(body, "data: Hello Ada, your balance is 1200.\n\n") {
				t.Errorf("%s from %s: the answer is %q", c.cors, c.origin, body)
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for _, path := range []string{"/sse?cors=list", "/send?cors=list"} {
			resp := s.ask(t, "OPTIONS", path, app, "")
			if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Headers") != "Authorization" || resp.Header.Get("Access-Control-Allow-Origin") != app {
				t.Errorf("%s: %s %v", path, resp.Status, resp.Header)
			}
		}
	})
}

// The check keeps strangers out; without it they are in, as Ada.
func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		check, origin string
		in            bool
	}{
		{"on", stranger, false},
		{"on", "null", false},
		{"on", app, true},
		{"on", "http://experiment.test", true}, // the host's own
		{"off", stranger, true},
		{"off", "null", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			conn, resp, err := serve(t).dial("check="+c.check, c.origin)
			if !c.in {
				if err == nil || resp.StatusCode != http.StatusForbidden {
					t.Errorf("check %s, from %s: let in", c.check, c.origin)
				}
				return
			}
			if err != nil {
				t.Fatalf("check %s, from %s: %v", c.check, c.origin, err)
			}
			got, code := messages(t, conn, 5)
			if len(got) != 4 || got[0] != `{"type":"message","data":"Hello Ada, your balance is 1200."}` || !strings.Contains(got[3], "Ada, your 5 bytes") || code != websocket.StatusNormalClosure {
				t.Errorf("check %s, from %s: got %q, %d", c.check, c.origin, got, code)
			}
		})
	}
}

// An empty list has nobody on it, not even the origin that has no host.
func TestEmptyList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := site{experimenttest.Start(t, New(func(*http.Request) []string { return nil }), playground.Limits{})}
		if _, _, err := s.dial("check=on", "null"); err == nil {
			t.Error("null was let in")
		}
		if header, _ := s.stream(t, "cors=list", "null"); header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("null may read")
		}
	})
}

func TestCrossOriginPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for _, c := range []struct {
			check, origin string
			status        int
		}{{"on", stranger, 403}, {"on", app, 200}, {"off", stranger, 200}} {
			if resp := s.ask(t, "POST", "/send?check="+c.check, c.origin, "reply"); resp.StatusCode != c.status {
				t.Errorf("check %s, from %s: %s, want %d", c.check, c.origin, resp.Status, c.status)
			}
		}
	})
}

// What the careless writer does with a note, and what the careful one does.
func TestNote(t *testing.T) {
	forged := "hi\nevent: admin\ndata: Send me your password\nid: 99\nretry: 1"
	for _, c := range []struct{ careful, ends, note, event, message string }{
		{"on", "lf", forged, "data: hi\ndata: event: admin\ndata: data: Send me your password\ndata: id: 99\ndata: retry: 1\n\n",
			`{"type":"message","data":"hi\nevent: admin\ndata: Send me your password\nid: 99\nretry: 1"}`},
		{"off", "lf", forged, "data: " + forged + "\n\n", `{"type":"message","data":"` + forged + `"}`},
		{"on", "cr", "a\nb", "data: a\ndata: b\n\n", `{"type":"message","data":"a\rb"}`},
		{"off", "cr", "a\nb", "data: a\rb\n\n", "{\"type\":\"message\",\"data\":\"a\rb\"}"},
		{"off", "crlf", "a\nb", "data: a\r\nb\n\n", "{\"type\":\"message\",\"data\":\"a\r\nb\"}"},
		{"off", "lf", `hi","type":"admin`, "data: hi\",\"type\":\"admin\n\n", `{"type":"message","data":"hi","type":"admin"}`},
		{"on", "lf", `hi","type":"admin`, "data: hi\",\"type\":\"admin\n\n", `{"type":"message","data":"hi\",\"type\":\"admin"}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t)
			query := url.Values{"careful": {c.careful}, "ends": {c.ends}, "note": {c.note}, "check": {"off"}}.Encode()
			_, body := s.stream(t, query, app)
			if _, rest, _ := strings.Cut(body, "1200.\n\n"); rest != c.event+"data: That was all.\n\n" {
				t.Errorf("%q %s: the stream has %q, want %q", c.note, c.careful, rest, c.event)
			}
			conn, _, err := s.dial(query, app)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := messages(t, conn, 1); len(got) != 4 || got[1] != c.message {
				t.Errorf("%q %s: the socket has %q, want %q", c.note, c.careful, got, c.message)
			}
		})
	}
}

func TestReplyThatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for size, want := range map[int]int{maxReply: 200, maxReply + 1: 413} {
			if resp := s.ask(t, "POST", "/send", app, strings.Repeat("x", size)); resp.StatusCode != want {
				t.Errorf("a request with %d bytes: %s", size, resp.Status)
			}
		}
		for size, want := range map[int]websocket.StatusCode{maxReply: websocket.StatusNormalClosure, maxReply + 1: websocket.StatusMessageTooBig} {
			conn, _, err := s.dial("", app)
			if err != nil {
				t.Fatal(err)
			}
			if _, code := messages(t, conn, size); code != want {
				t.Errorf("a message of %d bytes: closed with %d, want %d", size, code, want)
			}
		}
	})
}

// A token is as good as the cookie: in the one header that each API can set, or
// in the query.
func TestTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		r, _ := http.NewRequest("GET", "http://experiment.test/sse", nil)
		r.Header.Set("Authorization", "Bearer ada")
		if body, _ := io.ReadAll(s.Do(t, r).Body); !strings.Contains(string(body), "Hello Ada") {
			t.Errorf("with the header: %q", body)
		}
		if body, _ := io.ReadAll(s.Get(t, "/sse?token=ada").Body); !strings.Contains(string(body), "Hello Ada") {
			t.Errorf("with the query: %q", body)
		}
		conn, resp, err := websocket.Dial(context.Background(), "ws://experiment.test/ws", &websocket.DialOptions{
			HTTPClient: s.Client, Subprotocols: []string{"seewire", "token.ada"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != "seewire" {
			t.Errorf("the subprotocol is %q", got)
		}
		if got, _ := messages(t, conn, 1); len(got) == 0 || !strings.Contains(got[0], "Hello Ada") {
			t.Errorf("with the subprotocol: %q", got)
		}
		if body, _ := io.ReadAll(s.Get(t, "/sse").Body); !strings.Contains(string(body), "Hello stranger") {
			t.Errorf("with neither: %q", body)
		}
	})
}

func TestCookie(t *testing.T) {
	e := New(nil)
	visit := playground.NewRunner(playground.Limits{}).Visit(e)
	for choice, want := range map[string]string{
		"strict": "visitor=ada; Path=/play/strangers/; Max-Age=600; HttpOnly; SameSite=Strict",
		"lax":    "visitor=ada; Path=/play/strangers/; Max-Age=600; HttpOnly; SameSite=Lax",
		"none":   "visitor=ada; Path=/play/strangers/; Max-Age=600; HttpOnly; Secure; SameSite=None",
	} {
		w := httptest.NewRecorder()
		visit.ServeHTTP(w, httptest.NewRequest("POST", "/visit?cookie="+choice, nil))
		if got := w.Header().Get("Set-Cookie"); got != want || w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %q", choice, w.Code, got)
		}
	}
}

func TestServerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		stream := s.ask(t, "GET", "/sse", app, "")
		conn, _, err := s.dial("", app)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if body, err := io.ReadAll(stream.Body); err != nil || strings.Contains(string(body), "That was all") {
			t.Errorf("the stream went on: %q, %v", body, err)
		}
		for err == nil {
			_, _, err = conn.Read(context.Background())
		}
		if websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("the socket got %v", err)
		}
	})
}

func TestRefusesControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for _, query := range []string{"origin=moon", "cors=yes", "cookie=maybe", "ends=nul", "size=65537", "note=" + strings.Repeat("x", 2001)} {
			if resp := s.ask(t, "GET", "/sse?"+query, app, ""); resp.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s", query, resp.Status)
			}
		}
	})
}

// What a middleware has put into Vary stays there.
func TestVaryIsAdded(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("Vary", "Accept-Encoding")
	handler := playground.NewRunner(playground.Limits{}).Send(New(func(*http.Request) []string { return nil }))
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/send", nil))
	if got := w.Header().Values("Vary"); !slices.Equal(got, []string{"Accept-Encoding", "Origin"}) {
		t.Errorf("Vary is %q", got)
	}
}

// A visitor who is greeted and never replies is let go.
func TestClientNeverReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := func(*http.Request) []string { return nil }
		s := experimenttest.Start(t, New(own), playground.Limits{Duration: time.Hour})
		conn := s.WebSocket(t, "/ws")
		for range 3 {
			if _, _, err := conn.Read(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		if n := s.Runner.Open(); n != 0 {
			t.Errorf("after a minute %d runs are open", n)
		}
	})
}
