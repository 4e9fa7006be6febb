package lessons

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// What a browser does with many streams to one host, and with tabs that share
// one.

func TestSixHoldsTheSeventhInTheBrowser(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "six?every=400")
			l.Run()

			sse, ws := l.Log(chromium.SseSide), l.Log(chromium.WsSide)
			for _, line := range []string{"tab 1: open", "tab 7: open", "tab 7: closed", "saved"} {
				if !slices.Contains(sse, line) || !slices.Contains(ws, line) {
					t.Errorf("a side never logged %q: %q, %q", line, sse, ws)
				}
			}
			if slices.Index(sse, "saved") < 7 {
				t.Errorf("over SSE, Save went through while six streams were open: %q", sse)
			}
			if slices.Index(ws, "saved") > slices.Index(ws, "tab 1: closed") {
				t.Errorf("over WebSocket, Save waited for a socket to close: %q", ws)
			}
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.six.places", "streams", 6, "connections", 6))
			l.Shows(chromium.Sentences, l.Word("finding.six.waited", "tabs", 7))
			l.Shows(chromium.Sentences, l.Word("finding.six.save_waited"))
			// On a slow machine the first may be closed before the last is open.
			l.Shows(chromium.Sentences, l.Word("finding.six.sockets", "connections", 7))
			l.Shows(chromium.Sentences, l.Word("finding.six.sent"))

			// The picture shows the wait, and in words too.
			l.Shows(`seewire-picture [data-side="sse"] li:nth-child(7)`, l.Word("picture.six.tab", "tab", 7)+".*"+l.Word("picture.six.connection"))
			// It waited for as long as another was open.
			if share := chromium.Eval[float64](l.Tab, `(() => {
				const wide = (row, bar) => parseFloat(document.querySelector('seewire-picture [data-side="sse"] li:nth-child(' + row + ') ' + bar).style.inlineSize);
				return wide(7, ".lanes-waited") / wide(1, ".lanes-open");
			})()`); share < 0.8 {
				t.Errorf("the wait of tab 7 is drawn as %v of the time that tab 1 was open", share)
			}
			// The bar and the frame are one thing: that of tab 7 is chosen after the
			// run, and another's bar chooses its request.
			const chosen = `seewire-picture li[data-on]`
			l.Shows(chosen, l.Word("picture.six.tab", "tab", 7))
			// Without a mouse: what scrolls may take the bar away from under it.
			chromium.Eval[bool](l.Tab, `document.querySelector('seewire-picture [data-side="sse"] li:nth-child(3) button').click(), true`)
			l.Shows(chosen, l.Word("picture.six.tab", "tab", 3))
			l.Shows(chromium.Frames+".frames-detail", "topics=tab-3")
			l.Shows("seewire-picture .lanes-head", `^\d+\.\d{3}$`)

			// On the wire the seventh came last, and seven sockets had seven connections.
			c := l.Capture()
			if got := c.Topics("sse"); len(got) != 7 || !strings.HasPrefix(got[6], "tab-7") {
				t.Errorf("the streams came to the server as %q", got)
			}
			connections := map[int]bool{}
			for _, f := range c.Requests("ws") {
				connections[f.Connection] = true
			}
			if len(connections) != 7 {
				t.Errorf("seven sockets had %d connections", len(connections))
			}
			sitetest.CheckTiling(t, c)
		})
	}
}

// The links of the lesson: as many streams as there are connections, and one
// less.
func TestSixTakesSaveOnlyWithAConnectionLeft(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for streams, finding := range map[int]string{6: "save_waited", 5: "saved"} {
		t.Run(fmt.Sprint(streams), func(t *testing.T) {
			l := p.In(t).Lesson("en", fmt.Sprintf("six?every=400&streams=%d", streams))
			l.Run()
			l.OpenTimeline()
			l.Shows(chromium.Sentences, "SSE.*"+l.Word("finding.six."+finding))
			l.Lacks(chromium.Sentences, l.Word("finding.six.waited"))
		})
	}
}

// Twenty at once: the streams come in waves, and of the sockets this browser
// holds the last ones back.
func TestSixWithTwenty(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "six?every=400&streams=20")
	l.Run()
	l.OpenTimeline()
	l.Shows(chromium.Sentences, l.Word("finding.six.held"))
	// Fourteen streams and the POST have waited.
	l.Until(`document.querySelectorAll('seewire-picture [data-side="sse"] li[data-queued]').length === 15`)
	if n := len(l.Capture().Topics("sse")); n != 20 {
		t.Errorf("%d streams came to the server", n)
	}
}

// What a person does whose browser does not know the certificate, up to the
// run over HTTP/2.
func TestSixOverHTTP2OnceTheCertificateIsAccepted(t *testing.T) {
	t.Parallel()
	s := sitetest.StartSecure(t)
	p := chromium.OpenTab(t, s.Base)
	p.Expect(strings.TrimPrefix(s.Secure, "https"), "ERR_CERT_AUTHORITY_INVALID")
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "six?every=400&over=http2")
			const over = "seewire-reachability "
			if lang == "en" {
				l.Click(chromium.RunBoth)
				l.Shows(chromium.Status, l.Word("playground.status.unreachable"))
				l.Shows(over+`:not([hidden])`, l.Word("reachability.untrusted", "address", s.Secure))
				address := chromium.Eval[string](l.Tab, `document.querySelector("seewire-reachability a").href`)

				other := l.Another()
				if err := chromedp.Do(other.Ctx, chromedp.Navigate(address)); err == nil {
					t.Fatal("the browser takes the certificate at once")
				}
				if chromium.Eval[bool](other, `document.getElementById("proceed-link") !== null`) {
					other.Click("#details-button") // on the browser's own page of warning
					other.Click("#proceed-link")
				} else { // the Chromium without a window has no such page
					l.Trust()
					other.Trust()
					other.Do(chromedp.Navigate(address))
				}
				other.Shows("h1", l.Word("accepted.title"))

				l.Click(over + `[data-action="look-again"]`)
				l.Shows(over+`[data-reachability="ready"]:not([hidden])`, l.Word("reachability.ready", "address", s.Secure))
			}
			l.Run()
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.six.multiplexed", "streams", 7, "connections", 1))
			l.Shows(chromium.Sentences, "SSE.*"+l.Word("finding.six.saved"))
			l.Shows(chromium.Sentences, l.Word("finding.six.sockets", "connections", 7)) // and at once as many as a slow machine opens
			l.Shows(`seewire-picture [data-side="sse"]`, l.Word("picture.six.stream"))

			c := l.Capture()
			protocols := map[string]int{}
			for _, connection := range c.Connections {
				protocols[connection.Protocol]++
			}
			if protocols["h2"] != 1 || protocols["http/1.1"] != 7 {
				t.Errorf("the connections are %v, want one of HTTP/2 for the streams, and seven for the sockets", protocols)
			}
			sitetest.CheckTiling(t, c)
			l.Shows(`[data-command="sse"]`, "curl -N -k 'https://localhost:")
		})
	}
	t.Run("as many streams as the server allows", func(t *testing.T) {
		open, failed := openable(p.In(t), "EventSource", 260, 250, s.Secure+"/play/six/sse")
		if open[0] != 250 || failed[0] != 0 {
			t.Errorf("open %v, failed %v, want 250 and the rest to wait", open, failed)
		}
	})
	t.Run("from a page that came over HTTP/2", func(t *testing.T) {
		p := p.In(t)
		p.Expect(strings.TrimPrefix(s.Base, "http"))
		p.Do(chromedp.Navigate(s.Secure + "/en/lessons/six?every=400"))
		l := p.At("en")
		l.Ready()
		l.Run() // over HTTP/1.1, to the other listener: a browser trusts localhost
		l.OpenTimeline()
		l.Shows(chromium.Sentences, l.Word("finding.six.places", "streams", 6, "connections", 6))
	})
}

// Without TLS the page says so, and goes on with HTTP/1.1.
func TestSixWithoutTLS(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "six?over=http2")
	l.Click(chromium.RunBoth)
	l.Shows(`seewire-reachability [data-reachability="none"]:not([hidden])`, l.Word("reachability.none"))
}

// openable counts the streams that open, and those that fail, of so many to
// each address, once as many have as are to, and no more do.
func openable(p *chromium.Tab, what string, each, settled int, addresses ...string) (open, failed []int) {
	p.T.Helper()
	got := chromium.Await[[][]int](p, fmt.Sprintf(`(async () => {
			const all = [], open = [], failed = [];
			const begun = performance.now();
			let settled = 0, last = begun;
			const count = (of, i) => (of[i]++, settled++, last = performance.now());
			for (const [i, address] of [%s].entries()) {
				open[i] = failed[i] = 0;
				for (let n = 0; n < %d; n++) {
					const one = new %s(address + "?events=20&every=2000");
					one.onopen = () => count(open, i);
					one.onerror = () => count(failed, i);
					all.push(one);
				}
			}
			while (settled < %d && performance.now() - begun < 30000 || performance.now() - last < 1500) await new Promise(resolve => setTimeout(resolve, 50));
			for (const one of all) one.close();
			return [open, failed];
		})()`, `"`+strings.Join(addresses, `", "`)+`"`, each, what, settled))
	return got[0], got[1]
}

// The lesson's table, as far as it is about this browser.
func TestSixLimitsOfThisBrowser(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	p := chromium.OpenTab(t, s.Base)
	p.Expect("127.0.0.1", "favicon.ico", "WebSocket connection to")

	p.Visit("/en/glossary")
	t.Run("HTTP/1.1, by two names of one server", func(t *testing.T) {
		other := strings.Replace(s.Base, "localhost", "127.0.0.1", 1)
		blank := p.In(t)
		blank.Do(chromedp.Navigate(s.Base + "/healthz")) // a page without a policy
		open, failed := openable(blank, "EventSource", 9, 12, s.Base+"/play/six/sse", other+"/play/six/sse")
		if !slices.Equal(open, []int{6, 6}) || !slices.Equal(failed, []int{0, 0}) {
			t.Errorf("open %v, failed %v, want six and six, and the rest to wait", open, failed)
		}
	})
	t.Run("WebSocket", func(t *testing.T) {
		p := p.In(t)
		open, failed := openable(p, "WebSocket", 260, 260, s.Socket()+"/play/six/ws")
		if open[0] != 255 || failed[0] != 5 {
			t.Errorf("open %v, failed %v, want 255 and the rest to fail", open, failed)
		}
	})
}

// Six tabs of one site with a stream each: the seventh does not even load.
func TestSixTabs(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Visit("/en/glossary")
	var tabs []*chromium.Tab
	for range 6 {
		other := p.Another()
		other.Visit("/en/glossary")
		open := chromium.Await[bool](other, `new Promise(resolve => {
			self.source = new EventSource("/play/reconnect/sse?cut=0&total=100&every=5000"); // two minutes, on a slow machine, too
			source.onopen = () => resolve(true);
		})`)
		if !open {
			t.Fatal("a stream did not open")
		}
		tabs = append(tabs, other)
	}
	waits := `Promise.race([
		(self.answer ??= fetch("/healthz", { cache: "no-store" })).then(() => "answered"),
		new Promise(resolve => setTimeout(resolve, 500, "waits")),
	])`
	if got := chromium.Await[string](p, waits); got != "waits" {
		t.Errorf("a seventh tab's request %s while six tabs have streams", got)
	}
	tabs[0].Do(chromedp.Evaluate[chromedp.Void](`source.close()`))
	p.Until(`self.answer`)
	if got := chromium.Await[string](p, `answer.then(() => "answered")`); got != "answered" {
		t.Error(got)
	}
}

// metric is what the server counts.
func metric(t *testing.T, base, name string) string {
	t.Helper()
	resp, err := http.Get(base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(all), "\n"+name+" ") // at the start of a line: HELP and TYPE have the name too
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

// The tabs of the demonstration share one stream, and hand it on.
func TestTabsShareAStream(t *testing.T) {
	sitetest.NeedsDirect(t, "it counts the streams of one server, and of no other test")
	t.Parallel()
	p := chromium.OpenSite(t)
	part := func(name string) string { return `seewire-tabs [data-part="` + name + `"]` }
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			words := chromium.ReadWords(t, lang)
			var tabs []*chromium.Tab
			for range 3 {
				other := p.In(t).Another()
				other.Visit("/" + lang + "/tabs")
				other.Shows(part("role"), words["tabs.leading"]+"|"+words["tabs.following"])
				tabs = append(tabs, other)
			}
			leading := slices.IndexFunc(tabs, func(tab *chromium.Tab) bool { return tab.Text(part("role")) == words["tabs.leading"] })
			if leading != 0 {
				t.Fatalf("tab %d holds the stream, want the first", leading)
			}
			for _, tab := range tabs {
				tab.Shows(part("number"), `^\d+$`)
				tab.Shows(part("tabs"), "^3$")
				tab.Shows(part("streams"), "^1$")
			}
			if n := metric(t, p.Base, "seewire_streams_open"); n != "1" {
				t.Errorf("three tabs have %s streams open", n)
			}
			before := chromium.Eval[int](tabs[1], `Number(document.querySelector('`+part("number")+`').textContent)`)
			if err := chromedp.Do(tabs[0].Ctx, chromedp.Navigate("about:blank")); err != nil {
				t.Fatal(err)
			}
			tabs[1].Shows(part("role"), words["tabs.leading"])
			tabs[2].Shows(part("tabs"), "^2$")
			tabs[2].Until(fmt.Sprintf(`Number(document.querySelector('%s').textContent) > %d`, part("number"), before))
		})
	}
}

func TestSixExercise(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	solution, err := os.ReadFile(sitetest.InModule("playground/experiments/six/exercise/solution.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "six")
			const code = chromium.Exercise + "seewire-code"
			if chromium.Eval[bool](l.Tab, `document.querySelector("`+code+`").edited`) {
				l.Click(code + ` [data-action="restore"]`)
			}
			l.Check(false, []string{"six.many", "decided"})
			l.Edit(code, strings.Replace(string(solution), "${topics}", "orders", 1))
			l.Check(false, []string{"six.one", "six.missing"})
			l.Edit(code, string(solution))
			l.Check(true, []string{"six.one", "six.all", "six.right"})
		})
	}
}
