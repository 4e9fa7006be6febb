package pages

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
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
		places := placesOfRun(l)
		l.Run()
		if seen := places(); len(seen) != 1 {
			t.Errorf("before, in and after the run, Run and Stop were at %q", seen)
		}
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

		announces(t, l)
		inForcedColours(t, l)

		// A line of the log, a point of the timeline, a row and a finding lead to each other.
		second := `seewire-playground p[data-side="ws"][data-kind="log"]:nth-of-type(n + 2)`
		l.Click(second)
		l.Shows(chromium.Frames+`[role="option"][aria-selected="true"]`, "Text")
		l.Until(`document.querySelector('` + second + `').hasAttribute("data-on")`)
		l.Shows(".timeline-pill", `^\d+\.\d{3}$`)
		l.Click(`[data-part="step"] [data-action="next"]`)
		l.Until(`document.querySelector("[data-part=finding]").textContent !== ""`)
		l.Until(`document.querySelectorAll(".timeline-said[data-on]").length === 1`)

		// The chosen row is wholly in sight, between others.
		l.Until(`(() => {
			const list = document.querySelector(".frames-list").getBoundingClientRect();
			const row = document.querySelector('.frames-row[aria-selected="true"]')?.getBoundingClientRect();
			return row && row.top >= list.top && row.bottom <= list.bottom;
		})()`)
		// Every mark says what it is under the pointer, an end without bytes, too.
		l.Until(`(() => {
			const { left, top, width, height } = document.querySelector(".timeline-cut").getBoundingClientRect();
			const at = { clientX: left + width / 2, clientY: top + height / 2, pointerType: "mouse", bubbles: true };
			for (let y = 0; y < height; y += 6) {
				document.querySelector(".timeline-box").dispatchEvent(new PointerEvent("pointermove", { ...at, clientY: top + y }));
				const tip = document.querySelector(".timeline-tip");
				if (!tip.hidden && / s · ./.test(tip.textContent)) return true;
			}
			return false;
		})()`)
		onPaper(t, l)
	})

	t.Run("on a phone", func(t *testing.T) {
		p := p.In(t)
		p.Do(chromedp.EmulateViewport(390, 844))
		l := p.Lesson("zh", "reconnect?every=100&retry=100")
		places := placesOfRun(l)
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
		if seen := places(); len(seen) != 1 {
			t.Errorf("before, in and after the run, Run and Stop were at %q", seen)
		}
		helpCoversNothing(t, l)
	})
}

// placesOfRun notes, frame for frame, where in the playground Run is, or Stop while
// that is there in its place.
func placesOfRun(l *chromium.LessonPage) func() []string {
	chromium.Eval[any](l.Tab, `(() => {
		const playground = document.querySelector("seewire-playground");
		window.places = new Set();
		(function look() {
			const { left, top } = playground.getBoundingClientRect();
			for (const button of playground.querySelectorAll(".playground-actions > button")) {
				if (!button.checkVisibility({ visibilityProperty: true })) continue;
				const box = button.getBoundingClientRect();
				places.add([box.left - left, box.top - top, box.width, box.height].map(Math.round).join(" "));
			}
			requestAnimationFrame(look);
		})();
	})()`)
	return func() []string { return chromium.Eval[[]string](l.Tab, `[...places]`) }
}

// helpCoversNothing checks that what a control is for, while a finger has chosen it,
// stands over nothing that the playground says.
func helpCoversNothing(t *testing.T, l *chromium.LessonPage) {
	if _, err := chromedp.Call(l.Ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	if covers := chromium.Eval[bool](l.Tab, `(() => {
		const help = [...document.querySelectorAll(".playground-bar > .control .control-help")].find((help) => help.textContent);
		help.closest(".control").querySelector("input, select").focus({ preventScroll: true });
		const shown = help.getBoundingClientRect();
		const title = document.querySelector(".lane h3").getBoundingClientRect();
		document.activeElement.blur();
		return shown.height === 0 || shown.bottom > title.top;
	})()`); covers {
		t.Error("what a control is for covers the titles of the sides, or is not shown")
	}
}

// announces checks that a screen reader is told of which side something is, and
// finds the timeline and the frames by their headings.
func announces(t *testing.T, l *chromium.LessonPage) {
	for _, side := range []string{"sse", "ws"} {
		outcome := l.Text(`section[data-side="` + side + `"] [data-part="outcome"][role="status"]`)
		if name := l.Word("side." + side); !strings.HasPrefix(outcome, string(name)) {
			t.Errorf("of %s is announced %q", side, outcome)
		}
	}
	l.Shows(`[data-part="announced"][role="status"]`, `^(`+l.Word("side.sse")+`|`+l.Word("side.ws")+`) · \d+\.\d{3} s · .`)
	headings := l.Text("seewire-playground h3")
	for _, key := range []string{"timeline.heading", "viewer.heading", "playground.log"} {
		if !strings.Contains(headings, string(l.Word(key))) {
			t.Errorf("no heading says %q: %q", key, headings)
		}
	}
}

// inForcedColours checks that what is chosen, the bytes of a field and the sides
// can be told apart where the system has taken the page's colours away.
func inForcedColours(t *testing.T, l *chromium.LessonPage) {
	emulate(t, l, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}})
	defer emulate(t, l, emulation.SetEmulatedMediaParams{})
	same := chromium.Eval[[]string](l.Tab, `(() => {
		const style = (selector, part) => getComputedStyle(document.querySelector(selector), part);
		const rows = ["true", "false"].map((selected) => style('.frames-row[aria-selected="' + selected + '"]'));
		const tabs = ["true", "false"].map((selected) => style('.deck-head [aria-selected="' + selected + '"]'));
		const sides = ["sse", "ws"].map((side) => style('.lane[data-side="' + side + '"] h3', "::before"));
		const on = style(".byte.on"), off = style(".byte:not(.on)");
		const look = ({ backgroundColor, boxShadow, outline }) => backgroundColor + boxShadow + outline;
		const canvas = style("body").backgroundColor;
		return Object.entries({
			"rows": look(rows[0]) === look(rows[1]),
			"tabs": tabs[0].borderBlockEndColor === tabs[1].borderBlockEndColor,
			"sides": sides[0].borderRadius === sides[1].borderRadius,
			"the sides' marks and the page": sides[0].backgroundColor === canvas,
			"bytes": look(on) === look(off),
		}).filter(([, same]) => same).map(([what]) => what);
	})()`)
	if len(same) > 0 {
		t.Errorf("in forced colours can't be told apart: %q", same)
	}
}

// onPaper checks that a printed lesson has its recorded run, and how many sheets
// of A4 it takes.
func onPaper(t *testing.T, l *chromium.LessonPage) {
	func() {
		emulate(t, l, emulation.SetEmulatedMediaParams{Media: "print"})
		defer emulate(t, l, emulation.SetEmulatedMediaParams{})
		if !chromium.Eval[bool](l.Tab, `document.querySelector(".recorded-run summary").checkVisibility()`) {
			t.Error("the recorded run is not printed")
		}
	}()
	if n := l.Sheets(); n > 9 {
		t.Errorf("the lesson takes %d sheets", n)
	}
	// The run's capture, with every byte and field of some 33 frames.
	l.Visit("/en/captures/" + l.Text(`[data-part="capture"]`))
	if n := l.Sheets(); n > 6 {
		t.Errorf("the capture takes %d sheets", n)
	}
}

func emulate(t *testing.T, l *chromium.LessonPage, media emulation.SetEmulatedMediaParams) {
	t.Helper()
	if _, err := chromedp.Call(l.Ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
}

// On a phone the tabs are all in sight, whatever the feed says beside them.
func TestTheFeedLeavesTheTabsInSight(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Do(chromedp.EmulateViewport(390, 844))
	for _, lang := range []string{"en", "zh"} {
		l := p.Lesson(lang, "reconnect")
		states := 0
		for key, says := range l.Words {
			if !strings.HasPrefix(key, "playground.feed.") {
				continue
			}
			states++
			if cut := chromium.Eval[bool](l.Tab, fmt.Sprintf(`(() => {
				document.querySelector('[data-part="watching"]').textContent = %q;
				const tabs = document.querySelector(".deck-head .tabs");
				return tabs.scrollWidth > tabs.clientWidth;
			})()`, says)); cut {
				t.Errorf("%q takes the end of the tabs away", says)
			}
		}
		if states < 5 {
			t.Errorf("there are words for %d states of the feed", states)
		}
	}
}
