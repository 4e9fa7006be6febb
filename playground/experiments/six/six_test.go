package six

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

func TestStreamCarriesItsTopics(t *testing.T) {
	cases := []struct {
		name, query string
		want        []string
	}{
		{"one", "topics=tab-3&events=2", []string{"tab-3 1", "tab-3 2", "done that was all"}},
		{"several", "topics=stock,news&events=2", []string{"stock 1", "news 1", "stock 2", "news 2", "done that was all"}},
		{"none", "events=1", []string{"message 1", "done that was all"}},
		{"what can be no name", "topics=a%0Adata:+b,,%00,Ü&events=1", []string{"adatab 1", "done that was all"}},
		{"a long one", "topics=" + strings.Repeat("a", 40) + "&events=1", []string{strings.Repeat("a", maxTopic) + " 1", "done that was all"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := serve(t).events(t, c.query); !slices.Equal(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestSocketCarriesItsTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := serve(t).WebSocket(t, "/ws?topics=stock,news&events=2")
		var got []message
		for {
			var m message
			if err := wsjson.Read(t.Context(), conn, &m); err != nil {
				if websocket.CloseStatus(err) != websocket.StatusNormalClosure {
					t.Error(err)
				}
				break
			}
			got = append(got, m)
		}
		if want := []message{{"stock", "1"}, {"news", "1"}, {"stock", "2"}, {"news", "2"}}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestNoMoreThanSoManyTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := serve(t).events(t, "events=1&topics="+strings.Repeat("a,", 3*maxTopics))
		if len(got) != maxTopics+1 {
			t.Errorf("%d events", len(got))
		}
	})
}

// A stream is open for as many ticks as it has events, whatever else is.
func TestStreamsLastAsLongAsTheySay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		began := time.Now()
		done := make(chan time.Duration)
		for range 20 {
			go func() {
				s.events(t, "topics=a&events=4&every=500")
				done <- time.Since(began)
			}()
		}
		for range 20 {
			if took := <-done; took != 2*time.Second {
				t.Errorf("a stream took %v", took)
			}
		}
	})
}

func TestSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		r, err := http.NewRequest("POST", "http://experiment.test/send", strings.NewReader("save"))
		if err != nil {
			t.Fatal(err)
		}
		if resp := s.Do(t, r); resp.StatusCode != http.StatusNoContent {
			t.Errorf("saving gets %s", resp.Status)
		}

		conn := s.WebSocket(t, "/ws?topics=a&events=1")
		if err := conn.Write(t.Context(), websocket.MessageText, []byte("save")); err != nil {
			t.Fatal(err)
		}
		var topics []string
		for range 2 {
			var m message
			if err := wsjson.Read(t.Context(), conn, &m); err != nil {
				t.Fatal(err)
			}
			topics = append(topics, m.Topic)
		}
		if !slices.Contains(topics, "saved") {
			t.Errorf("the socket said %q", topics)
		}
	})
}

func TestRefusesControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for _, query := range []string{"streams=21", "streams=0", "events=21", "every=10", "over=http3"} {
			if resp := s.Get(t, "/sse?"+query); resp.StatusCode != http.StatusBadRequest {
				t.Errorf("%s gets %s", query, resp.Status)
			}
		}
	})
}

// A client that leaves ends the handlers, and so does a server that closes.
func TestHandlersEnd(t *testing.T) {
	for name, closes := range map[string]bool{"the client leaves": false, "the server closes": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				r, err := http.NewRequestWithContext(ctx, "GET", "http://experiment.test/sse?events=20&every=2000", nil)
				if err != nil {
					t.Fatal(err)
				}
				go read(s.Do(t, r)) // or the pipe is full
				conn := s.WebSocket(t, "/ws?events=20&every=2000")
				synctest.Wait()
				if n := s.Runner.Open(); n != 2 {
					t.Fatalf("%d runs are open", n)
				}
				if closes {
					s.Close()
					for err = nil; err == nil; { // the closing handshake is answered by who reads
						_, _, err = conn.Read(t.Context())
					}
				} else {
					leave()
					conn.CloseNow()
				}
				synctest.Wait()
				if n := s.Runner.Open(); n != 0 {
					t.Errorf("%d runs are still open", n)
				}
			})
		})
	}
}
