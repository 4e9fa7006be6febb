package pages

import (
	"math"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
)

// TestTheLanguageIsSwitchedInTheMiddle goes from English to Chinese and back.
func TestTheLanguageIsSwitchedInTheMiddle(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	p.Expect("preloaded") // the recorded run, which is not shown where there is another
	home := func(want string) {
		t.Helper()
		p.Visit("/")
		if got := chromium.Eval[string](p, `location.pathname`); got != want {
			t.Errorf("/ leads to %s, want %s", got, want)
		}
	}
	home("/en/") // what the browser asks for

	l := p.Lesson("en", "reconnect?cut=3&every=50")
	l.Fill("#control-total", "7")
	l.Click(chromium.RunBoth)
	l.Ended("done")
	place := func() float64 {
		return chromium.Eval[float64](p, `document.getElementById("why").getBoundingClientRect().top`)
	}
	chromium.Eval[any](p, `document.getElementById("why").scrollIntoView()`)
	before := place()
	for _, lang := range []string{"zh", "en"} {
		// The switch is out of view, at the top: the keyboard gets there.
		chromium.Eval[any](p, `document.querySelector("seewire-language a").focus({preventScroll: true})`)
		p.Press("\r")
		p.Until(`location.pathname === "/` + lang + `/lessons/reconnect"`)
		l = p.At(lang)
		l.Ready()

		if got := l.Address(); !strings.Contains(got, "cut=3") || !strings.Contains(got, "every=50") || !strings.Contains(got, "total=7") {
			t.Errorf("%s: the address has the controls %q", lang, got)
		}
		for name, want := range map[string]string{"cut": "3", "every": "50", "total": "7"} {
			if got := l.Control(name); got != want {
				t.Errorf("%s: %s is %s, want %s", lang, name, got, want)
			}
		}
		l.Until(`Math.abs(document.getElementById("why").getBoundingClientRect().top) < innerHeight / 2`)
		if after := place(); math.Abs(after-before) > 40 {
			t.Errorf("%s: the heading was %.0f px from the top and is %.0f px from it now", lang, before, after)
		}
		if lang == "zh" {
			// The run is still there, in the other language.
			l.Shows(chromium.Status, l.Word("playground.status.done"))
			l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.cut", "code", 1006))
			l.Shows(chromium.SseSide+chromium.LogLines, "7 id 7")
			l.Until(`document.querySelector("[data-part=finding]").textContent !== ""`)
			l.HasFrames("GET /play/reconnect/ws")
		}
		l.Shows(chromium.RunBoth, "^"+l.Word("playground.run_both")+"$")
		home("/" + lang + "/")
		p.Visit("/" + lang + "/lessons/reconnect?cut=3&every=50&total=7")
		l.Ready()
		chromium.Eval[any](p, `document.getElementById("why").scrollIntoView()`)
	}
}
