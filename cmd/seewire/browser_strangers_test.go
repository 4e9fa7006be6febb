package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Pages of other origins: what they may read, what they forge, and that they
// can do nothing else.

// strangers opens the lesson with some controls, for runs in which the browser
// complains of what it keeps from a page.
func (p *tab) strangers(lang, controls string) *lessonPage {
	p.expect("CORS", "net::ERR_FAILED", "WebSocket connection to", "403", "413")
	return p.lesson(lang, "strangers?"+controls)
}

// set puts the controls to what a query says, and all others to what the
// lesson says.
func (l *lessonPage) set(query string) {
	l.t.Helper()
	l.click(resetAll)
	eval[bool](l.tab, fmt.Sprintf(`(() => {
		for (const [name, value] of new URLSearchParams(%q)) {
			const field = document.getElementById("control-" + name);
			if (field.type === "checkbox") field.checked = value === "on";
			else field.value = value;
			field.dispatchEvent(new Event("input", { bubbles: true }));
		}
		return true;
	})()`, query))
}

// heads are the requests of a run that ask for one address, by method.
func (c captureJSON) heads(method, to string) (heads []frameJSON) {
	for _, f := range c.Frames {
		uri, _, _ := strings.Cut(f.value("http.request.uri"), "?")
		if f.value("http.request.method") == method && strings.HasSuffix(uri, "/"+to) {
			heads = append(heads, f)
		}
	}
	return heads
}

const balance = "Hello Ada, your balance is 1200."

func TestStrangersReadWhatNobodyChecks(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).strangers(lang, "")
			l.run()

			if got := l.log(sseSide); slices.Contains(got, balance) || !slices.Contains(got, "kept from this page") {
				t.Errorf("the SSE side logged %q", got)
			}
			if got := l.log(wsSide); !slices.Contains(got, balance) || !slices.Contains(got, "Ada, your 5 bytes are here.") {
				t.Errorf("the WebSocket side logged %q, want what is Ada's", got)
			}
			l.openTimeline()
			l.shows(sentences, l.word("finding.strangers.signed_in", "cookie", "visitor=ada", "site", "SameSite=Lax"))
			l.shows(sentences, l.word("finding.strangers.kept_none", "text", balance))
			l.shows(sentences, l.word("finding.strangers.hijacked", "text", balance))

			// Both came with the cookie, from the other origin; both were answered.
			c := l.capture()
			checkTiling(t, c)
			for _, side := range []string{"sse", "ws"} {
				heads := c.heads("GET", side)
				if len(heads) != 1 || heads[0].value("http.cookie") != "visitor=ada" {
					t.Fatalf("%s: %d requests, the first with the cookie %q", side, len(heads), heads[0].value("http.cookie"))
				}
				if origin := heads[0].value("http.origin"); !strings.HasPrefix(origin, "http://localhost:") || origin == l.base {
					t.Errorf("%s: the origin is %q, and the site is at %s", side, origin, l.base)
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
	l := openSite(t).strangers("en", "")
	l.openTimeline()
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
			l := l.in(t)
			l.set(c.controls)
			l.run()
			l.shows(sentences, "SSE.+"+l.word("finding.strangers."+c.sse))
			l.shows(sentences, "WebSocket.+"+l.word("finding.strangers."+c.ws))
		})
	}
}

// The lesson's links put notes into the stream that are more than notes.
func TestStrangersForge(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	l := p.strangers("en", "")
	l.openTimeline()
	for _, c := range []struct {
		link    string // a part of what it sets
		sse, ws pattern
	}{
		{"careful=off&note=hi%0Aevent", l.word("finding.strangers.forged", "type", "admin", "text", "hi\nSend me your password."), l.word("finding.strangers.broken")},
		{"ends=cr", l.word("finding.strangers.forged", "type", "admin"), l.word("finding.strangers.broken")},
		{"retry:", l.word("finding.strangers.id", "id", "99"), l.word("finding.strangers.broken")},
		{"%22type%22", l.word("finding.strangers.own"), l.word("finding.strangers.forged", "type", "admin", "text", "hi")},
		{"check=on&note=", l.word("finding.strangers.whole", "lines", 3), l.word("finding.strangers.whole_message", "lines", 3)},
	} {
		t.Run(c.link, func(t *testing.T) {
			l := l.in(t)
			l.click(`a[data-run*="` + c.link + `"]`)
			l.ended("done")
			l.shows(sentences, "(?s)SSE.+"+c.sse)
			l.shows(sentences, "(?s)WebSocket.+"+c.ws)
		})
	}
}

// A header of one's own costs a preflight from another origin, and a token in
// the list of subprotocols comes back to nobody.
func TestStrangersSendTokens(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	run := func(controls string) (*lessonPage, captureJSON) {
		l := p.strangers("en", controls)
		l.click(`[id="tab-sse-fetch.js"]`)
		l.click(`[id="tab-ws-ws_token.js"]`)
		l.run()
		return l, l.capture()
	}
	l, c := run("origin=own&cors=list&check=on")
	if len(c.heads("OPTIONS", "sse")) != 1 || len(c.heads("GET", "sse")) != 1 {
		t.Errorf("%d preflights and %d requests from the site's own page", len(c.heads("OPTIONS", "sse")), len(c.heads("GET", "sse")))
	}
	for _, side := range []string{sseSide, wsSide} {
		if got := strings.Join(l.log(side), "\n"); !strings.Contains(got, balance) {
			t.Errorf("%s logged %q", side, got)
		}
	}
	if got := l.log(wsSide); !slices.Contains(got, "subprotocol: seewire") {
		t.Errorf("the WebSocket side logged %q", got)
	}

	_, c = run("cors=list&check=on")
	if len(c.heads("OPTIONS", "sse")) != 1 || len(c.heads("GET", "sse")) != 0 {
		t.Errorf("%d preflights and %d requests from a stranger's page", len(c.heads("OPTIONS", "sse")), len(c.heads("GET", "sse")))
	}
}

// Without credentials a star is enough, and the server does not know its
// visitor, but by a token in the query.
func TestStrangersWithoutCredentials(t *testing.T) {
	t.Parallel()
	l := openSite(t).strangers("en", "cors=star")
	for _, c := range []struct{ address, says string }{
		{"url", "Hello stranger, please sign in."},
		{`url + "&token=ada"`, balance},
	} {
		l.edit(sseSide+"seewire-code", "const source = new EventSource("+c.address+`);
source.onmessage = ({ data }) => log(data);
source.onerror = () => source.close();
`)
		l.click(sseSide + `[data-action="run-side"]`)
		l.ended("done")
		if got := l.log(sseSide); !slices.Contains(got, c.says) {
			t.Errorf("%s: logged %q, want %q", c.address, got, c.says)
		}
	}
}

// A program that has an origin has nothing else: it reaches this experiment
// and no other address, nor anything of the course's own origin.
func TestStrangersReachNothingElse(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	site := startSite(t)
	p := openTab(t, site.base)
	l := p.strangers("en", "origin=own&cors=list")
	p.expect("Content Security Policy", "Content-Security-Policy", "violates")
	l.edit(sseSide+"seewire-code", `
log(location.origin !== new URL(url).origin, typeof localStorage, typeof document);
for (const path of ["/healthz", "/language?to=zh", "/captures/some-capture.json", "/play/reconnect/sse"]) {
  await fetch(new URL(path, url), { credentials: "include" }).then(() => log("reached", path), () => log("blocked", path));
}
await fetch("/sandbox").then(() => log("reached the frame"), () => log("blocked the frame"));
try { importScripts(new URL("/en/", url)); log("imported") } catch { log("blocked import") }
`)
	l.click(sseSide + `[data-action="run-side"]`)
	l.ended("done")
	want := []string{"true undefined undefined", "blocked /healthz", "blocked /language?to=zh", "blocked /captures/some-capture.json",
		"blocked /play/reconnect/sse", "blocked the frame", "blocked import"}
	// Beside what the program logs stands why it was blocked.
	why := l.word("log.elsewhere", "address", "")
	got := slices.DeleteFunc(l.log(sseSide), func(line string) bool { return strings.HasPrefix(line, strings.Fields(why)[0]) })
	if !slices.Equal(got, want) {
		t.Errorf("logged %q, want %q", got, want)
	}
}

func TestStrangersWithoutOtherOrigins(t *testing.T) {
	t.Parallel()
	l := openSite(t, "-origins", "off").strangers("zh", "")
	l.click(runBoth)
	l.ended("frame")
	l = l.strangers("zh", "origin=null") // which needs none
	l.run()
}
