package lessons

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// The lesson in which the learner's own browser measures.

func TestMeasureShowsDistributions(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.In(t).Lesson(lang, "measure?rounds=6&every=1")
			const loaded = `performance.getEntriesByType("resource").some(entry => entry.name.endsWith("vendor/uplot.js"))`
			if chromium.Eval[bool](l.Tab, loaded) {
				t.Error("the charts were loaded before there is anything to draw")
			}
			l.Run()

			// 6 connections, 6 first messages, 60 pushed, 60 round trips, on each side; what
			// is asked for has no connection and no round trip of its own.
			l.Shows(chromium.Measured+`.measurement-count`, "132.+132")
			for _, way := range []string{"longpoll", "poll"} {
				l.Shows(chromium.Measured+`.measurement-bar[data-side="`+way+`"]`, "66.+66")
				for _, kind := range []string{"first", "push"} {
					l.Shows(chromium.Measured+`[data-kind="`+kind+`"] .measurement-medians [data-side="`+way+`"]`, `\d`)
				}
				// Requests and responses have their headers with every message or two.
				l.Shows(chromium.Measured+`tr[data-side="`+way+`"] td`, l.Word("picture.measure.asked", "text", 50))
			}
			if n := l.Drawn(); n != 4 {
				t.Errorf("%d charts have both sides in them, want 4", n)
			}
			if !chromium.Eval[bool](l.Tab, loaded) {
				t.Error("the charts were drawn by something else")
			}
			for _, kind := range []string{"connect", "first", "push", "roundTrip"} {
				n := map[string]int{"connect": 6, "first": 6, "push": 60, "roundTrip": 60}[kind]
				label := chromium.Eval[string](l.Tab, fmt.Sprintf(`document.querySelector('%s[data-kind="%s"] [role="img"]').ariaLabel`, chromium.Measured, kind))
				want := l.Word("picture.measure.kind."+kind) + ".+" + l.Word("picture.measure.said", "side", "SSE", "n", n) + ".+" + l.Word("picture.measure.said", "side", "WebSocket", "n", n)
				if !regexp.MustCompile(want).MatchString(label) {
					t.Errorf("the chart is described as %q, want %q", label, want)
				}
			}
			// What the lesson says of round trips from a page.
			if sse, ws := l.Medians("roundTrip"); sse <= ws {
				t.Errorf("a POST took %v ms and a message %v", sse, ws)
			}
			l.Shows(chromium.Measured+`[data-side="ws"] td`, l.Word("picture.measure.on_wire", "count", 52, "text", 50))
			l.Shows(chromium.Measured+`[data-side="ws"] td`, l.Word("picture.measure.on_wire", "count", 38, "text", 32))
			l.Shows(chromium.Measured+`[data-side="sse"] td`, l.Word("picture.measure.on_wire", "count", 64, "text", 50))
			l.Shows(chromium.Measured+".measurement-notes", l.Word("picture.measure.note.step")+".*"+l.Word("picture.measure.note.clocks")+".*"+l.Word("picture.measure.note.few", "n", 6))
			l.Lacks(chromium.Measured+".measurement-notes", l.Word("picture.measure.note.hidden"))

			l.OpenTimeline()
			l.Shows(chromium.Sentences, l.Word("finding.measure.push"))
			l.Shows(chromium.Sentences, l.Word("finding.measure.sse_trip"))
			l.Shows(chromium.Sentences, l.Word("finding.measure.ws_trip"))
			l.Shows(chromium.Sentences, l.Word("finding.measure.longpoll"))
			l.Shows(chromium.Sentences, l.Word("finding.measure.poll", "ask", 25))
			// Seven streams; what Chromium finds open is its own affair.
			l.Shows(chromium.Sentences, l.Word("finding.measure.reused", "streams", 7))

			// They took turns: each began when another was done.
			var order []string
			for _, f := range l.Capture().Frames {
				uri, query, _ := strings.Cut(f.Value("http.request.uri"), "?")
				asked, _ := url.ParseQuery(query)
				switch begins := asked.Get("after") == ""; {
				case strings.HasSuffix(uri, "/sse"), strings.HasSuffix(uri, "/ws"), strings.HasSuffix(uri, "/poll") && begins:
					order = append(order, uri+" "+asked.Get("hold"))
				}
			}
			if len(order) != 28 {
				t.Fatalf("%d rounds, want 28: %q", len(order), order)
			}
			for i := range order[4:] {
				if order[i] != order[i+4] {
					t.Errorf("they did not take turns: %q", order)
					break
				}
			}
			sitetest.CheckTiling(t, l.Capture())

			// It is kept for the lesson that asks about all runs.
			kept := chromium.Eval[string](l.Tab, `localStorage.getItem("seewire/own/measure")`)
			for _, key := range []string{"push", "sse_trip", "ws_trip"} {
				if !strings.Contains(kept, "finding.measure."+key) {
					t.Errorf("of %s nothing is kept: %s", key, kept)
				}
			}
		})
	}
}

func TestMeasureCopiesItsTable(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "measure?rounds=1&each=2&every=0")
	l.Run()
	chromium.Eval[bool](l.Tab, `navigator.clipboard.writeText = async text => { window.copied = text }, true`)
	l.Click(chromium.Measured + `[data-copy="tsv"]`)
	l.Until("window.copied")
	rows := strings.Split(strings.TrimSpace(chromium.Eval[string](l.Tab, "window.copied")), "\n")
	if len(rows) != 1+12+8 {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	if got := strings.Split(rows[0], "\t"); !slices.Equal(got, []string{"What", "Side", "n", "min", "p50", "p90", "p99", "max"}) {
		t.Errorf("the columns are %q", got)
	}
	if got := strings.Split(rows[11], "\t"); got[1] != "SSE" || got[2] != "2" || got[5] != "–" {
		t.Errorf("the eleventh row is %q", got)
	}
	chromium.Eval[bool](l.Tab, `delete window.copied`)
	l.Click(chromium.Measured + `[data-copy="markdown"]`)
	l.Until("window.copied")
	markdown := chromium.Eval[string](l.Tab, "window.copied")
	if !strings.HasPrefix(markdown, "| What | Side | n |") || !strings.Contains(markdown, "\n| --- | --- |") || strings.Count(markdown, "\n") != 22 {
		t.Errorf("as Markdown:\n%s", markdown)
	}
}

// Stop keeps what was measured, and the page says that it was not all of it.
func TestMeasureStops(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "measure?rounds=25&each=40&every=20")
	l.Click(chromium.RunBoth)
	l.Until(`["sse", "ws"].every(side => document.querySelector("#playground").recording.reports.some(r => r.side === side && r.kind === "report"))`)
	if n := chromium.Eval[int](l.Tab, `document.querySelectorAll("`+chromium.Measured+`canvas").length`); n != 0 {
		t.Errorf("%d charts were drawn while it measures", n)
	}
	l.Shows(chromium.Measured+`.measurement-bar:is([data-side="sse"], [data-side="ws"])`, "[1-9].* of 2050 samples") // in each bar
	// Somebody looks at something else in the meantime.
	chromium.Eval[bool](l.Tab, `Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true }), document.dispatchEvent(new Event("visibilitychange"))`)
	chromium.Eval[bool](l.Tab, `delete document.visibilityState`)
	l.Click(chromium.Measured + `[data-action="stop"]`)
	l.Ended("stopped")
	l.Shows(chromium.Measured+".measurement-status", l.Word("picture.measure.part", "all", 25))
	l.Shows(chromium.Measured+".measurement-notes", l.Word("picture.measure.note.hidden"))
	l.Drawn()

	// With nothing measured there is nothing to draw. A round takes ten seconds here.
	l.Set("rounds=25&each=40&every=50&delay=200")
	l.Click(chromium.RunBoth)
	l.Stop()
	l.Ended("stopped")
	l.Shows(chromium.Measured+".measurement-status", l.Word("picture.measure.nothing"))
}

// A connection that is lost ends a side's measurements, and the run with them:
// neither side waits for ever for its turn.
func TestMeasureEndsWhenTheServerDoes(t *testing.T) {
	t.Parallel()
	// A stream may last for a second, and would push for two.
	l := chromium.OpenSite(t, "-limit", "1s").Lesson("en", "measure?rounds=1&each=40&every=50")
	l.Run()
	for _, side := range []string{chromium.SseSide, chromium.WsSide} {
		l.Shows(side+chromium.Outcome, "the connection was lost")
	}
	// What is asked for in requests of its own has no limit to meet.
	l.Shows(chromium.Measured+".measurement-status", l.Word("picture.measure.part", "all", 1, "sse", 0, "longpoll", 1, "poll", 1, "ws", 0))
}

// A delay is in both sides' round trips, and nothing is left of the factor between them.
func TestMeasureWithADelay(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "measure?rounds=1&each=3&every=0&delay=100")
	l.Run()
	l.Drawn()
	for _, kind := range []string{"connect", "roundTrip"} {
		if sse, ws := l.Medians(kind); sse < 100 || ws < 100 {
			t.Errorf("%s: %v and %v ms, with 100 ms of delay", kind, sse, ws)
		}
	}
	l.Shows(chromium.Measured+".measurement-notes", l.Word("picture.measure.note.delay", "ms", 100))
	l.OpenTimeline()
	l.Shows(chromium.Sentences, l.Word("finding.measure.sse_delayed", "delay", 100))
	l.Shows(chromium.Sentences, l.Word("finding.measure.ws_delayed", "delay", 100))
}
