package pages

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

func TestOnePostShowsAnAnswerOverBothSides(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "one-post?rate=200")
			l.Run()

			sse, ws := l.Log(chromium.SseSide), l.Log(chromium.WsSide)
			if len(sse) < 10 || sse[len(sse)-1] != strings.Join(sse[:len(sse)-1], "") {
				t.Fatalf("the SSE side logged %q, want the tokens and then the answer", sse)
			}
			if !slices.Contains(ws, sse[len(sse)-1]) {
				t.Errorf("the two sides got different answers: %q and %q", sse[len(sse)-1], ws)
			}
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.chat.first"))
			l.Shows(chromium.Sentences, l.Word("finding.chat.whole", "tokens", len(sse)-1))
			l.HasFrames("POST /play/chat/sse", "200 text/event-stream", "data: [DONE]", "101 Switching Protocols")

			// Put together it is the same text, of either side; a piece shows its frame, and
			// a frame its piece.
			l.Click("#tab-together")
			l.Until(`document.querySelectorAll(".answer-good").length === 2`)
			for _, side := range []string{"sse", "ws"} {
				if got := l.Text(`.answer[data-side="` + side + `"] .answer-pieces`); got != sse[len(sse)-1] {
					t.Errorf("the %s side adds up to %q, its program got %q", side, got, sse[len(sse)-1])
				}
			}
			l.Click(`.answer[data-side="sse"] .answer-piece:nth-child(2)`)
			l.Until(`document.querySelector(".answer-piece-shown mark") && document.querySelector("seewire-frames").chosen?.from === "server"`)
			if !chromium.Eval[bool](l.Tab, `(() => {
				const frames = document.querySelector("seewire-frames");
				return frames.select(frames.capture.frames.filter(({ kind, from }) => kind === "text" && from === "server")[3]);
			})()`) {
				t.Error("there is no fourth message")
			}
			l.Until(`document.querySelector('.answer[data-side="ws"] .answer-piece:nth-child(3)[aria-current]')`)
		})
	}
	t.Run("axios", func(t *testing.T) { axiosStreams(p.In(t)) })
}

// axiosStreams asks the same of axios, on the page that is open: it hands out nothing
// before the end, unless it is told to use fetch.
func axiosStreams(p *chromium.Tab) {
	source, err := os.ReadFile(filepath.Join(os.Getenv("SEEWIRE_NPM"), "node_modules/axios/dist/axios.min.js"))
	if err != nil {
		p.T.Skip("no axios: npm install --prefix DIR axios, and set SEEWIRE_NPM to DIR")
	}
	p.Expect("is not a valid enum value") // which the browser says of XMLHttpRequest's responseType
	p.Do(chromedp.Evaluate[chromedp.Void](string(source)))
	got := chromium.Await[string](p, `(async () => {
		const ask = (rate, how) => axios.post("/play/chat/sse?rate=" + rate, {stream: true, messages: [{role: "user", content: "Hello"}]}, {responseType: "stream", ...how});
		const {data: whole} = await ask(200);
		const {data: stream} = await ask(1, {adapter: "fetch"});
		const reader = stream.getReader();
		const {value} = await reader.read();
		await reader.cancel();
		return [typeof whole, whole.endsWith("data: [DONE]\n\n"), new TextDecoder().decode(value).includes("[DONE]")].join(" ");
	})()`)
	if want := "string true false"; got != want {
		p.T.Errorf("what axios hands out by default, whether it is whole, and whether a first read with fetch is: %s, want %s", got, want)
	}
}

func TestOnePostBreaksAndOnlyEventSourceAsksAgain(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "one-post?rate=200")
	l.OpenTimeline()

	// The link in the text sets the controls, and runs.
	l.Click(`a[data-run="cut=8"]`)
	l.Ended("done")
	if got := chromium.Eval[string](l.Tab, `location.search`); got != "?cut=8" {
		t.Errorf("after the link the address has the controls %q, want ?cut=8 alone", got)
	}
	l.Shows(chromium.Sentences, l.Word("finding.chat.cut", "tokens", 8))
	l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.cut", "code", 1006))
	l.Shows(chromium.SseSide+chromium.Outcome, l.Word("outcome.thrown"))
	if n := len(l.Capture().Requests("sse")); n != 0 {
		t.Errorf("%d GETs from a client that makes one POST", n)
	}

	// With EventSource the answer starts over, again and again, until Stop.
	l.Click(`[id="tab-sse-sse.js"]`)
	l.Click(chromium.SseSide + `[data-action="run-side"]`)
	l.Shows(chromium.Sentences, l.Word("finding.chat.again"))
	l.Stop()
	l.Ended("stopped")
	if n := len(l.Capture().Requests("sse")); n < 2 {
		t.Errorf("%d GETs by EventSource, want it to have asked again", n)
	}
	l.Shows(chromium.SseSide+chromium.Outcome, l.Word("outcome.stopped"))
}

func TestEventStreamShowsWhatTheBrowserMakesOfBytes(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "event-stream")
			l.Run()

			if got, want := l.Log(chromium.SseSide), []string{"message one\ntwo "}; !slices.Equal(got, want) {
				t.Errorf("the SSE side logged %q, want %q", got, want)
			}
			if got, want := l.Log(chromium.WsSide), []string{"message one\ntwo", "message last words", "close: 1000"}; !slices.Equal(got, want) {
				t.Errorf("the WebSocket side logged %q, want %q", got, want)
			}
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.framing.same", "events", 1))
			l.Shows(chromium.Sentences, l.Word("finding.framing.unfinished"))
			l.Shows(chromium.Sentences, l.Word("viewer.reason.no-data"))

			// A link of the text leads to the field, and beside it stands what
			// the parser makes of each line.
			l.Click(`a[data-field="sse.comment"]`)
			l.Until(`document.activeElement.closest(".field")?.textContent.startsWith("sse.comment")`)
			l.Shows(chromium.Frames+".frames-parser", l.Word("background.dispatched", "type", "message"))

			// One event in many pieces; on the other side, many fragments.
			l.Click(`a[data-run*="da%5C%7Cta"]`)
			l.Ended("done")
			if got, want := l.Log(chromium.SseSide), []string{"message hello "}; !slices.Equal(got, want) {
				t.Errorf("in pieces, the SSE side logged %q, want %q", got, want)
			}
			l.Shows(chromium.Sentences, l.Word("finding.framing.piece_data"))
			l.Shows(chromium.Sentences, l.Word("finding.framing.fragments", "fragments", 3))
		})
	}
}

func TestReconnectShowsWhoComesBack(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "reconnect?every=50&retry=300")
			l.Run()

			sse := l.Log(chromium.SseSide)
			for n := 1; n <= 12; n++ {
				if line := fmt.Sprintf("%d id %d", n, n); !slices.Contains(sse, line) {
					t.Errorf("the SSE side never logged %q: %q", line, sse)
				}
			}
			if got, want := l.Log(chromium.WsSide), []string{"1", "2", "3", "4", "5", "close: 1006 not clean"}; !slices.Equal(got, want) {
				t.Errorf("the WebSocket side logged %q, want %q", got, want)
			}
			l.OpenTimeline()
			for _, pattern := range []string{
				l.Word("finding.reconnect.reset", "last", 5),
				l.Word("finding.reconnect.gap"),
				l.Word("finding.reconnect.resumed", "id", 5),
				l.Word("finding.reconnect.goodbye"),
				"WebSocket.+" + l.Word("finding.reconnect.nobody", "code", 1006),
			} {
				l.Shows(chromium.Sentences, pattern)
			}
			// In the picture too, and what is broken off stands out.
			l.Shows(chromium.Timeline+`[data-side="ws"] [data-tone="trouble"]`, "1006")
			l.Shows(chromium.SseSide+chromium.Outcome, l.Word("outcome.goodbye"))
			l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.cut", "code", 1006))
			l.HasFrames("RST", "204 No Content")

			// On the wire: EventSource said where it was, WebSocket was silent.
			c := l.Capture()
			var ids []string
			for _, r := range c.Requests("sse") {
				ids = append(ids, r.Value("http.last_event_id"))
			}
			if want := []string{"", "5", "12"}; !slices.Equal(ids, want) {
				t.Errorf("EventSource asked with Last-Event-ID %q, want %q", ids, want)
			}
			if n := len(c.Requests("ws")); n != 1 {
				t.Errorf("%d handshakes, want 1: nothing calls back", n)
			}
			sitetest.CheckTiling(t, c)
		})
	}
}

// TestReconnectEndsByItsRules meets each of the ends that the lesson lists.
func TestReconnectEndsByItsRules(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
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
			l := p.In(t).Lesson("en", "reconnect?every=50&retry=100&cut=2&total=4&how="+c.how)
			l.Run()
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.reconnect."+c.finding))
			l.Shows(chromium.SseSide+chromium.Outcome, l.Word("outcome."+c.outcome))
			if n := len(l.Capture().Requests("sse")); n < c.requests {
				t.Errorf("%d requests by EventSource, want %d", n, c.requests)
			}
			if n := len(l.Capture().Requests("ws")); n != 1 {
				t.Errorf("%d handshakes, want 1", n)
			}
		})
	}
}

func TestOneWayCountsTheBytesEachWay(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "one-way?every=50&messages=3")
			l.Run()

			hello := l.Words["control.oneway.text.initial"]
			want := []string{hello + " 1", hello + " 2", hello + " 3"}
			for _, side := range []string{chromium.SseSide, chromium.WsSide} {
				if got := l.Log(side); !slices.Equal(got, want) {
					t.Errorf("%s logged %q, want %q", side, got, want)
				}
			}
			l.OpenTimeline()
			message := len(want[0])
			l.Shows(chromium.Sentences, l.Word("finding.oneway.up_post", "message", message))
			l.Shows(chromium.Sentences, l.Word("finding.oneway.down_stream", "message", message))
			l.Shows(chromium.Sentences, l.Word("finding.oneway.up_socket", "message", message, "bytes", message+6))
			l.Shows(chromium.Sentences, l.Word("finding.oneway.down_socket", "message", message, "bytes", message+2))
			l.HasFrames("POST /play/oneway/send", "↑WS", "↓WS")
		})
	}
}

// A run waits for a server that is slow, and says so.
func TestRunWaitsForASlowServer(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	site, err := url.Parse(sitetest.Start(t).Base)
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
	l := chromium.OpenTab(t, proxy.URL).Lesson("en", "reconnect?cut=0&every=50&total=3")
	l.Click(chromium.RunBoth)
	l.Shows(chromium.Watching, l.Word("playground.feed.connecting"))
	l.Shows(chromium.Status, l.Word("playground.status.late"))
	close(answer)
	l.Ended("done")
}
