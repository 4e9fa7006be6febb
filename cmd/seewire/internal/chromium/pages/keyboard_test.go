package pages

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"seewire/cmd/seewire/internal/chromium"
)

// TestTheKeyboardAlone uses no mouse from the address bar on.
func TestTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "reconnect?cut=0&every=200&total=100")

	// The first stop skips what is the same on every page.
	l.Press(kb.Tab)
	l.HasFocus("a.skip")
	l.Press(kb.Enter)
	l.HasFocus("main")

	// Predict, run, stop.
	l.TabTo(`seewire-predict input[type="radio"]`)
	l.Press(" ")
	l.Until(`document.querySelector("seewire-predict input:checked")`)
	l.TabTo(chromium.RunBoth)
	l.Press(kb.Enter)
	l.Running()
	l.Until(fmt.Sprintf(`document.querySelectorAll(%q).length > 3`, chromium.WsSide+chromium.LogLines))
	l.Shows(chromium.Status, l.Word("playground.status.running"))
	l.TabTo(chromium.StopRun)
	l.Press(" ")
	l.Ended("stopped")

	// The editor is opened, written in, and left in both directions.
	l.TabTo("#tab-frames")
	l.Press(kb.ArrowRight)
	l.HasFocus("#tab-code")
	l.TabTo(sseCode + ` [data-action="edit"]`)
	l.Press(kb.Enter)
	l.Until(chromium.InEditor)
	l.Press("// mine ")
	l.Until(fmt.Sprintf(`document.querySelector(%q).value.startsWith("// mine ")`, sseCode))
	l.Press(kb.Escape)
	l.Press(kb.Tab)
	l.Until("!(" + chromium.InEditor + ")")
	l.Press(kb.Tab, chromedp.ModifierShift)
	l.Until(chromium.InEditor)
	l.Press(kb.Tab, chromedp.ModifierShift)
	l.HasFocus(sseCode + ` [data-action="restore"]`)
	l.Press(kb.Enter)
	l.Until(fmt.Sprintf(`!document.querySelector(%q).edited`, sseCode))

	// Another file by the arrow keys.
	l.TabTo(`[id="tab-ws-ws.js"]`)
	l.Press(kb.ArrowRight)
	l.HasFocus(`[id="tab-ws-ws_reconnect.js"][aria-selected="true"]`)

	// A frame is chosen: the newest, then the one before it.
	l.Press(kb.Escape)
	for !chromium.Eval[bool](l.Tab, `document.activeElement.matches("#tab-code")`) {
		l.Press(kb.Tab, chromedp.ModifierShift)
	}
	l.Press(kb.ArrowLeft)
	l.TabTo(chromium.Frames + ".frames-list")
	l.Press(kb.Home)
	selected := chromium.Frames + `[role="option"][aria-selected="true"]`
	l.Shows(selected, "○")
	l.Press(kb.ArrowDown)
	l.Shows(selected, "GET /play/reconnect/")
	l.Until(`document.querySelector("` + chromium.Frames + `.frames-list").getAttribute("aria-activedescendant") === document.querySelector('` + selected + `').id`)
	l.Until(`location.hash.startsWith("#frame=1.client.0")`)
	goesOnWithoutLayouts(t, l)

	// From byte to byte, to the byte's field, along the fields, and back.
	l.TabTo(chromium.Frames + `[role="gridcell"]`)
	l.Shows(chromium.Frames+".bytes-status", `47 = 71 “G”.*http\.request\.method`)
	for range 4 { // over "GET" and the space
		l.Press(kb.ArrowRight)
	}
	l.Shows(chromium.Frames+".bytes-status", `2f = 47 “/”.*http\.request\.uri`)
	l.Press(kb.Enter)
	l.HasFocus(chromium.Frames + ".field button")
	l.Shows(chromium.Frames+".field.on .field-name", `^http\.request\.uri$`)
	l.Press(kb.ArrowDown)
	l.Press(kb.ArrowDown)
	l.Shows(chromium.Frames+".field.on .field-name", `^http\.request\.version$`)
	l.Press(kb.Enter)
	l.HasFocus(chromium.Frames + `[role="gridcell"]`)
	l.Shows(chromium.Frames+".bytes-status", `48 = 72 “H”.*http\.request\.version`)

	// And on: nothing holds the keyboard.
	l.TabTo(`footer a, nav.neighbours a`)
}

// goesOnWithoutLayouts goes from row to row without waiting for a picture: a key costs
// no layout of the document, which would have to be made anew after each. There are
// those of the pictures before and after alone.
func goesOnWithoutLayouts(t *testing.T, l *chromium.LessonPage) {
	t.Helper()
	if _, err := chromedp.Call(l.Ctx, performance.Enable, performance.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	layouts := func() (count float64) {
		result, err := chromedp.Call(l.Ctx, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range result.Metrics {
			if m.Name == "LayoutCount" {
				count = m.Value
			}
		}
		return count
	}
	const keys = 200
	before := layouts()
	chosen := chromium.Eval[int](l.Tab, fmt.Sprintf(`(() => {
		const list = document.querySelector("%s.frames-list");
		const chosen = new Set();
		for (let i = 0; i < %d; i++) {
			list.dispatchEvent(new KeyboardEvent("keydown", { key: i %% 2 ? "ArrowUp" : "ArrowDown", bubbles: true, cancelable: true }));
			chosen.add(list.getAttribute("aria-activedescendant"));
		}
		return chosen.size;
	})()`, chromium.Frames, keys))
	if made := layouts() - before; chosen != 2 || made == 0 && before == 0 || made > keys/2 {
		t.Errorf("%d keys chose %d rows, and the document was laid out %v times", keys, chosen, made)
	}
	l.Shows(chromium.Frames+".frames-title", "GET /play/reconnect/")
	l.Shows(chromium.Frames+".field-name", `http\.request\.method`)
}
