package lessons

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// What the lesson on many clients says of a run. The crowds here are small and
// in a hurry; each takes its real seconds, so they run side by side.

func TestManyShowsTheWave(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			l := chromium.OpenTab(t, s.Base).Lesson(lang, "many?clients=60&rate=40&delay=500")
			l.Run()

			l.OpenTimeline()
			for _, side := range []string{"SSE", "WebSocket"} {
				l.Shows(chromium.Sentences, side+".+"+l.Word("finding.many.crash", "clients", 61))
				l.Shows(chromium.Sentences, side+".+"+l.Word("finding.many.peak"))
				l.Shows(chromium.Sentences, side+".+"+l.Word("finding.many.back", "clients", 61))
			}
			l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.many.replay"))
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.many.replay_from"))
			l.Shows(chromium.SseSide+chromium.Outcome, l.Word("outcome.goodbye"))
			l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.closed", "code", 1000))

			// The chart, in a picture, in a sentence for who doesn't see it, and
			// in numbers to compare with the next run's.
			l.Until(`document.querySelectorAll("seewire-picture .wave-refused").length > 2`)
			l.Shows(`seewire-picture tbody`, l.Word("control.many.policy.fixed"))
			if label := chromium.Eval[string](l.Tab, `document.querySelector("seewire-picture svg").getAttribute("aria-label")`); !strings.Contains(label, "61") {
				t.Errorf("the chart is said to be %q", label)
			}
			if n := chromium.Eval[int](l.Tab, `document.querySelectorAll("seewire-picture tbody tr").length`); n != 2 {
				t.Errorf("%d rows for one run of two sides", n)
			}

			// The wave and the timeline have one axis and one line of time, and a bar
			// leads to the message that told of it.
			const apart = `Math.abs(document.querySelector(".wave-head").getBoundingClientRect().left - document.querySelector(".timeline-head").getBoundingClientRect().left)`
			l.Until(`document.querySelector(".wave-head") && ` + apart + ` < 1`)
			l.Until(`document.querySelector('seewire-picture [data-side="ws"] .wave-sample').dispatchEvent(new MouseEvent("click", {bubbles: true}))`)
			l.Shows(chromium.Frames+`[role="option"][aria-selected="true"]`, `"n":`)
			l.Until(apart + ` < 1`)

			// On the wire: no number is missing, and each side said where it was.
			c := l.Capture()
			sitetest.CheckTiling(t, c)
			for _, side := range []string{chromium.SseSide, chromium.WsSide} {
				if got := logged(l.Log(side)); !consecutive(got) {
					t.Errorf("%s logged the numbers %v", side, got)
				}
			}
			requests := c.Requests("sse")
			if first, last := requests[0].Value("http.last_event_id"), requests[len(requests)-1].Value("http.last_event_id"); first != "" || last == "" {
				t.Errorf("EventSource asked with %q first, with %q last", first, last)
			}
			sockets := c.Requests("ws")
			if uri := sockets[len(sockets)-1].Value("http.request.uri"); !strings.Contains(uri, "from=") {
				t.Errorf("the last socket asked for %s", uri)
			}
		})
	}
}

// logged are the numbers that the lines of a log begin with.
func logged(lines []string) []int {
	var numbers []int
	for _, line := range lines {
		if n, err := strconv.Atoi(strings.Fields(line)[0]); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// consecutive reports whether the numbers go 1, 2, 3 …
func consecutive(numbers []int) bool {
	for i, n := range numbers {
		if n != i+1 {
			return false
		}
	}
	return len(numbers) > 10
}

// TestManyBreaks does what the lesson invites to.
func TestManyBreaks(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	s := sitetest.Start(t)
	for _, c := range []struct {
		name, controls string
		check          func(l *chromium.LessonPage)
	}{
		{"jitter", "policy=jitter", func(l *chromium.LessonPage) {
			l.Lacks(chromium.Sentences, l.Word("finding.many.out"))
			var retries []string
			for _, f := range l.Capture().Frames {
				if v := f.Value("sse.retry"); v != "" {
					retries = append(retries, v)
				}
			}
			if n := len(retries); n < 2 || len(slices.Compact(retries)) != n {
				l.T.Errorf("the stream said retry: %v", retries)
			}
		}},
		{"503", "full=503&rate=10", func(l *chromium.LessonPage) {
			// The page's own EventSource is one of those, or hears of them.
			l.Shows(chromium.Sentences, "SSE.+("+l.Word("finding.many.own_503")+"|"+l.Word("finding.many.gone")+")")
			l.Lacks(chromium.Sentences, "WebSocket[^\n]+"+l.Word("finding.many.gone"))
		}},
		{"log", "log=1", func(l *chromium.LessonPage) {
			l.Shows(chromium.Sentences, "SSE.+"+l.Word("finding.many.lost"))
			l.Shows(chromium.Sentences, "WebSocket.+"+l.Word("finding.many.lost"))
			if got := logged(l.Log(chromium.SseSide)); consecutive(got) {
				l.T.Errorf("nothing is missing among %v", got)
			}
		}},
		{"drain", "restart=drain", func(l *chromium.LessonPage) {
			l.Shows(chromium.Sentences, l.Word("finding.many.drain", "clients", 31))
			l.Lacks(chromium.Sentences, l.Word("finding.many.peak"))
			if got := strings.Join(l.Log(chromium.WsSide), "\n"); !strings.Contains(got, "close: 1012 ") {
				l.T.Errorf("no 1012 is logged:\n%s", got)
			}
			l.HasFrames("Close 1012")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := chromium.OpenTab(t, s.Base).Lesson("en", "many?clients=30&delay=500&"+c.controls)
			l.Click(chromium.RunBoth)
			l.Until(`document.querySelector("seewire-playground").dataset.state === "ended"`)
			l.OpenTimeline()
			c.check(l.In(t))
		})
	}
}

// TestManyChromiumSpreadsSockets shows what the lesson says that Chromium does
// with twenty sockets at once.
func TestManyChromiumSpreadsSockets(t *testing.T) {
	p := chromium.OpenSite(t)
	p.Visit("/en/glossary")
	last := chromium.Await[float64](p, `new Promise(resolve => {
		const began = performance.now();
		let open = 0;
		for (let i = 0; i < 20; i++) {
			const socket = new WebSocket("`+"ws"+strings.TrimPrefix(p.Base, "http")+`/play/many/ws?crowd=own&clients=64&capture=twenty-sockets");
			socket.onopen = () => ++open === 20 && resolve(performance.now() - began);
		}
	})`)
	if last < 1000 {
		t.Errorf("the last of twenty was tried after %.0f ms", last)
	}
}
