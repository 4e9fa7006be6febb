package lessons

import (
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
