package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/references"
)

// slugs are the lessons that there are, in their order.
func slugs(t testing.TB) (all []string) {
	t.Helper()
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, lesson := range course.Lessons {
		if lesson.In("en") != nil {
			all = append(all, lesson.Slug)
		}
	}
	return all
}

// What a lesson may take before anybody has done anything: how many requests, and
// how many bytes on the wire, heads of responses included, beside its own text.
const (
	mostRequests = 8
	mostBeside   = 70_000
)

func TestTheFirstLoadIsSmall(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	if _, err := chromedp.Call(p.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		for _, slug := range slugs(t) {
			t.Run(lang+"/"+slug, func(t *testing.T) {
				p := p.in(t)
				l := p.lesson(lang, slug)
				l.settled()
				text, beside, list := l.seen.sizes()
				t.Logf("%d requests, %.0f bytes and the text's %.0f", len(list), beside, text)
				if beside > mostBeside {
					t.Errorf("the first load takes %.0f bytes beside the text, more than %d:\n%s", beside, mostBeside, strings.Join(list, "\n"))
				}
				if len(list) > mostRequests {
					t.Errorf("the first load takes %d requests, more than %d:\n%s", len(list), mostRequests, strings.Join(list, "\n"))
				}
				if l.seen.hasLoaded("codemirror") {
					t.Error("the editor is loaded before anybody edits")
				}
			})
		}
	}
}

// settled waits until nothing has been loaded for a while.
func (l *lessonPage) settled() {
	l.t.Helper()
	const quiet = 300 * time.Millisecond
	deadline := time.Now().Add(patience)
	for since := time.Now(); time.Since(since) < quiet; time.Sleep(20 * time.Millisecond) {
		if !l.seen.idle() {
			since = time.Now()
		}
		if since.After(deadline) {
			l.t.Fatalf("still loading: %v", l.seen.open)
		}
	}
}

func TestWithoutJavaScriptThereIsAllToRead(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		for _, slug := range slugs(t) {
			t.Run(lang+"/"+slug, func(t *testing.T) {
				p := p.in(t)
				words := readWords(t, lang)
				p.visit("/" + lang + "/lessons/" + slug)
				text := eval[string](p, `document.body.innerText`)
				for _, heading := range []string{"h1", "#look", "#why", "#break", "#exercise", "#server"} {
					if got := eval[string](p, fmt.Sprintf(`document.querySelector(%q).innerText`, heading)); len(got) < 3 {
						t.Errorf("%s says %q", heading, got)
					}
				}
				for _, want := range []string{
					words["playground.no_script"],
					words["exercise.no_script"],
					"func ",                         // the server's code
					"new WebSocket(",                // and the client's
					"curl -N '" + p.base + "/play/", // the commands for a terminal
				} {
					if !strings.Contains(text, want) {
						t.Errorf("the page does not say %q", want)
					}
				}
				// Nothing is offered that would not work.
				if n := eval[int](p, `[...document.querySelectorAll("button")].filter(b => b.checkVisibility() && b.type !== "submit").length`); n > 0 {
					t.Errorf("%d buttons that do nothing", n)
				}
				if eval[bool](p, fmt.Sprintf(`document.querySelector(%q).checkVisibility()`, runBoth)) {
					t.Error("Run is offered, and would not run")
				}
				// A frame of the recorded run unfolds to its bytes and fields.
				p.click(".recorded summary")
				if got := p.text(".recorded details[open] table"); !strings.Contains(got, "http.request.method") {
					t.Errorf("the first frame of the recorded run has the fields\n%s", got)
				}
				if n := eval[int](p, `document.querySelectorAll(".recorded li").length`); n < 8 {
					t.Errorf("the recorded run has %d frames", n)
				}
			})
		}
	}

	// The controls set the commands.
	p.visit("/en/lessons/reconnect")
	p.fill("#control-cut", "7")
	p.click(`seewire-playground button.no-script-only`)
	p.until(`location.search.includes("cut=7") && document.querySelector('code[data-command="sse"]')?.textContent.includes("cut=7")`)
}

// TestPagesLoadWithoutComplaint visits what the other tests pass by: a page
// that complained or spoke to another host fails the test that opened it.
func TestPagesLoadWithoutComplaint(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, lang := range []string{"en", "zh"} {
		for _, path := range []string{"/", "/fields", "/glossary"} {
			p.visit("/" + lang + path)
			p.until(`document.readyState === "complete"`)
		}
	}
	for _, slug := range slugs(t) {
		l := p.lesson("zh", slug)
		// All of it comes into view, so all of it is loaded.
		await[chromedp.Void](p, `(async () => {
			for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
				scrollTo(0, y);
				await new Promise(requestAnimationFrame);
				await new Promise(requestAnimationFrame);
			}
		})()`)
		l.settled()
		l.shows(watching, l.word("playground.feed.live"))
	}
	p.expect("404") // Chromium says so of every page with that status
	p.visit("/en/no-such-page")
	p.visit("/zh/lessons/no-such-lesson")
}
