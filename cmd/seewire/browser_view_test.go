package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Run and what comes of it are in one view, and what is chosen in one place is
// chosen in all.
func TestOneView(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	top := func(l *lessonPage, selector string) float64 {
		return eval[float64](l.tab, `document.querySelector('`+selector+`').getBoundingClientRect().top`)
	}
	under := func(l *lessonPage, selector string) float64 {
		return top(l, selector) - eval[float64](l.tab, `document.querySelector('`+runBoth+`').getBoundingClientRect().bottom`)
	}

	t.Run("on a desktop", func(t *testing.T) {
		p := p.in(t)
		p.do(chromedp.EmulateViewport(1280, 800))
		l := p.lesson("en", "reconnect?every=50&retry=100")
		l.run()
		// The frame that answers the lesson's question is chosen, at its field.
		const id = `^http\.last_event_id$`
		l.shows(frames+".field.on .field-name", id)
		l.shows(frames+`[role="option"][aria-selected="true"]`, "Last-Event-ID: 5")
		l.shows(`[data-part="finding"]`, l.word("finding.reconnect.resumed", "id", 5))
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
		l.click(second)
		l.shows(frames+`[role="option"][aria-selected="true"]`, "Text")
		l.until(`document.querySelector('` + second + `').hasAttribute("data-on")`)
		l.shows(".timeline-pill", `^\d+\.\d{3}$`)
		l.click(`[data-part="step"] [data-action="next"]`)
		l.until(`document.querySelector("[data-part=finding]").textContent !== ""`)
		l.until(`document.querySelector(".timeline-said[data-on]")`)
	})

	t.Run("on a phone", func(t *testing.T) {
		p := p.in(t)
		p.do(chromedp.EmulateViewport(390, 844))
		l := p.lesson("zh", "reconnect?every=100&retry=100")
		l.click(runBoth)
		l.running()
		// As soon as the log has lines of this run, the timeline shows it, too.
		l.until(`document.querySelectorAll("seewire-playground .log-text").length > 4 && document.querySelectorAll(".timeline-point").length > 4`)
		// How far down an event is, is when it was: the lanes begin there.
		if px := under(l, ".timeline-box"); px > 200 {
			t.Errorf("the lanes begin %v px under Run", px)
		}
		if y := top(l, ".timeline-point"); y > 844 {
			t.Errorf("the first event is out of sight, at %v px", y)
		}
		l.ended("done")
	})
}
