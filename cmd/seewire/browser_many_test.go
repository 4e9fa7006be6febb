package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What the lesson on many clients says of a run. The crowds here are small and
// in a hurry; each takes its real seconds, so they run side by side.

func TestManyShowsTheWave(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	s := startSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			l := openTab(t, s.base).lesson(lang, "many?clients=60&rate=40&delay=500")
			l.run()

			l.openTimeline()
			for _, side := range []string{"SSE", "WebSocket"} {
				l.shows(sentences, side+".+"+l.word("finding.many.crash", "clients", 61))
				l.shows(sentences, side+".+"+l.word("finding.many.peak"))
				l.shows(sentences, side+".+"+l.word("finding.many.back", "clients", 61))
			}
			l.shows(sentences, "SSE.+"+l.word("finding.many.replay"))
			l.shows(sentences, "WebSocket.+"+l.word("finding.many.replay_from"))
			l.shows(sseSide+outcome, l.word("outcome.goodbye"))
			l.shows(wsSide+outcome, l.word("outcome.closed", "code", 1000))

			// The chart, in a picture, in a sentence for who doesn't see it, and
			// in numbers to compare with the next run's.
			l.until(`document.querySelectorAll("seewire-picture .wave-refused").length > 2`)
			l.shows(`seewire-picture tbody`, l.word("control.many.policy.fixed"))
			if label := eval[string](l.tab, `document.querySelector("seewire-picture svg").getAttribute("aria-label")`); !strings.Contains(label, "61") {
				t.Errorf("the chart is said to be %q", label)
			}
			if n := eval[int](l.tab, `document.querySelectorAll("seewire-picture tbody tr").length`); n != 2 {
				t.Errorf("%d rows for one run of two sides", n)
			}

			// On the wire: no number is missing, and each side said where it was.
			c := l.capture()
			checkTiling(t, c)
			for _, side := range []string{sseSide, wsSide} {
				if got := logged(l.log(side)); !consecutive(got) {
					t.Errorf("%s logged the numbers %v", side, got)
				}
			}
			requests := c.requests("sse")
			if first, last := requests[0].value("http.last_event_id"), requests[len(requests)-1].value("http.last_event_id"); first != "" || last == "" {
				t.Errorf("EventSource asked with %q first, with %q last", first, last)
			}
			sockets := c.requests("ws")
			if uri := sockets[len(sockets)-1].value("http.request.uri"); !strings.Contains(uri, "from=") {
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
	needBrowser(t)
	s := startSite(t)
	for _, c := range []struct {
		name, controls string
		check          func(l *lessonPage)
	}{
		{"jitter", "policy=jitter", func(l *lessonPage) {
			l.lacks(sentences, l.word("finding.many.out"))
			var retries []string
			for _, f := range l.capture().Frames {
				if v := f.value("sse.retry"); v != "" {
					retries = append(retries, v)
				}
			}
			if n := len(retries); n < 2 || len(slices.Compact(retries)) != n {
				l.t.Errorf("the stream said retry: %v", retries)
			}
		}},
		{"503", "full=503&rate=10", func(l *lessonPage) {
			// The page's own EventSource is one of those, or hears of them.
			l.shows(sentences, "SSE.+("+l.word("finding.many.own_503")+"|"+l.word("finding.many.gone")+")")
			l.lacks(sentences, "WebSocket[^\n]+"+l.word("finding.many.gone"))
		}},
		{"log", "log=1", func(l *lessonPage) {
			l.shows(sentences, "SSE.+"+l.word("finding.many.lost"))
			l.shows(sentences, "WebSocket.+"+l.word("finding.many.lost"))
			if got := logged(l.log(sseSide)); consecutive(got) {
				l.t.Errorf("nothing is missing among %v", got)
			}
		}},
		{"drain", "restart=drain", func(l *lessonPage) {
			l.shows(sentences, l.word("finding.many.drain", "clients", 31))
			l.lacks(sentences, l.word("finding.many.peak"))
			if got := strings.Join(l.log(wsSide), "\n"); !strings.Contains(got, "close: 1012 ") {
				l.t.Errorf("no 1012 is logged:\n%s", got)
			}
			l.hasFrames("Close 1012")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := openTab(t, s.base).lesson("en", "many?clients=30&delay=500&"+c.controls)
			l.click(runBoth)
			l.until(`document.querySelector("seewire-playground").dataset.state === "ended"`)
			l.openTimeline()
			c.check(l.in(t))
		})
	}
}

// TestManyChromiumSpreadsSockets shows what the lesson says that Chromium does
// with twenty sockets at once.
func TestManyChromiumSpreadsSockets(t *testing.T) {
	p := openSite(t)
	p.visit("/en/")
	last := await[float64](p, `new Promise(resolve => {
		const began = performance.now();
		let open = 0;
		for (let i = 0; i < 20; i++) {
			const socket = new WebSocket("`+"ws"+strings.TrimPrefix(p.base, "http")+`/play/many/ws?crowd=own&clients=64&capture=twenty-sockets");
			socket.onopen = () => ++open === 20 && resolve(performance.now() - began);
		}
	})`)
	if last < 1000 {
		t.Errorf("the last of twenty was tried after %.0f ms", last)
	}
}
