package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The lesson in which the learner's own browser measures.

const measured = `seewire-picture `

// medians are what stands above a chart: SSE's, then WebSocket's, in ms.
func (l *lessonPage) medians(kind string) (sse, ws float64) {
	l.t.Helper()
	list := eval[[]string](l.tab, fmt.Sprintf(`[...document.querySelectorAll('%s[data-kind="%s"] .measurement-medians span')].map(e => e.textContent)`, measured, kind))
	if len(list) != 2 {
		l.t.Fatalf("%s: the medians are %q", kind, list)
	}
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(regexp.MustCompile(`-?[\d.]+`).FindString(text), 64)
		if err != nil {
			l.t.Fatalf("%s: %v", kind, err)
		}
		return n
	}
	return number(list[0]), number(list[1])
}

// drawn waits for the charts, and reports how many of them have ink of both sides' colours.
func (l *lessonPage) drawn() int {
	l.t.Helper()
	l.until(`document.querySelectorAll("` + measured + `.measurement-chart:has(canvas)").length > 0 && !document.querySelector("` + measured + `.measurement-chart:not(:has(canvas))")`)
	// What is drawn is there a frame later.
	await[bool](l.tab, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
	return eval[int](l.tab, `[...document.querySelectorAll("`+measured+`canvas")].filter(canvas => {
		const style = getComputedStyle(document.documentElement);
		const probe = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
		const colours = ["--sse", "--ws"].map(name => {
			probe.fillStyle = style.getPropertyValue(name).trim();
			probe.fillRect(0, 0, 1, 1);
			return probe.getImageData(0, 0, 1, 1).data.slice(0, 3).join();
		});
		probe.clearRect(0, 0, 1, 1);
		probe.drawImage(canvas, 0, 0);
		const { data } = probe.getImageData(0, 0, canvas.width, canvas.height);
		const seen = new Set();
		for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
		return colours.every(colour => seen.has(colour));
	}).length`)
}

func TestMeasureShowsDistributions(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			l := p.in(t).lesson(lang, "measure?rounds=6&every=1")
			const loaded = `performance.getEntriesByType("resource").some(entry => entry.name.endsWith("vendor/uplot.js"))`
			if eval[bool](l.tab, loaded) {
				t.Error("the charts were loaded before there is anything to draw")
			}
			l.run()

			// 6 connections, 6 first messages, 60 pushed, 60 round trips, on each side.
			l.shows(measured+`.measurement-count`, "132.+132")
			if n := l.drawn(); n != 4 {
				t.Errorf("%d charts have both sides in them, want 4", n)
			}
			if !eval[bool](l.tab, loaded) {
				t.Error("the charts were drawn by something else")
			}
			for _, kind := range []string{"connect", "first", "push", "roundTrip"} {
				n := map[string]int{"connect": 6, "first": 6, "push": 60, "roundTrip": 60}[kind]
				label := eval[string](l.tab, fmt.Sprintf(`document.querySelector('%s[data-kind="%s"] [role="img"]').ariaLabel`, measured, kind))
				want := l.word("picture.measure.kind."+kind) + ".+" + l.word("picture.measure.said", "side", "SSE", "n", n) + ".+" + l.word("picture.measure.said", "side", "WebSocket", "n", n)
				if !regexp.MustCompile(want).MatchString(label) {
					t.Errorf("the chart is described as %q, want %q", label, want)
				}
			}
			// What the lesson says of round trips from a page.
			if sse, ws := l.medians("roundTrip"); sse <= ws {
				t.Errorf("a POST took %v ms and a message %v", sse, ws)
			}
			l.shows(measured+`[data-side="ws"] td`, l.word("picture.measure.on_wire", "count", 52, "text", 50))
			l.shows(measured+`[data-side="ws"] td`, l.word("picture.measure.on_wire", "count", 38, "text", 32))
			l.shows(measured+`[data-side="sse"] td`, l.word("picture.measure.on_wire", "count", 64, "text", 50))
			l.shows(measured+".measurement-notes", l.word("picture.measure.note.step")+".*"+l.word("picture.measure.note.clocks")+".*"+l.word("picture.measure.note.few", "n", 6))
			l.lacks(measured+".measurement-notes", l.word("picture.measure.note.hidden"))

			l.openTimeline()
			l.shows(sentences, l.word("finding.measure.push"))
			l.shows(sentences, l.word("finding.measure.sse_trip"))
			l.shows(sentences, l.word("finding.measure.ws_trip"))
			// Seven streams; what Chromium finds open is its own affair.
			l.shows(sentences, l.word("finding.measure.reused", "streams", 7))

			// The sides took turns: each connected when the other was done.
			var order []string
			for _, f := range l.capture().Frames {
				uri, _, _ := strings.Cut(f.value("http.request.uri"), "?")
				if strings.HasSuffix(uri, "/sse") || strings.HasSuffix(uri, "/ws") {
					order = append(order, uri)
				}
			}
			if len(order) != 14 {
				t.Fatalf("%d connections, want 14: %q", len(order), order)
			}
			for i := range order[1:] {
				if order[i] == order[i+1] {
					t.Errorf("the sides did not take turns: %q", order)
					break
				}
			}
			checkTiling(t, l.capture())

			// It is kept for the lesson that asks about all runs.
			kept := eval[string](l.tab, `localStorage.getItem("seewire/own/measure")`)
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
	l := openSite(t).lesson("en", "measure?rounds=1&each=2&every=0")
	l.run()
	eval[bool](l.tab, `navigator.clipboard.writeText = async text => { window.copied = text }, true`)
	l.click(measured + `[data-copy="tsv"]`)
	l.until("window.copied")
	rows := strings.Split(strings.TrimSpace(eval[string](l.tab, "window.copied")), "\n")
	if len(rows) != 1+8+6 {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	if got := strings.Split(rows[0], "\t"); !slices.Equal(got, []string{"What", "Side", "n", "min", "p50", "p90", "p99", "max"}) {
		t.Errorf("the columns are %q", got)
	}
	if got := strings.Split(rows[7], "\t"); got[1] != "SSE" || got[2] != "2" || got[5] != "–" {
		t.Errorf("the seventh row is %q", got)
	}
	eval[bool](l.tab, `delete window.copied`)
	l.click(measured + `[data-copy="markdown"]`)
	l.until("window.copied")
	markdown := eval[string](l.tab, "window.copied")
	if !strings.HasPrefix(markdown, "| What | Side | n |") || !strings.Contains(markdown, "\n| --- | --- |") || strings.Count(markdown, "\n") != 16 {
		t.Errorf("as Markdown:\n%s", markdown)
	}
}

// Stop keeps what was measured, and the page says that it was not all of it.
func TestMeasureStops(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "measure?rounds=25&each=40&every=20")
	l.click(runBoth)
	l.until(`["sse", "ws"].every(side => document.querySelector("#playground").recording.reports.some(r => r.side === side && r.kind === "report"))`)
	if n := eval[int](l.tab, `document.querySelectorAll("`+measured+`canvas").length`); n != 0 {
		t.Errorf("%d charts were drawn while it measures", n)
	}
	l.shows(measured+`.measurement-count`, "[1-9].* of 2050 samples") // in each bar
	// Somebody looks at something else in the meantime.
	eval[bool](l.tab, `Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true }), document.dispatchEvent(new Event("visibilitychange"))`)
	eval[bool](l.tab, `delete document.visibilityState`)
	l.click(measured + `[data-action="stop"]`)
	l.ended("stopped")
	l.shows(measured+".measurement-status", l.word("picture.measure.part", "all", 25))
	l.shows(measured+".measurement-notes", l.word("picture.measure.note.hidden"))
	l.drawn()

	// With nothing measured there is nothing to draw.
	l.click(runBoth)
	l.click(stopRun)
	l.ended("stopped")
	l.shows(measured+".measurement-status", l.word("picture.measure.nothing"))
}

// A connection that is lost ends a side's measurements, and the run with them:
// neither side waits for ever for its turn.
func TestMeasureEndsWhenTheServerDoes(t *testing.T) {
	t.Parallel()
	// A stream may last for a second, and would push for two.
	l := openSite(t, "-limit", "1s").lesson("en", "measure?rounds=1&each=40&every=50")
	l.run()
	for _, side := range []string{sseSide, wsSide} {
		l.shows(side+outcome, "the connection was lost")
	}
	l.shows(measured+".measurement-status", l.word("picture.measure.nothing"))
}

// A delay is in both sides' round trips, and nothing is left of the factor between them.
func TestMeasureWithADelay(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "measure?rounds=1&each=3&every=0&delay=100")
	l.run()
	l.drawn()
	for _, kind := range []string{"connect", "roundTrip"} {
		if sse, ws := l.medians(kind); sse < 100 || ws < 100 {
			t.Errorf("%s: %v and %v ms, with 100 ms of delay", kind, sse, ws)
		}
	}
	l.shows(measured+".measurement-notes", l.word("picture.measure.note.delay", "ms", 100))
	l.openTimeline()
	l.shows(sentences, l.word("finding.measure.sse_delayed", "delay", 100))
	l.shows(sentences, l.word("finding.measure.ws_delayed", "delay", 100))
}
