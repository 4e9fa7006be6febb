package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestAccessibility asks axe-core about every page: WCAG 2.2 AA, light on a desktop
// in one language, and dark on a phone in the other. And in neither may anything make
// a page scroll sideways, down to 320 px.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	npm := os.Getenv("SEEWIRE_NPM")
	axe, err := os.ReadFile(filepath.Join(npm, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Skip("no axe-core: npm install --prefix DIR axe-core, and set SEEWIRE_NPM to DIR")
	}
	needBrowser(t)
	s := startSite(t)
	paths := []string{"/", "/fields", "/glossary", "/no-such-page", "/class", "/c", "/bytes#bytes=gYU3-iE9f59NUVg&frame=1.client.0"}
	for _, slug := range slugs(t) {
		paths = append(paths, "/lessons/"+slug)
	}
	for turn, lang := range []string{"en", "zh"} {
		for _, screen := range []struct {
			scheme string
			width  int64
		}{{"light", 1280}, {"dark", 390}} {
			t.Run(fmt.Sprintf("%s/%d", lang, screen.width), func(t *testing.T) {
				t.Parallel()
				p := openTab(t, s.base)
				p.expect("no-such-page") // the browser notes the 404
				p.scheme(screen.scheme)
				for i, path := range paths {
					wide := screen.width > 390
					if wide && (i+turn)%2 == 1 {
						continue
					}
					t.Run(path, func(t *testing.T) {
						p := p.in(t)
						p.do(chromedp.EmulateViewport(screen.width, 900))
						p.visit("/" + lang + path)
						p.until(`document.readyState === "complete"`)
						if strings.Contains(path, "#bytes=") {
							p.shownRows()
						}
						if wide || (i+turn)%2 == 1 {
							for _, v := range p.axe(axe) {
								t.Errorf("%s: %s\n%s", v.ID, v.Help, v.Nodes)
							}
						}
						if wide {
							return
						}
						p.fits(390)
						p.do(chromedp.EmulateViewport(320, 700))
						p.fits(320)
					})
				}
			})
		}
	}
}

// scheme sets what the reader prefers: "light" or "dark".
func (p *tab) scheme(name string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		p.t.Fatal(err)
	}
}

type axeViolation struct {
	ID, Help string
	Nodes    json.RawMessage
}

// axe returns what axe-core has against the page as it is.
func (p *tab) axe(source []byte) []axeViolation {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](string(source)))
	eval[string](p, `(window.axeFound = null, axe.run(document, {
		runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
		resultTypes: ["violations"], preload: false,
	}).then(r => window.axeFound = JSON.stringify(r.violations.map(v => ({
		ID: v.id, Help: v.help, Nodes: v.nodes.slice(0, 4).map(n => [n.target.flat().join(" "), n.failureSummary]),
	})))), "")`)
	p.until(`window.axeFound !== null`)
	found := eval[string](p, `window.axeFound`)
	var violations []axeViolation
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		p.t.Fatal(err)
	}
	return violations
}

// fits fails the test when the page is wider than the screen.
func (p *tab) fits(width int) {
	p.t.Helper()
	if got := eval[int](p, `document.documentElement.scrollWidth`); got > width {
		p.t.Errorf("at %d px the page is %d px wide: %s", width, got, eval[string](p, fmt.Sprintf(`[...document.querySelectorAll("body *")]
			.filter(e => e.getBoundingClientRect().right > %d && getComputedStyle(e).position !== "absolute").slice(0, 5).map(e => e.tagName + "." + e.className).join(", ")`, width)))
	}
}
