package chat

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A served answers requests in place of a model's server.
type served func(*http.Request) (*http.Response, error)

func (s served) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

// behind is an Upstream with such a server.
func behind(name string, s served) *Upstream {
	u := NewUpstream(&url.URL{Scheme: "http", Host: "model.test", Path: "/v1"}, "key", name, 1e6)
	u.client.Transport = s
	return u
}

// silence is a body that has so much to say, and then nothing until its request ends.
type silence struct {
	said io.Reader
	ctx  context.Context
}

func (s silence) Read(p []byte) (int, error) {
	if n, err := s.said.Read(p); err == nil {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (s silence) Close() error { return nil }

// streams answers with some events and then nothing.
func streams(events string) served {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK,
			Header:     http.Header{"Content-Type": {"text/event-stream"}},
			Body:       silence{strings.NewReader(events), r.Context()},
		}, nil
	}
}

var question = Request{Stream: true, prompt: "?"}

// A model whose head does not come, or that stops in the middle, is given up after a
// minute without anything.
func TestSilentModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := behind("m", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begin := time.Now()
		_, err := u.ask(t.Context(), netip.Prefix{}, question)
		if f, ok := errors.AsType[*fault](err); !ok || f.Status != http.StatusGatewayTimeout || f.Code != "upstream_timeout" {
			t.Errorf("no head: %v", err)
		}
		if took := time.Since(begin); took != patience {
			t.Errorf("no head: after %s", took)
		}

		u = behind("m", streams("data: {\"choices\":[]}\n\ndata: {\"choices\":[]}\n\n"))
		begin = time.Now()
		a, err := u.ask(t.Context(), netip.Prefix{}, question)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, chunk := range a.chunks() {
			got = append(got, chunk)
		}
		if len(got) != 3 || !strings.Contains(got[2], "upstream_timeout") {
			t.Errorf("silent after two: %q", got)
		}
		if took := time.Since(begin); took != patience {
			t.Errorf("silent after two: given up after %s", took)
		}
		if a.done {
			t.Error("silent after two: the answer is taken for whole")
		}
	})
}

// As many answers as may be are under way at the same time, half of them for one
// address; one that has ended makes room.
func TestAnswersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := behind("m", streams("data: {\"choices\":[]}\n\n"))
		one, other := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
		var open []*relayed
		for range mostAtOnce / 2 {
			a, err := u.ask(t.Context(), one, question)
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, a)
		}
		_, err := u.ask(t.Context(), one, question)
		f, ok := errors.AsType[*fault](err)
		if !ok || f.Status != http.StatusTooManyRequests || f.RetryAfter == "" {
			t.Fatalf("one more: %v", err)
		}
		a, err := u.ask(t.Context(), other, question)
		if err != nil {
			t.Fatalf("another address: %v", err)
		}
		open[0].close()
		open[0].close() // gives back one place, not two
		open[0], err = u.ask(t.Context(), one, question)
		if err != nil {
			t.Errorf("after one has ended: %v", err)
		}
		for _, a := range append(open, a) {
			a.close()
		}
		if u.places.Taken() != 0 {
			t.Errorf("%d places are still taken", u.places.Taken())
		}
	})
}

// While the model's server is away, it is asked for its list now and then, and not by
// every visitor, one after the other.
func TestTheListOfAServerThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		u := behind("", func(r *http.Request) (*http.Response, error) {
			asked++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begin := time.Now()
		for range 20 {
			if _, err := u.Models(t.Context()); err == nil {
				t.Error("a list came")
			}
		}
		if took := time.Since(begin); asked != 1 || took != listTime {
			t.Errorf("asked %d times in %s", asked, took)
		}

		time.Sleep(listPause)
		left, leave := context.WithCancel(t.Context())
		leave()
		u.Models(left)
		u.client.Transport = served(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"data":[{"id":"m"}]}`))}, nil
		})
		if list, err := u.Models(t.Context()); err != nil || len(list) != 1 {
			t.Errorf("it is back, and one has left: %v, %v", list, err)
		}
	})
}
