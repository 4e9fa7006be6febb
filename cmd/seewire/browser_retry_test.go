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
	p.expect("ERR_BLOCKED_BY_CLIENT", "console.warning", "Failed to fetch dynamically imported module")
	p.block("http://*:*/static/*/js/frames-*")
	l := p.lesson("en", "reconnect?cut=0&total=3&every=50")
	l.click(runBoth)
	l.ended("done")
	l.shows(".load-failed", l.word("load.failed"))
	if eval[bool](p, `customElements.get("seewire-frames") !== undefined`) {
		t.Fatal("the viewer is there: nothing was blocked")
	}
	p.block("http://*:*/nothing")
	l.click(".load-failed button")
	l.until(`document.querySelectorAll("seewire-frames [role=option]").length > 3`)
	l.until(`document.querySelector(".load-failed") === null`)
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
