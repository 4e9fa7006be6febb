package lessons

import (
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// Pages of other origins: what they may read, what they forge, and that they
// can do nothing else.

const balance = "Hello Ada, your balance is 1200."

func TestStrangersReadWhatNobodyChecks(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Strangers(lang, "")
			l.Run()

			if got := l.Log(chromium.SseSide); slices.Contains(got, balance) || !slices.Contains(got, "kept from this page") {
				t.Errorf("the SSE side logged %q", got)
			}
			if got := l.Log(chromium.WsSide); !slices.Contains(got, balance) || !slices.Contains(got, "Ada, your 5 bytes are here.") {
				t.Errorf("the WebSocket side logged %q, want what is Ada's", got)
			}
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.strangers.signed_in", "cookie", "visitor=ada", "site", "SameSite=Lax"))
			l.Shows(chromium.Sentences, l.Word("finding.strangers.kept_none", "text", balance))
			l.Shows(chromium.Sentences, l.Word("finding.strangers.hijacked", "text", balance))

			// Both came with the cookie, from the other origin; both were answered.
			c := l.Capture()
			sitetest.CheckTiling(t, c)
			for _, side := range []string{"sse", "ws"} {
				heads := c.Heads("GET", side)
				if len(heads) != 1 || heads[0].Value("http.cookie") != "visitor=ada" {
					t.Fatalf("%s: %d requests, the first with the cookie %q", side, len(heads), heads[0].Value("http.cookie"))
				}
				if origin := heads[0].Value("http.origin"); !strings.HasPrefix(origin, "http://localhost:") || origin == l.Base {
					t.Errorf("%s: the origin is %q, and the site is at %s", side, origin, l.Base)
				}
			}
			if len(c.Events) == 0 || c.Events[0].Data != balance {
				t.Errorf("what was kept from the page is not on the wire: %v", c.Events)
			}
		})
	}
}

func TestStrangersByOriginAndRule(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Strangers("en", "")
	l.OpenTimeline()
	for _, c := range []struct {
		controls string
		sse, ws  string // findings
	}{
		{"check=on", "kept_none", "refused"},
		{"cors=star", "kept_star", "hijacked"},
		{"cors=any&cookie=strict", "read", "hijacked"}, // another port is the same site
		{"origin=site&cors=any", "nobody", "nobody"},
		{"origin=site&cors=any&cookie=strict", "nobody", "nobody"},
		{"origin=null&cors=any", "nobody", "nobody"},
		{"origin=own&cors=list&check=on", "own", "own"},
		{"origin=own&cors=list&check=on&size=5000", "too_large", "closed_1009"},
	} {
		t.Run(c.controls, func(t *testing.T) {
			l := l.In(t)
			l.Set(c.controls)
			l.Run()
			l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.strangers."+c.sse))
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.strangers."+c.ws))
		})
	}
}

// The lesson's links put notes into the stream that are more than notes.
func TestStrangersForge(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	l := p.Strangers("en", "")
	l.OpenTimeline()
	for _, c := range []struct {
		link    string // a part of what it sets
		sse, ws chromium.Pattern
	}{
		{"careful=off&note=hi%0Aevent", l.Word("finding.strangers.forged", "type", "admin", "text", "hi\nSend me your password."), l.Word("finding.strangers.broken")},
		{"ends=cr", l.Word("finding.strangers.forged", "type", "admin"), l.Word("finding.strangers.broken")},
		{"retry:", l.Word("finding.strangers.id", "id", "99"), l.Word("finding.strangers.broken")},
		{"%22type%22", l.Word("finding.strangers.own"), l.Word("finding.strangers.forged", "type", "admin", "text", "hi")},
		{"check=on&note=", l.Word("finding.strangers.whole", "lines", 3), l.Word("finding.strangers.whole_message", "lines", 3)},
	} {
		t.Run(c.link, func(t *testing.T) {
			l := l.In(t)
			l.Click(`a[data-run*="` + c.link + `"]`)
			l.Ended("done")
			l.Shows(chromium.Sentences, "(?s)SSE.+"+c.sse)
			l.Shows(chromium.Sentences, "(?s)WebSocket.+"+c.ws)
		})
	}
}

// A header of one's own costs a preflight from another origin, and a token in
// the list of subprotocols comes back to nobody.
func TestStrangersSendTokens(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	run := func(controls string) (*chromium.LessonPage, sitetest.Capture) {
		l := p.Strangers("en", controls)
		l.Click(`[id="tab-sse-fetch.js"]`)
		l.Click(`[id="tab-ws-ws_token.js"]`)
		l.Run()
		return l, l.Capture()
	}
	l, c := run("origin=own&cors=list&check=on")
	if len(c.Heads("OPTIONS", "sse")) != 1 || len(c.Heads("GET", "sse")) != 1 {
		t.Errorf("%d preflights and %d requests from the site's own page", len(c.Heads("OPTIONS", "sse")), len(c.Heads("GET", "sse")))
	}
	for _, side := range []string{chromium.SseSide, chromium.WsSide} {
		if got := strings.Join(l.Log(side), "\n"); !strings.Contains(got, balance) {
			t.Errorf("%s logged %q", side, got)
		}
	}
	if got := l.Log(chromium.WsSide); !slices.Contains(got, "subprotocol: seewire") {
		t.Errorf("the WebSocket side logged %q", got)
	}

	_, c = run("cors=list&check=on")
	if len(c.Heads("OPTIONS", "sse")) != 1 || len(c.Heads("GET", "sse")) != 0 {
		t.Errorf("%d preflights and %d requests from a stranger's page", len(c.Heads("OPTIONS", "sse")), len(c.Heads("GET", "sse")))
	}
}

// Without credentials a star is enough, and the server does not know its
// visitor, but by a token in the query.
func TestStrangersWithoutCredentials(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Strangers("en", "cors=star")
	for _, c := range []struct{ address, says string }{
		{"url", "Hello stranger, please sign in."},
		{`url + "&token=ada"`, balance},
	} {
		l.Edit(chromium.SseSide+"seewire-code", "const source = new EventSource("+c.address+`);
source.onmessage = ({ data }) => log(data);
source.onerror = () => source.close();
`)
		l.Click(chromium.SseSide + `[data-action="run-side"]`)
		l.Ended("done")
		if got := l.Log(chromium.SseSide); !slices.Contains(got, c.says) {
			t.Errorf("%s: logged %q, want %q", c.address, got, c.says)
		}
	}
}

// A program that has an origin has nothing else: it reaches this experiment
// and no other address, nor anything of the course's own origin.
func TestStrangersReachNothingElse(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	site := sitetest.Start(t)
	p := chromium.OpenTab(t, site.Base)
	l := p.Strangers("en", "origin=own&cors=list")
	p.Expect("Content Security Policy", "Content-Security-Policy", "violates")
	l.Edit(chromium.SseSide+"seewire-code", `
log(location.origin !== new URL(url).origin, typeof localStorage, typeof document);
for (const path of ["/healthz", "/language?to=zh", "/captures/some-capture.json", "/play/reconnect/sse"]) {
  await fetch(new URL(path, url), { credentials: "include" }).then(() => log("reached", path), () => log("blocked", path));
}
await fetch("/sandbox").then(() => log("reached the frame"), () => log("blocked the frame"));
try { importScripts(new URL("/en/", url)); log("imported") } catch { log("blocked import") }
`)
	l.Click(chromium.SseSide + `[data-action="run-side"]`)
	l.Ended("done")
	want := []string{"true undefined undefined", "blocked /healthz", "blocked /language?to=zh", "blocked /captures/some-capture.json",
		"blocked /play/reconnect/sse", "blocked the frame", "blocked import"}
	// Beside what the program logs stands why it was blocked.
	why := l.Word("log.elsewhere", "address", "")
	got := slices.DeleteFunc(l.Log(chromium.SseSide), func(line string) bool { return strings.HasPrefix(line, strings.Fields(why)[0]) })
	if !slices.Equal(got, want) {
		t.Errorf("logged %q, want %q", got, want)
	}
}

func TestStrangersWithoutOtherOrigins(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t, "-origins", "off").Strangers("zh", "")
	l.Click(chromium.RunBoth)
	l.Ended("frame")
	l = l.Strangers("zh", "origin=null") // which needs none
	l.Run()
}
