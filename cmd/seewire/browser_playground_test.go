package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Each lesson has a run, and the run shows what the lesson says that it shows.

func TestOnePostShowsAnAnswerOverBothSides(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "one-post?rate=200")
			l.run()

			sse, ws := l.log(sseSide), l.log(wsSide)
			if len(sse) < 10 || sse[len(sse)-1] != strings.Join(sse[:len(sse)-1], "") {
				t.Fatalf("the SSE side logged %q, want the tokens and then the answer", sse)
			}
			if !slices.Contains(ws, sse[len(sse)-1]) {
				t.Errorf("the two sides got different answers: %q and %q", sse[len(sse)-1], ws)
			}
			l.openTimeline()
			l.shows(sentences, l.word("finding.chat.first"))
			l.shows(sentences, l.word("finding.chat.whole", "tokens", len(sse)-1))
			l.hasFrames("POST /play/chat/sse", "200 text/event-stream", "data: [DONE]", "101 Switching Protocols")
		})
	}
}

func TestOnePostBreaksAndOnlyEventSourceAsksAgain(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "one-post?rate=200")
	l.openTimeline()

	// The link in the text sets the controls, and runs.
	l.click(`a[data-run="cut=8"]`)
	l.ended("done")
	if got := eval[string](l.tab, `location.search`); got != "?cut=8" {
		t.Errorf("after the link the address has the controls %q, want ?cut=8 alone", got)
	}
	l.shows(sentences, l.word("finding.chat.cut", "tokens", 8))
	l.shows(wsSide+outcome, l.word("outcome.cut", "code", 1006))
	l.shows(sseSide+outcome, l.word("outcome.thrown"))
	if n := len(l.capture().requests("sse")); n != 0 {
		t.Errorf("%d GETs from a client that makes one POST", n)
	}

	// With EventSource the answer starts over, again and again, until Stop.
	l.click(`[id="tab-sse-sse.js"]`)
	l.click(sseSide + `[data-action="run-side"]`)
	l.shows(sentences, l.word("finding.chat.again"))
	l.click(stopRun)
	l.ended("stopped")
	if n := len(l.capture().requests("sse")); n < 2 {
		t.Errorf("%d GETs by EventSource, want it to have asked again", n)
	}
	l.shows(sseSide+outcome, l.word("outcome.stopped"))
}

func TestEventStreamShowsWhatTheBrowserMakesOfBytes(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "event-stream")
			l.run()

			if got, want := l.log(sseSide), []string{"message one\ntwo "}; !slices.Equal(got, want) {
				t.Errorf("the SSE side logged %q, want %q", got, want)
			}
			if got, want := l.log(wsSide), []string{"message one\ntwo", "message last words", "close: 1000"}; !slices.Equal(got, want) {
				t.Errorf("the WebSocket side logged %q, want %q", got, want)
			}
			l.openTimeline()
			l.shows(sentences, l.word("finding.framing.same", "events", 1))
			l.shows(sentences, l.word("finding.framing.unfinished"))
			l.shows(sentences, l.word("viewer.reason.no-data"))

			// A link of the text leads to the field, and beside it stands what
			// the parser makes of each line.
			l.click(`a[data-field="sse.comment"]`)
			l.until(`document.activeElement.closest(".field")?.textContent.startsWith("sse.comment")`)
			l.shows(frames+".frames-parser", l.word("viewer.dispatched", "type", "message"))

			// One event in many pieces; on the other side, many fragments.
			l.click(`a[data-run*="da%5C%7Cta"]`)
			l.ended("done")
			if got, want := l.log(sseSide), []string{"message hello "}; !slices.Equal(got, want) {
				t.Errorf("in pieces, the SSE side logged %q, want %q", got, want)
			}
			l.shows(sentences, l.word("finding.framing.piece_data"))
			l.shows(sentences, l.word("finding.framing.fragments", "fragments", 3))
		})
	}
}

func TestReconnectShowsWhoComesBack(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "reconnect?every=50&retry=300")
			l.run()

			sse := l.log(sseSide)
			for n := 1; n <= 12; n++ {
				if line := fmt.Sprintf("%d id %d", n, n); !slices.Contains(sse, line) {
					t.Errorf("the SSE side never logged %q: %q", line, sse)
				}
			}
			if got, want := l.log(wsSide), []string{"1", "2", "3", "4", "5", "close: 1006 not clean"}; !slices.Equal(got, want) {
				t.Errorf("the WebSocket side logged %q, want %q", got, want)
			}
			l.openTimeline()
			for _, pattern := range []string{
				l.word("finding.reconnect.reset", "last", 5),
				l.word("finding.reconnect.gap"),
				l.word("finding.reconnect.resumed", "id", 5),
				l.word("finding.reconnect.goodbye"),
				"WebSocket.+" + l.word("finding.reconnect.nobody", "code", 1006),
			} {
				l.shows(sentences, pattern)
			}
			// In the picture too, and what is broken off stands out.
			l.shows(timeline+`[data-side="ws"] [data-tone="trouble"]`, "1006")
			l.shows(sseSide+outcome, l.word("outcome.goodbye"))
			l.shows(wsSide+outcome, l.word("outcome.cut", "code", 1006))
			l.hasFrames("RST", "204 No Content")

			// On the wire: EventSource said where it was, WebSocket was silent.
			c := l.capture()
			var ids []string
			for _, r := range c.requests("sse") {
				ids = append(ids, r.value("http.last_event_id"))
			}
			if want := []string{"", "5", "12"}; !slices.Equal(ids, want) {
				t.Errorf("EventSource asked with Last-Event-ID %q, want %q", ids, want)
			}
			if n := len(c.requests("ws")); n != 1 {
				t.Errorf("%d handshakes, want 1: nothing calls back", n)
			}
			checkTiling(t, c)
		})
	}
}

// TestReconnectEndsByItsRules meets each of the ends that the lesson lists.
func TestReconnectEndsByItsRules(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, c := range []struct {
		how, outcome, finding string
		requests              int
	}{
		{"end", "goodbye", "gap", 3},
		{"204", "goodbye", "no_content", 2},
		{"500", "given_up_at", "status", 2},
		{"type", "given_up", "wrong_type", 2},
		{"redirect", "goodbye", "redirected", 4},
	} {
		t.Run(c.how, func(t *testing.T) {
			l := p.in(t).lesson("en", "reconnect?every=50&retry=100&cut=2&total=4&how="+c.how)
			l.run()
			l.openTimeline()
			l.shows(sentences, l.word("finding.reconnect."+c.finding))
			l.shows(sseSide+outcome, l.word("outcome."+c.outcome))
			if n := len(l.capture().requests("sse")); n < c.requests {
				t.Errorf("%d requests by EventSource, want %d", n, c.requests)
			}
			if n := len(l.capture().requests("ws")); n != 1 {
				t.Errorf("%d handshakes, want 1", n)
			}
		})
	}
}

func TestOneWayCountsTheBytesEachWay(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "one-way?every=50&messages=3")
			l.run()

			hello := l.words["control.oneway.text.initial"]
			want := []string{hello + " 1", hello + " 2", hello + " 3"}
			for _, side := range []string{sseSide, wsSide} {
				if got := l.log(side); !slices.Equal(got, want) {
					t.Errorf("%s logged %q, want %q", side, got, want)
				}
			}
			l.openTimeline()
			message := len(want[0])
			l.shows(sentences, l.word("finding.oneway.up_post", "message", message))
			l.shows(sentences, l.word("finding.oneway.down_stream", "message", message))
			l.shows(sentences, l.word("finding.oneway.up_socket", "message", message, "bytes", message+6))
			l.shows(sentences, l.word("finding.oneway.down_socket", "message", message, "bytes", message+2))
			l.hasFrames("POST /play/oneway/send", "↑WS", "↓WS")
		})
	}
}

// A run waits for a server that is slow, and says so.
func TestRunWaitsForASlowServer(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	site, err := url.Parse(startSite(t).base)
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan struct{})
	forward := httputil.NewSingleHostReverseProxy(site) // keeps Host, with which the feed's Origin is compared
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sandbox" || strings.HasSuffix(r.URL.Path, "/live") {
			select {
			case <-answer:
			case <-r.Context().Done():
			}
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	l := openTab(t, proxy.URL).lesson("en", "reconnect?cut=0&every=50&total=3")
	l.click(runBoth)
	l.shows(watching, l.word("playground.feed.connecting"))
	l.shows(status, l.word("playground.status.late"))
	close(answer)
	l.ended("done")
}
