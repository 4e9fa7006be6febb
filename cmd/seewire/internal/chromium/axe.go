package chromium

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Scheme sets what the reader prefers: "light" or "dark".
func (p *Tab) Scheme(name string) {
	p.T.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}
	if _, err := chromedp.Call(p.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		p.T.Fatal(err)
	}
}

type axeViolation struct {
	ID, Help string
	Nodes    json.RawMessage
}

// AxeCore is the source of axe-core, or nil where SEEWIRE_NPM names no folder that has it.
func AxeCore() []byte {
	source, _ := os.ReadFile(filepath.Join(os.Getenv("SEEWIRE_NPM"), "node_modules/axe-core/axe.min.js"))
	return source
}

// Axe returns what axe-core has against the page as it is.
func (p *Tab) Axe(source []byte) []axeViolation {
	p.T.Helper()
	p.Do(chromedp.Evaluate[chromedp.Void](string(source)))
	Eval[string](p, `(window.axeFound = null, axe.run(document, {
		runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
		resultTypes: ["violations"], preload: false,
	}).then(r => window.axeFound = JSON.stringify(r.violations.map(v => ({
		ID: v.id, Help: v.help, Nodes: v.nodes.slice(0, 4).map(n => [n.target.flat().join(" "), n.failureSummary]),
	})))), "")`)
	p.Until(`window.axeFound !== null`)
	found := Eval[string](p, `window.axeFound`)
	var violations []axeViolation
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		p.T.Fatal(err)
	}
	return violations
}

// Fits fails the test when the page is wider than the screen, and stays so: what is drawn
// anew for another width is the old one until then.
func (p *Tab) Fits(width int) {
	p.T.Helper()
	deadline := time.Now().Add(Patience)
	for {
		got := Eval[int](p, `document.documentElement.scrollWidth`)
		if got <= width {
			return
		}
		if time.Now().After(deadline) {
			p.T.Fatalf("at %d px the page is %d px wide: %s", width, got, Eval[string](p, fmt.Sprintf(`[...document.querySelectorAll("body :not(.scroll *, pre *)")]
				.filter(e => e.getBoundingClientRect().right > %d && getComputedStyle(e).position !== "absolute").slice(0, 5).map(e => e.tagName + "." + e.className).join(", ")`, width)))
		}
		time.Sleep(20 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
}

// TabTo presses Tab until the focus is on what the selector says.
func (p *Tab) TabTo(selector string) {
	p.T.Helper()
	for range 80 {
		if Eval[bool](p, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
		p.Press(kb.Tab)
	}
	p.T.Fatalf("Tab never came to %s; the focus is on %s", selector, Eval[string](p, `document.activeElement.outerHTML.slice(0, 200)`))
}

// HasFocus waits until the focus is on what the selector says.
func (p *Tab) HasFocus(selector string) {
	p.T.Helper()
	p.Until(fmt.Sprintf(`document.activeElement.matches(%q)`, selector))
}
