package main

import (
	"math"
	"strings"
	"testing"
)

// TestTheLanguageIsSwitchedInTheMiddle goes from English to Chinese and back.
func TestTheLanguageIsSwitchedInTheMiddle(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	home := func(want string) {
		t.Helper()
		p.visit("/")
		if got := eval[string](p, `location.pathname`); got != want {
			t.Errorf("/ leads to %s, want %s", got, want)
		}
	}
	home("/en/") // what the browser asks for

	l := p.lesson("en", "reconnect?cut=3&every=200")
	l.fill("#control-total", "7")
	place := func() float64 {
		return eval[float64](p, `document.getElementById("why").getBoundingClientRect().top`)
	}
	eval[any](p, `document.getElementById("why").scrollIntoView()`)
	before := place()
	for _, lang := range []string{"zh", "en"} {
		// The switch is out of view, at the top: the keyboard gets there.
		eval[any](p, `document.querySelector("seewire-language a").focus({preventScroll: true})`)
		p.press("\r")
		p.until(`location.pathname === "/` + lang + `/lessons/reconnect"`)
		l = &lessonPage{p, lang, readWords(t, lang)}
		l.ready()

		if got := l.address(); !strings.Contains(got, "cut=3") || !strings.Contains(got, "every=200") || !strings.Contains(got, "total=7") {
			t.Errorf("%s: the address has the controls %q", lang, got)
		}
		for name, want := range map[string]string{"cut": "3", "every": "200", "total": "7"} {
			if got := l.control(name); got != want {
				t.Errorf("%s: %s is %s, want %s", lang, name, got, want)
			}
		}
		l.until(`Math.abs(document.getElementById("why").getBoundingClientRect().top) < innerHeight / 2`)
		if after := place(); math.Abs(after-before) > 40 {
			t.Errorf("%s: the heading was %.0f px from the top and is %.0f px from it now", lang, before, after)
		}
		l.shows(runBoth, "^"+l.word("playground.run_both")+"$")
		home("/" + lang + "/")
		p.visit("/" + lang + "/lessons/reconnect?cut=3&every=200&total=7")
		l.ready()
		eval[any](p, `document.getElementById("why").scrollIntoView()`)
	}
}
