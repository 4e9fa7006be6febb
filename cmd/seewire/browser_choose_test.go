package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// One feature over both protocols: whatever happens to the line, both programs
// get every line once, and the page says what it took.
func TestChooseSurvivesBothBreaks(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "choose?every=60&beat=200")
			l.run()
			silent := l.words["server.choose.silent_from_here_on_with_the_connection_open"]
			var want []string
			for n := 1; n <= 12; n++ {
				want = append(want, fmt.Sprintf("%d/12 package %[1]d: ok", n))
			}
			want = append(want, "complete")
			for _, side := range []string{sseSide, wsSide} {
				got := slices.DeleteFunc(l.log(side), func(line string) bool { return strings.Contains(line, silent) })
				if !slices.Equal(got, want) {
					t.Errorf("%s logged %q", side, got)
				}
				if len(got) == len(l.log(side)) {
					t.Errorf("%s: the server's log is not there", side)
				}
			}
			l.openTimeline()
			for _, side := range []string{"SSE", "WebSocket"} {
				for _, finding := range []pattern{
					l.word("finding.choose.reset", "from", 4),
					l.word("finding.choose.silence", "from", 8),
					l.word("finding.choose.complete", "lines", 12, "twice", 0),
				} {
					l.shows(sentences, pattern(side)+".+"+finding)
				}
			}
		})
	}
}

// A claim has its run one click away, and afterwards what that run has shown.
func TestAClaimIsOneClickFromItsRun(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "choose")
			l.do(chromedp.ScrollIntoView(chromedp.CSS("#claim-reconnect .runs a:last-child")))
			l.click("#claim-reconnect .runs a:last-child")
			l.until(`location.pathname.endsWith("/lessons/reconnect") && document.querySelector("seewire-playground") !== null`)
			l.ended("done")
			if query := l.address(); query != "?cut=5&how=500" {
				t.Errorf("the run was of %s", query)
			}
			l.openTimeline()
			l.shows(sentences, l.word("finding.reconnect.status"))

			l = p.in(t).lesson(lang, "choose")
			l.do(chromedp.ScrollIntoView(chromedp.CSS("#claim-reconnect seewire-claim-evidence")))
			l.shows("#claim-reconnect seewire-claim-evidence", l.word("claim.own"))
			l.shows("#claim-reconnect seewire-claim-evidence", l.word("finding.reconnect.status"))
			l.do(chromedp.ScrollIntoView(chromedp.CSS("#verdicts")))
			l.shows(`#verdicts tr:has(a[href="#claim-reconnect"]) td.verdict`, "^"+l.word("claim.partly")+"$")
			l.shows(`#verdicts tr:has(a[href="#claim-reconnect"]) seewire-claim-evidence`, l.word("finding.reconnect.status"))
			l.shows(`#verdicts tr:has(a[href="#claim-post"]) seewire-claim-evidence`, "^"+l.word("claim.none")+"$")
			if n := eval[int](l.tab, `document.querySelectorAll("#claim-post seewire-claim-evidence p").length`); n != 0 {
				t.Errorf("a claim that was not run has %d findings", n)
			}
			eval[any](l.tab, `localStorage.clear()`)
		})
	}
}

// The guide says what the answers speak for, and remembers them.
func TestTheGuideWeighsAnswers(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "choose")
			l.do(chromedp.ScrollIntoView(chromedp.CSS("seewire-guide")))
			l.until(`document.querySelector("seewire-guide[data-ready]")`)
			answer := func(numbers ...int) {
				t.Helper()
				for i, n := range numbers {
					l.click(fmt.Sprintf(`seewire-guide fieldset:nth-of-type(%d) label[data-option="%d"]`, i+1, n))
				}
			}
			const place = `seewire-guide [data-part="answer"]`
			answer(1)
			l.shows(place, l.word("guide.left", "left", 5))
			for _, c := range []struct {
				answers []int
				choice  string
			}{
				{[]int{1, 3, 2, 1, 1, 2}, "websocket"},
				{[]int{1, 2, 1, 2, 2, 1}, "fetch"}, // a chat
				{[]int{2, 1, 1, 1, 1, 1}, "poll"},  // a dashboard that changes once a minute
				{[]int{1, 1, 1, 1, 1, 1}, "eventsource"},
			} {
				answer(c.answers...)
				l.shows(place+" .choice", "^"+l.word("guide."+c.choice)+"$")
			}
			// What was answered is there again.
			l = p.in(t).lesson(lang, "choose")
			l.do(chromedp.ScrollIntoView(chromedp.CSS("seewire-guide")))
			l.shows(place+" .choice", l.word("guide.eventsource"))
			eval[any](l.tab, `localStorage.clear()`)
		})
	}
}
