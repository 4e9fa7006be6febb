package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabTo presses Tab until the focus is on what the selector says.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range 80 {
		if eval[bool](p, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
		p.press(kb.Tab)
	}
	p.t.Fatalf("Tab never came to %s; the focus is on %s", selector, eval[string](p, `document.activeElement.outerHTML.slice(0, 200)`))
}

// hasFocus waits until the focus is on what the selector says.
func (p *tab) hasFocus(selector string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.activeElement.matches(%q)`, selector))
}

// TestTheKeyboardAlone uses no mouse from the address bar on.
func TestTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "reconnect?cut=0&every=200&total=100")

	// The first stop skips what is the same on every page.
	l.press(kb.Tab)
	l.hasFocus("a.skip")
	l.press(kb.Enter)
	l.hasFocus("main")

	// Predict, run, stop.
	l.tabTo(`seewire-predict input[type="radio"]`)
	l.press(" ")
	l.until(`document.querySelector("seewire-predict input:checked")`)
	l.tabTo(runBoth)
	l.press(kb.Enter)
	l.running()
	l.until(fmt.Sprintf(`document.querySelectorAll(%q).length > 3`, wsSide+logLines))
	l.shows(status, l.word("playground.status.running"))
	l.tabTo(stopRun)
	l.press(" ")
	l.ended("stopped")

	// The editor is opened, written in, and left in both directions.
	l.tabTo("#tab-frames")
	l.press(kb.ArrowRight)
	l.hasFocus("#tab-code")
	l.tabTo(sseCode + ` [data-action="edit"]`)
	l.press(kb.Enter)
	l.until(inEditor)
	l.press("// mine ")
	l.until(fmt.Sprintf(`document.querySelector(%q).value.startsWith("// mine ")`, sseCode))
	l.press(kb.Escape)
	l.press(kb.Tab)
	l.until("!(" + inEditor + ")")
	l.press(kb.Tab, chromedp.ModifierShift)
	l.until(inEditor)
	l.press(kb.Tab, chromedp.ModifierShift)
	l.hasFocus(sseCode + ` [data-action="restore"]`)
	l.press(kb.Enter)
	l.until(fmt.Sprintf(`!document.querySelector(%q).edited`, sseCode))

	// Another file by the arrow keys.
	l.tabTo(`[id="tab-ws-ws.js"]`)
	l.press(kb.ArrowRight)
	l.hasFocus(`[id="tab-ws-ws_reconnect.js"][aria-selected="true"]`)

	// A frame is chosen: the newest, then the one before it.
	l.press(kb.Escape)
	for !eval[bool](l.tab, `document.activeElement.matches("#tab-code")`) {
		l.press(kb.Tab, chromedp.ModifierShift)
	}
	l.press(kb.ArrowLeft)
	l.tabTo(frames + ".frames-list")
	l.press(kb.Home)
	selected := frames + `[role="option"][aria-selected="true"]`
	l.shows(selected, "○")
	l.press(kb.ArrowDown)
	l.shows(selected, "GET /play/reconnect/")
	l.until(`document.querySelector("` + frames + `.frames-list").getAttribute("aria-activedescendant") === document.querySelector('` + selected + `').id`)
	l.until(`location.hash.startsWith("#frame=1.client.0")`)

	// From byte to byte, to the byte's field, along the fields, and back.
	l.tabTo(frames + `[role="gridcell"]`)
	l.shows(frames+".bytes-status", `47 = 71 “G”.*http\.request\.method`)
	for range 4 { // over "GET" and the space
		l.press(kb.ArrowRight)
	}
	l.shows(frames+".bytes-status", `2f = 47 “/”.*http\.request\.uri`)
	l.press(kb.Enter)
	l.hasFocus(frames + ".field button")
	l.shows(frames+".field.on .field-name", `^http\.request\.uri$`)
	l.press(kb.ArrowDown)
	l.press(kb.ArrowDown)
	l.shows(frames+".field.on .field-name", `^http\.request\.version$`)
	l.press(kb.Enter)
	l.hasFocus(frames + `[role="gridcell"]`)
	l.shows(frames+".bytes-status", `48 = 72 “H”.*http\.request\.version`)

	// And on: nothing holds the keyboard.
	l.tabTo(`footer a, nav.neighbours a`)
}
