package lessons

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
)

// One feature over both protocols: whatever happens to the line, both programs
// get every line once, and the page says what it took.
func TestChooseSurvivesBothBreaks(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "choose?every=60&beat=200")
			l.Run()
			silent := l.Words["server.choose.silent_from_here_on_with_the_connection_open"]
			var want []string
			for n := 1; n <= 12; n++ {
				want = append(want, fmt.Sprintf("%d/12 package %[1]d: ok", n))
			}
			want = append(want, "complete")
			for _, side := range []string{chromium.SseSide, chromium.WsSide} {
				got := slices.DeleteFunc(l.Log(side), func(line string) bool { return strings.Contains(line, silent) })
				if !slices.Equal(got, want) {
					t.Errorf("%s logged %q", side, got)
				}
				if len(got) == len(l.Log(side)) {
					t.Errorf("%s: the server's log is not there", side)
				}
			}
			l.OpenTimeline()
			for _, side := range []string{"SSE", "WebSocket"} {
				for _, finding := range []chromium.Pattern{
					l.Word("finding.choose.reset", "from", 4),
					l.Word("finding.choose.silence", "from", 8),
					l.Word("finding.choose.complete", "lines", 12), // on a slow machine some came twice
				} {
					l.Shows(chromium.Sentences, chromium.Pattern(side)+".+"+finding)
				}
			}
		})
	}
}

// A claim has its run one click away, and afterwards what that run has shown.
func TestAClaimIsOneClickFromItsRun(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "choose")
			l.Do(chromedp.ScrollIntoView(chromedp.CSS("#claim-reconnect .runs a:last-child")))
			l.Click("#claim-reconnect .runs a:last-child")
			l.Until(`location.pathname.endsWith("/lessons/reconnect") && document.querySelector("seewire-playground") !== null`)
			l.Ended("done")
			if query := l.Address(); query != "?cut=5&how=500" {
				t.Errorf("the run was of %s", query)
			}
			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.reconnect.status"))
			l.Until(`"finding.reconnect.status" in JSON.parse(localStorage.getItem("seewire/own/reconnect") ?? "{}")`)

			l = p.In(t).Lesson(lang, "choose")
			l.Do(chromedp.ScrollIntoView(chromedp.CSS("#claim-reconnect seewire-claim-evidence")))
			l.Shows("#claim-reconnect seewire-claim-evidence", l.Word("claim.own"))
			l.Shows("#claim-reconnect seewire-claim-evidence", l.Word("finding.reconnect.status"))
			l.Do(chromedp.ScrollIntoView(chromedp.CSS("#verdicts")))
			l.Shows(`#verdicts tr:has(a[href="#claim-reconnect"]) td.verdict`, "^"+l.Word("claim.partly")+"$")
			l.Shows(`#verdicts tr:has(a[href="#claim-reconnect"]) seewire-claim-evidence`, l.Word("finding.reconnect.status"))
			l.Shows(`#verdicts tr:has(a[href="#claim-post"]) seewire-claim-evidence`, "^"+l.Word("claim.none")+"$")
			if n := chromium.Eval[int](l.Tab, `document.querySelectorAll("#claim-post seewire-claim-evidence p").length`); n != 0 {
				t.Errorf("a claim that was not run has %d findings", n)
			}
			chromium.Eval[any](l.Tab, `localStorage.clear()`)
		})
	}
}

// The guide says what the answers speak for, and remembers them.
func TestTheGuideWeighsAnswers(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "choose")
			l.Do(chromedp.ScrollIntoView(chromedp.CSS("seewire-guide")))
			l.Until(`document.querySelector("seewire-guide[data-ready]")`)
			answer := func(numbers ...int) {
				t.Helper()
				for i, n := range numbers {
					l.Click(fmt.Sprintf(`seewire-guide fieldset:nth-of-type(%d) label[data-option="%d"]`, i+1, n))
				}
			}
			const place = `seewire-guide [data-part="answer"]`
			answer(1)
			l.Shows(place, l.Word("guide.left", "left", 5))
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
				l.Shows(place+" .choice", "^"+l.Word("guide."+c.choice)+"$")
			}
			// What was answered is there again.
			l = p.In(t).Lesson(lang, "choose")
			l.Do(chromedp.ScrollIntoView(chromedp.CSS("seewire-guide")))
			l.Shows(place+" .choice", l.Word("guide.eventsource"))
			chromium.Eval[any](l.Tab, `localStorage.clear()`)
		})
	}
}
