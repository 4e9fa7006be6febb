package viewer

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coder/websocket"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// more is what the viewer says of a frame beyond its bytes and fields.
const more = chromium.Frames + ".frames-background"

// TestViewerFollowsAnEvent looks at how each step of a run came about: the
// answer to the WebSocket's key, and the way of an event to the handler.
func TestViewerFollowsAnEvent(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "reconnect?cut=2&total=4&every=100&retry=200")
			l.Run()

			l.ChooseFrame("101 Switching Protocols")
			l.Shows(more, l.Word("background.accept.equal"))
			l.ChooseFrame("data: ")
			for _, step := range []string{"wrote", "parsed", "dispatched", "logged"} {
				l.Shows(more+" li", l.Word("background.story."+step))
			}
			l.Shows(more+" .story-gap", `\+\d|≈ 0 ms`)
			l.Shows(chromium.Frames+".parser", l.Word("background.dispatched", "type", "message"))
		})
	}
}

// TestOneMoreLeavesTheRestAsItLooks adds one to each place that a run fills: that is no
// reason to work out how all the others look.
func TestOneMoreLeavesTheRestAsItLooks(t *testing.T) {
	const messages = 120
	l := chromium.OpenSite(t).Lesson("en", fmt.Sprintf("reconnect?cut=0&every=50&total=%d", messages/2))
	l.Run()
	l.Until(fmt.Sprintf(`document.querySelectorAll(".timeline-point").length >= %d`, messages))
	l.Settled()
	for place, selector := range map[string]string{
		"list":     ".frames-row",
		"log":      ".log [data-at]",
		"bytes":    ".bytes-line",
		"fields":   ".fields li",
		"timeline": ".timeline-point",
	} {
		restyled := l.Restyled(fmt.Sprintf(`
			const one = document.querySelector("seewire-playground " + %q);
			one.after(one.cloneNode(true));`, selector))
		if restyled == 0 || restyled > messages/2 {
			t.Errorf("one more in the %s, and %d elements got a style", place, restyled)
		}
	}
}

// TestARunIsDrawnOnce counts what the timeline of a run is drawn with: what is there stays.
func TestARunIsDrawnOnce(t *testing.T) {
	t.Parallel()
	const messages = 120
	l := chromium.OpenSite(t).Lesson("en", fmt.Sprintf("reconnect?cut=0&every=50&total=%d", messages/2))
	chromium.Eval[bool](l.Tab, `(() => {
		window.drawn = 0;
		new MutationObserver((records) => {
			for (const { addedNodes } of records) drawn += addedNodes.length;
		}).observe(document.querySelector("seewire-timeline [role=listbox]"), { childList: true });
		return true;
	})()`)
	l.Run()
	l.Until(fmt.Sprintf(`document.querySelectorAll(".timeline-point").length >= %d`, messages))
	drawn, marks := chromium.Eval[int](l.Tab, `drawn`), chromium.Eval[int](l.Tab, `document.querySelectorAll("seewire-timeline [role=option]").length`)
	if drawn > 2*marks {
		t.Errorf("%d marks were drawn for the %d of the run", drawn, marks)
	}
}

// TestKeysWhileARunGoesOn goes through the frames of a run with the arrow keys while it
// goes on: each key counts. With -v it says how long the page stood still at the most.
func TestKeysWhileARunGoesOn(t *testing.T) {
	const keys = 60
	l := chromium.OpenSite(t).Lesson("en", "reconnect?cut=0&every=100&total=40")
	l.Run() // the second one finds the page's code compiled
	l.Click(chromium.RunBoth)
	l.Running()
	l.Until(fmt.Sprintf(`parseInt(document.querySelector(%q).textContent) > %d`, chromium.Frames+".frames-count", keys))
	l.Do(chromedp.Focus(chromedp.CSS(chromium.Frames + ".frames-list")))
	l.Press(kb.Home)
	longest := l.Trace()
	for range keys {
		l.Press(kb.ArrowDown)
	}
	took := longest()
	l.Until(fmt.Sprintf(`document.querySelector(%q)?.getAttribute("aria-posinset") === "%d"`, chromium.Frames+`.frames-row[aria-selected="true"]`, keys+1))
	t.Logf("the page's longest task took %v; a screen shows a picture in 16.7 ms", took)
}

// TestViewerKeepsUp has somebody send 10,000 messages to the capture that a
// page watches, and has each come back: all 20,000 frames are shown, and the
// page can be used while they come. With -v it says how long the page stood
// still at the most.
func TestViewerKeepsUp(t *testing.T) {
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	l := chromium.OpenTab(t, s.Base).Lesson("en", "one-way")
	l.Do(chromedp.ScrollIntoView(chromedp.CSS("seewire-playground")))
	l.Shows(chromium.Watching, l.Word("playground.feed.live"))
	longest := l.Trace()

	const messages = 10_000
	conn, _, err := websocket.Dial(t.Context(), s.Socket()+"/play/oneway/ws?capture="+l.Text(`seewire-playground [data-part="capture"]`), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for i := range messages {
		if err := conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, "message %d", i)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		if i == messages/2 { // with the flood still coming
			l.ChooseFrame("message ")
		}
	}
	conn.Close(websocket.StatusNormalClosure, "")

	// An opening, two heads, the messages both ways, two closes and the end.
	l.Until(fmt.Sprintf(`parseInt(document.querySelector(%q).textContent) >= %d`, chromium.Frames+".frames-count", 2*messages+6))
	l.Click(chromium.Frames + ".frames-follow")
	l.Shows(chromium.Frames+".frames-row", `Close 1000`)
	l.ChooseFrame(fmt.Sprintf("message %d", messages-1))
	l.Shows(chromium.Frames+".frames-title", fmt.Sprintf("message %d", messages-1))
	t.Logf("the page's longest task took %v; up to 50 ms nobody notices", longest())
}
