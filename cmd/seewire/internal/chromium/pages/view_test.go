package pages

import (
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
)

// Run and what comes of it are in one view, and what is chosen in one place is
// chosen in all.
func TestOneView(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	top := func(l *chromium.LessonPage, selector string) float64 {
		return chromium.Eval[float64](l.Tab, `document.querySelector('`+selector+`').getBoundingClientRect().top`)
	}
	under := func(l *chromium.LessonPage, selector string) float64 {
		return top(l, selector) - chromium.Eval[float64](l.Tab, `document.querySelector('`+chromium.RunBoth+`').getBoundingClientRect().bottom`)
	}

	t.Run("on a desktop", func(t *testing.T) {
		p := p.In(t)
		p.Do(chromedp.EmulateViewport(1280, 800))
		l := p.Lesson("en", "reconnect?every=50&retry=100")
		l.Run()
		// The frame that answers the lesson's question is chosen, at its field.
		const id = `^http\.last_event_id$`
		l.Shows(chromium.Frames+".field.on .field-name", id)
		l.Shows(chromium.Frames+`[role="option"][aria-selected="true"]`, "Last-Event-ID: 5")
		l.Shows(`[data-part="finding"]`, l.Word("finding.reconnect.resumed", "id", 5))
		if px := under(l, "seewire-timeline"); px > 60 {
			t.Errorf("the timeline is %v px under Run", px)
		}
		for _, selector := range []string{".frames-list", ".bytes-grid", ".field.on", `[data-part="log"]`} {
			if y := top(l, "seewire-playground "+selector); y < 0 || y > 780 {
				t.Errorf("%s begins at %v px", selector, y)
			}
		}

		// A line of the log, a point of the timeline, a row and a finding lead to each other.
		second := `seewire-playground p[data-side="ws"][data-kind="log"]:nth-of-type(n + 2)`
		l.Click(second)
		l.Shows(chromium.Frames+`[role="option"][aria-selected="true"]`, "Text")
		l.Until(`document.querySelector('` + second + `').hasAttribute("data-on")`)
		l.Shows(".timeline-pill", `^\d+\.\d{3}$`)
		l.Click(`[data-part="step"] [data-action="next"]`)
		l.Until(`document.querySelector("[data-part=finding]").textContent !== ""`)
		l.Until(`document.querySelector(".timeline-said[data-on]")`)
	})

	t.Run("on a phone", func(t *testing.T) {
		p := p.In(t)
		p.Do(chromedp.EmulateViewport(390, 844))
		l := p.Lesson("zh", "reconnect?every=100&retry=100")
		l.Click(chromium.RunBoth)
		l.Running()
		// As soon as the log has lines of this run, the timeline shows it, too.
		l.Until(`document.querySelectorAll("seewire-playground .log-text").length > 4 && document.querySelectorAll(".timeline-point").length > 4`)
		// How far down an event is, is when it was: the lanes begin there.
		if px := under(l, ".timeline-box"); px > 200 {
			t.Errorf("the lanes begin %v px under Run", px)
		}
		if y := top(l, ".timeline-point"); y > 844 {
			t.Errorf("the first event is out of sight, at %v px", y)
		}
		l.Ended("done")
	})
}
