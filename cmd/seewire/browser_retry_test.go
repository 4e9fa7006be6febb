package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A script that could not be fetched is fetched again: once by itself, then when
// the reader asks for it. The run that needed it is then shown.
func TestAScriptThatCouldNotBeFetchedIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := openTab(t, startSite(t).base)
	p.expect("ERR_BLOCKED_BY_CLIENT", "console.warning", "Failed to fetch dynamically imported module", "preload")
	const notice = `[data-part="load-failed"]`
	const isShown = `document.querySelector('[data-part="load-failed"]').checkVisibility()`
	p.block("http://*:*/static/*/js/*-findings.js")
	l := p.lesson("en", "reconnect?cut=2&how=reset&total=3&every=50")
	l.click(runBoth)
	l.ended("done")
	l.until(isShown)
	l.shows(notice, l.word("load.failed"))
	if eval[bool](p, `document.querySelector("[data-part=count]").textContent !== ""`) {
		t.Fatal("the findings are there: nothing was blocked")
	}
	p.block("http://*:*/nothing")
	l.click(notice + " button")
	l.until(`document.querySelector("[data-part=count]").textContent !== ""`)
	l.until(`!` + isShown)

	// Without its words a page can't begin, and says so.
	p.block("http://*:*/en/words.json*")
	p.visit("/en/lessons/silence")
	l.until(isShown)
	l.shows(notice, l.word("load.failed"))
	if eval[bool](p, `customElements.get("seewire-playground") !== undefined`) {
		t.Fatal("the playground is there: nothing was blocked")
	}
	p.block("http://*:*/nothing")
	l.click(notice + " button")
	l.ready()
	l.until(`!` + isShown)
}

// block lets no request for these addresses through, and all others.
func (p *tab) block(patterns ...string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		var list []*network.BlockPattern
		for _, pattern := range patterns {
			list = append(list, &network.BlockPattern{URLPattern: pattern, Block: true})
		}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: list})
		return err
	}))
}
