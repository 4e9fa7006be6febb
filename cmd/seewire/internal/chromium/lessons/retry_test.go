package lessons

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// A script that could not be fetched is fetched again: once by itself, then when
// the reader asks for it. The run that needed it is then shown.
func TestAScriptThatCouldNotBeFetchedIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := chromium.OpenTab(t, sitetest.Start(t).Base)
	p.Expect("ERR_BLOCKED_BY_CLIENT", "console.warning", "Failed to fetch dynamically imported module", "preload")
	const notice = `[data-part="load-failed"]`
	const isShown = `document.querySelector('[data-part="load-failed"]').checkVisibility()`
	p.Block("http://*:*/static/*/js/*-findings.js")
	l := p.Lesson("en", "reconnect?cut=2&how=reset&total=3&every=50")
	l.Click(chromium.RunBoth)
	l.Ended("done")
	l.Until(isShown)
	l.Shows(notice, l.Word("load.failed"))
	if chromium.Eval[bool](p, `document.querySelector("[data-part=count]").textContent !== ""`) {
		t.Fatal("the findings are there: nothing was blocked")
	}
	p.Block("http://*:*/nothing")
	l.Click(notice + " button")
	l.Until(`document.querySelector("[data-part=count]").textContent !== ""`)
	l.Until(`!` + isShown)

	// Without its words a page can't begin, and says so.
	p.Block("http://*:*/en/words.json*")
	p.Visit("/en/lessons/silence")
	l.Until(isShown)
	l.Shows(notice, l.Word("load.failed"))
	if chromium.Eval[bool](p, `customElements.get("seewire-playground") !== undefined`) {
		t.Fatal("the playground is there: nothing was blocked")
	}
	p.Block("http://*:*/nothing")
	l.Click(notice + " button")
	l.Ready()
	l.Until(`!` + isShown)
}

// A page that was open before an upgrade of the server goes on: what it has works with
// the new server, and for a part that only the old one had it is loaded again by itself,
// with the code that was typed and the run that was made.
func TestAPageThatWasOpenBeforeAnUpgradeGoesOn(t *testing.T) {
	t.Parallel()
	site, upgrade := upgraded(t)
	p := chromium.OpenTab(t, site)
	p.Expect("404", "console.warning", "Failed to fetch dynamically imported module", "preload", "WebSocket connection", "ERR_")
	p.Visit("/en/fields")
	// Typed another day: the editor is not loaded, nor in the browser's cache.
	chromium.Eval[any](p, `localStorage.setItem("seewire/code/reconnect/sse.js", JSON.stringify(
		"const source = new EventSource(url);\nsource.onmessage = (event) => log('mine ' + event.data);\n"))`)
	l := p.Lesson("en", "reconnect?cut=2&how=reset&total=3&every=50&retry=100")
	l.Run()
	const rows = `document.querySelector(".frames-space .frames-row")?.getAttribute("aria-setsize") ?? "0"`
	before := chromium.Eval[int](p, "Number("+rows+")")

	upgrade()
	l.Shows(chromium.Watching, l.Word("playground.feed.live"))
	// On a slow machine the last rows come after the run has ended.
	if after := chromium.Eval[int](p, "Number("+rows+")"); after < before || after == 0 {
		t.Errorf("of %d rows the page has %d after the upgrade", before, after)
	}
	l.Run()
	l.Shows(chromium.SseSide+chromium.LogLines, "mine 3")
	chromium.Eval[any](p, `window.old = true`)

	l.Click(`section[data-side=ws] [data-action="edit"]`)
	l.Until(`window.old === undefined && document.querySelector("seewire-playground")?.dataset.state`)
	l.Shows(chromium.Status, l.Word("playground.status.done"))
	l.Shows(chromium.SseSide+chromium.LogLines, "mine 3")
	l.Shows("section[data-side=sse] seewire-code", "mine ")
	l.HasFrames("GET /play/reconnect/ws")
	l.Run()
	l.Shows(chromium.SseSide+chromium.LogLines, "mine 3")
}

// upgraded is a site and what has another server take the place of its own. The scripts
// of the first one are under a hash that the second does not know.
func upgraded(t *testing.T) (base string, upgrade func()) {
	t.Helper()
	const old = "/static/000000000000/"
	servers := []*sitetest.Program{sitetest.Start(t), sitetest.Start(t)}
	hashed := regexp.MustCompile(`/static/[0-9a-f]{12}/`)
	resp, err := http.Get(servers[0].Base + "/en/")
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	own := hashed.FindString(string(page))
	through := func(s *sitetest.Program, isOld bool) http.Handler {
		target, _ := url.Parse(s.Base)
		return &httputil.ReverseProxy{
			FlushInterval: -1,
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.Host = r.In.Host
				r.Out.Header.Del("Accept-Encoding")
				if isOld {
					r.Out.URL.Path = strings.Replace(r.Out.URL.Path, old, own, 1)
				}
			},
			ModifyResponse: func(r *http.Response) error {
				if !isOld || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
					return nil
				}
				page, err := io.ReadAll(r.Body)
				page = bytes.ReplaceAll(page, []byte(own), []byte(old))
				r.Body = io.NopCloser(bytes.NewReader(page))
				r.Header.Set("Content-Length", strconv.Itoa(len(page)))
				r.Header.Del("ETag") // another page has another
				return err
			},
		}
	}
	var now atomic.Int32
	sides := []http.Handler{through(servers[0], true), through(servers[1], false)}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sides[now.Load()].ServeHTTP(w, r) }))
	t.Cleanup(proxy.Close)
	return strings.Replace(proxy.URL, "127.0.0.1", "localhost", 1), func() {
		now.Store(1)
		if err := servers[0].Stop(); err != nil {
			t.Error(err)
		}
	}
}
