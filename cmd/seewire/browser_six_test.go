package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
)

// What a browser does with many streams to one host, and with tabs that share
// one.

// another opens another tab in the same profile: to the browser, the same
// person.
func (p *tab) another() *tab {
	p.t.Helper()
	ctx, closeTab := chromedp.NewContext(p.ctx, chromedp.WithListener(p.seen.add))
	p.t.Cleanup(closeTab)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		p.t.Fatal(err)
	}
	return &tab{t: p.t, ctx: ctx, base: p.base, seen: p.seen}
}

// trust accepts the certificates of servers that the tab speaks to.
func (p *tab) trust() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		return err
	}))
}

// topics are what the requests of a side ask for, in the order in which they
// came to the server.
func (c captureJSON) topics(side string) (all []string) {
	for _, f := range c.requests(side) {
		_, topics, _ := strings.Cut(f.value("http.request.uri"), "topics=")
		all = append(all, topics)
	}
	return all
}

func TestSixHoldsTheSeventhInTheBrowser(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "six?every=400")
			l.run()

			sse, ws := l.log(sseSide), l.log(wsSide)
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
			l.openTimeline()
			l.shows(sentences, l.word("finding.six.places", "streams", 6, "connections", 6))
			l.shows(sentences, l.word("finding.six.waited", "tabs", 7))
			l.shows(sentences, l.word("finding.six.save_waited"))
			l.shows(sentences, l.word("finding.six.sockets", "sockets", 7, "connections", 7))
			l.shows(sentences, l.word("finding.six.sent"))

			// The picture shows the wait, and in words too.
			l.shows(`seewire-picture [data-side="sse"] li:nth-child(7)`, l.word("picture.six.tab", "tab", 7)+".*"+l.word("picture.six.connection"))
			if wide := eval[float64](l.tab, `parseFloat(document.querySelector('seewire-picture [data-side="sse"] li:nth-child(7) .lanes-waited').style.inlineSize)`); wide < 30 {
				t.Errorf("the wait of tab 7 takes %v%% of the picture", wide)
			}

			// On the wire the seventh came last, and seven sockets had seven connections.
			c := l.capture()
			if got := c.topics("sse"); len(got) != 7 || !strings.HasPrefix(got[6], "tab-7") {
				t.Errorf("the streams came to the server as %q", got)
			}
			connections := map[int]bool{}
			for _, f := range c.requests("ws") {
				connections[f.Connection] = true
			}
			if len(connections) != 7 {
				t.Errorf("seven sockets had %d connections", len(connections))
			}
			checkTiling(t, c)
		})
	}
}

// The links of the lesson: as many streams as there are connections, and one
// less.
func TestSixTakesSaveOnlyWithAConnectionLeft(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for streams, finding := range map[int]string{6: "save_waited", 5: "saved"} {
		t.Run(fmt.Sprint(streams), func(t *testing.T) {
			l := p.in(t).lesson("en", fmt.Sprintf("six?every=200&streams=%d", streams))
			l.run()
			l.openTimeline()
			l.shows(sentences, "SSE.*"+l.word("finding.six."+finding))
			l.lacks(sentences, l.word("finding.six.waited"))
		})
	}
}

// Twenty at once: the streams come in waves, and of the sockets this browser
// holds the last ones back.
func TestSixWithTwenty(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "six?every=100&streams=20")
	l.run()
	l.openTimeline()
	l.shows(sentences, l.word("finding.six.held"))
	// Fourteen streams and the POST have waited.
	l.until(`document.querySelectorAll('seewire-picture [data-side="sse"] li[data-queued]').length === 15`)
	if n := len(l.capture().topics("sse")); n != 20 {
		t.Errorf("%d streams came to the server", n)
	}
}

// What a person does whose browser does not know the certificate, up to the
// run over HTTP/2.
func TestSixOverHTTP2OnceTheCertificateIsAccepted(t *testing.T) {
	t.Parallel()
	s := startSecureSite(t)
	p := openTab(t, s.base)
	p.expect(strings.TrimPrefix(s.secure, "https"), "ERR_CERT_AUTHORITY_INVALID")
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "six?every=400&over=http2")
			const over = "seewire-reachability "
			if lang == "en" {
				l.click(runBoth)
				l.shows(status, l.word("playground.status.unreachable"))
				l.shows(over+`:not([hidden])`, l.word("reachability.untrusted", "address", s.secure))
				address := eval[string](l.tab, `document.querySelector("seewire-reachability a").href`)

				other := l.another()
				if err := chromedp.Do(other.ctx, chromedp.Navigate(address)); err == nil {
					t.Fatal("the browser takes the certificate at once")
				}
				if eval[bool](other, `document.getElementById("proceed-link") !== null`) {
					other.click("#details-button") // on the browser's own page of warning
					other.click("#proceed-link")
				} else { // the Chromium without a window has no such page
					l.trust()
					other.trust()
					other.do(chromedp.Navigate(address))
				}
				other.shows("h1", l.word("accepted.title"))

				l.click(over + `[data-action="look-again"]`)
				l.shows(over+`[data-reachability="ready"]:not([hidden])`, l.word("reachability.ready", "address", s.secure))
			}
			l.run()
			l.openTimeline()
			l.shows(sentences, l.word("finding.six.multiplexed", "streams", 7, "connections", 1))
			l.shows(sentences, "SSE.*"+l.word("finding.six.saved"))
			l.shows(sentences, l.word("finding.six.sockets", "sockets", 7, "connections", 7))
			l.shows(`seewire-picture [data-side="sse"]`, l.word("picture.six.stream"))

			c := l.capture()
			protocols := map[string]int{}
			for _, connection := range c.Connections {
				protocols[connection.Protocol]++
			}
			if protocols["h2"] != 1 || protocols["http/1.1"] != 7 {
				t.Errorf("the connections are %v, want one of HTTP/2 for the streams, and seven for the sockets", protocols)
			}
			checkTiling(t, c)
			l.shows(`[data-command="sse"]`, "curl -N -k 'https://localhost:")
		})
	}
	t.Run("as many streams as the server allows", func(t *testing.T) {
		open, failed := openable(p.in(t), "EventSource", 260, s.secure+"/play/six/sse")
		if open[0] != 250 || failed[0] != 0 {
			t.Errorf("open %v, failed %v, want 250 and the rest to wait", open, failed)
		}
	})
	t.Run("from a page that came over HTTP/2", func(t *testing.T) {
		p := p.in(t)
		p.expect(strings.TrimPrefix(s.base, "http"))
		p.do(chromedp.Navigate(s.secure + "/en/lessons/six?every=400"))
		l := &lessonPage{p, "en", readWords(t, "en")}
		l.ready()
		l.run() // over HTTP/1.1, to the other listener: a browser trusts localhost
		l.openTimeline()
		l.shows(sentences, l.word("finding.six.places", "streams", 6, "connections", 6))
	})
}

// Without TLS the page says so, and goes on with HTTP/1.1.
func TestSixWithoutTLS(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "six?over=http2")
	l.click(runBoth)
	l.shows(`seewire-reachability [data-reachability="none"]:not([hidden])`, l.word("reachability.none"))
}

// openable counts the streams that open, and those that fail, of so many to
// each address.
func openable(p *tab, what string, each int, addresses ...string) (open, failed []int) {
	p.t.Helper()
	got := await[[][]int](p, fmt.Sprintf(`(async () => {
			const all = [], open = [], failed = [];
			let last = performance.now();
			for (const [i, address] of [%s].entries()) {
				open[i] = failed[i] = 0;
				for (let n = 0; n < %d; n++) {
					const one = new %s(address + "?events=20&every=2000");
					one.onopen = () => (open[i]++, last = performance.now());
					one.onerror = () => (failed[i]++, last = performance.now());
					all.push(one);
				}
			}
			while (performance.now() - last < 1500) await new Promise(resolve => setTimeout(resolve, 50));
			for (const one of all) one.close();
			return [open, failed];
		})()`, `"`+strings.Join(addresses, `", "`)+`"`, each, what))
	return got[0], got[1]
}

// The lesson's table, as far as it is about this browser.
func TestSixLimitsOfThisBrowser(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	s := startSite(t)
	p := openTab(t, s.base)
	p.expect("127.0.0.1", "favicon.ico", "WebSocket connection to")

	p.visit("/en/")
	t.Run("HTTP/1.1, by two names of one server", func(t *testing.T) {
		other := strings.Replace(s.base, "localhost", "127.0.0.1", 1)
		blank := p.in(t)
		blank.do(chromedp.Navigate(s.base + "/healthz")) // a page without a policy
		open, failed := openable(blank, "EventSource", 9, s.base+"/play/six/sse", other+"/play/six/sse")
		if !slices.Equal(open, []int{6, 6}) || !slices.Equal(failed, []int{0, 0}) {
			t.Errorf("open %v, failed %v, want six and six, and the rest to wait", open, failed)
		}
	})
	t.Run("WebSocket", func(t *testing.T) {
		p := p.in(t)
		open, failed := openable(p, "WebSocket", 260, s.socket()+"/play/six/ws")
		if open[0] != 255 || failed[0] != 5 {
			t.Errorf("open %v, failed %v, want 255 and the rest to fail", open, failed)
		}
	})
}

// Six tabs of one site with a stream each: the seventh does not even load.
func TestSixTabs(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	p.visit("/en/")
	var tabs []*tab
	for range 6 {
		other := p.another()
		other.visit("/en/")
		open := await[bool](other, `new Promise(resolve => {
			self.source = new EventSource("/play/six/sse?events=20&every=2000");
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
	if got := await[string](p, waits); got != "waits" {
		t.Errorf("a seventh tab's request %s while six tabs have streams", got)
	}
	tabs[0].do(chromedp.Evaluate[chromedp.Void](`source.close()`))
	p.until(`self.answer`)
	if got := await[string](p, `answer.then(() => "answered")`); got != "answered" {
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
	t.Parallel()
	p := openSite(t)
	part := func(name string) string { return `seewire-tabs [data-part="` + name + `"]` }
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			words := readWords(t, lang)
			var tabs []*tab
			for range 3 {
				other := p.in(t).another()
				other.visit("/" + lang + "/tabs")
				other.shows(part("role"), words["tabs.leading"]+"|"+words["tabs.following"])
				tabs = append(tabs, other)
			}
			leading := slices.IndexFunc(tabs, func(tab *tab) bool { return tab.text(part("role")) == words["tabs.leading"] })
			if leading != 0 {
				t.Fatalf("tab %d holds the stream, want the first", leading)
			}
			for _, tab := range tabs {
				tab.shows(part("number"), `^\d+$`)
				tab.shows(part("tabs"), "^3$")
				tab.shows(part("streams"), "^1$")
			}
			if n := metric(t, p.base, "seewire_streams_open"); n != "1" {
				t.Errorf("three tabs have %s streams open", n)
			}
			before := eval[int](tabs[1], `Number(document.querySelector('`+part("number")+`').textContent)`)
			if err := chromedp.Do(tabs[0].ctx, chromedp.Navigate("about:blank")); err != nil {
				t.Fatal(err)
			}
			tabs[1].shows(part("role"), words["tabs.leading"])
			tabs[2].shows(part("tabs"), "^2$")
			tabs[2].until(fmt.Sprintf(`Number(document.querySelector('%s').textContent) > %d`, part("number"), before))
		})
	}
}

func TestSixExercise(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	solution, err := os.ReadFile(inModule("playground/experiments/six/exercise/solution.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "six")
			const code = exercise + "seewire-code"
			if eval[bool](l.tab, `document.querySelector("`+code+`").edited`) {
				l.click(code + ` [data-action="restore"]`)
			}
			l.check(false, []string{"six.many", "decided"})
			l.edit(code, strings.Replace(string(solution), "${topics}", "orders", 1))
			l.check(false, []string{"six.one", "six.missing"})
			l.edit(code, string(solution))
			l.check(true, []string{"six.one", "six.all", "six.right"})
		})
	}
}
