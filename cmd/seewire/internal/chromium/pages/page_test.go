package pages

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"seewire/cmd/seewire/internal/chromium"
)

// What a lesson may take before anybody has done anything: how many requests, and
// how many bytes on the wire, heads of responses included, beside its own text.
const (
	mostRequests = 8
	mostBeside   = 70_000
)

func TestTheFirstLoadIsSmall(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	if _, err := chromedp.Call(p.Ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		for _, slug := range chromium.Slugs(t) {
			t.Run(lang+"/"+slug, func(t *testing.T) {
				p := p.In(t)
				l := p.Lesson(lang, slug)
				l.Settled()
				text, beside, list := l.Seen.Sizes()
				t.Logf("%d requests, %.0f bytes and the text's %.0f", len(list), beside, text)
				if beside > mostBeside {
					t.Errorf("the first load takes %.0f bytes beside the text, more than %d:\n%s", beside, mostBeside, strings.Join(list, "\n"))
				}
				if len(list) > mostRequests {
					t.Errorf("the first load takes %d requests, more than %d:\n%s", len(list), mostRequests, strings.Join(list, "\n"))
				}
				if l.Seen.HasLoaded("codemirror") {
					t.Error("the editor is loaded before anybody edits")
				}
				runStaysInItsPlace(t, l)
			})
		}
	}
}

// runStaysInItsPlace holds Run, and Stop in its place, against everything that is said
// beside it: whatever that is, the next press meets the same button.
func runStaysInItsPlace(t *testing.T, l *chromium.LessonPage) {
	said := map[string]string{} // what is said, by the state of the run
	for key, text := range l.Words {
		status, ok := strings.CutPrefix(key, "playground.status.")
		switch {
		case !ok:
		case status == "before" || status == "recorded" || status == "reset":
			said[text] = "idle"
		case status == "starting" || status == "late" || status == "running":
			said[text] = "running"
		default:
			said[text] = "ended"
		}
	}
	list, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{1280, 390} {
		l.Do(chromedp.EmulateViewport(width, 844))
		places := chromium.Eval[[]string](l.Tab, `(() => {
			const playground = document.querySelector("seewire-playground");
			const { state } = playground.dataset;
			const status = playground.querySelector("[data-part=status]");
			const before = status.textContent;
			const places = new Set();
			for (const [text, state] of Object.entries(`+string(list)+`)) {
				playground.dataset.state = state;
				status.textContent = text;
				const { left, top } = playground.getBoundingClientRect();
				const button = playground.querySelector("[data-action=" + (state === "running" ? "stop" : "run") + "]").getBoundingClientRect();
				places.add([button.left - left, button.top - top, button.width, button.height].map(Math.round).join(" "));
			}
			playground.dataset.state = state;
			status.textContent = before;
			return [...places];
		})()`)
		if len(places) != 1 {
			t.Errorf("at %d px Run and Stop are at %q", width, places)
		}
	}
	l.Do(chromedp.EmulateViewport(1280, 900))
}

func TestWithoutJavaScriptThereIsAllToRead(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	if _, err := chromedp.Call(p.Ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		for _, slug := range chromium.Slugs(t) {
			t.Run(lang+"/"+slug, func(t *testing.T) {
				p := p.In(t)
				words := chromium.ReadWords(t, lang)
				p.Visit("/" + lang + "/lessons/" + slug)
				text := chromium.Eval[string](p, `document.body.innerText`)
				for _, heading := range []string{"h1", "#look", "#why", "#break", "#exercise", "#server"} {
					if got := chromium.Eval[string](p, fmt.Sprintf(`document.querySelector(%q).innerText`, heading)); len(got) < 3 {
						t.Errorf("%s says %q", heading, got)
					}
				}
				for _, want := range []string{
					words["playground.no_script"],
					words["exercise.no_script"],
					"func ",                         // the server's code
					"new WebSocket(",                // and the client's
					"curl -N '" + p.Base + "/play/", // the commands for a terminal
				} {
					if !strings.Contains(text, want) {
						t.Errorf("the page does not say %q", want)
					}
				}
				// Nothing is offered that would not work.
				if n := chromium.Eval[int](p, `[...document.querySelectorAll("button")].filter(b => b.checkVisibility() && b.type !== "submit").length`); n > 0 {
					t.Errorf("%d buttons that do nothing", n)
				}
				if chromium.Eval[bool](p, fmt.Sprintf(`document.querySelector(%q).checkVisibility()`, chromium.RunBoth)) {
					t.Error("Run is offered, and would not run")
				}
				// A frame of the recorded run unfolds to its bytes and fields.
				p.Click(".recorded summary")
				if got := p.Text(".recorded details[open] table"); !strings.Contains(got, "http.request.method") {
					t.Errorf("the first frame of the recorded run has the fields\n%s", got)
				}
				if n := chromium.Eval[int](p, `document.querySelectorAll(".recorded li").length`); n < 8 {
					t.Errorf("the recorded run has %d frames", n)
				}
			})
		}
	}

	// The controls set the commands.
	p.Visit("/en/lessons/reconnect")
	p.Fill("#control-cut", "7")
	p.Click(`seewire-playground button.no-script-only`)
	p.Until(`location.search.includes("cut=7") && document.querySelector('code[data-command="sse"]')?.textContent.includes("cut=7")`)
}

// TestPagesLoadWithoutComplaint visits what the other tests pass by: a page
// that complained or spoke to another host fails the test that opened it.
func TestPagesLoadWithoutComplaint(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, lang := range []string{"en", "zh"} {
		for _, path := range []string{"/", "/fields", "/glossary"} {
			p.Visit("/" + lang + path)
			p.Until(`document.readyState === "complete"`)
		}
	}
	for _, slug := range chromium.Slugs(t) {
		l := p.Lesson("zh", slug)
		// All of it comes into view, so all of it is loaded.
		chromium.Await[chromedp.Void](p, `(async () => {
			for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
				scrollTo(0, y);
				await new Promise(requestAnimationFrame);
				await new Promise(requestAnimationFrame);
			}
		})()`)
		l.Settled()
		l.Shows(chromium.Watching, l.Word("playground.feed.live"))
	}
	p.Expect("404") // Chromium says so of every page with that status
	p.Visit("/en/no-such-page")
	p.Visit("/zh/lessons/no-such-lesson")
}

// The first page makes one run when it is opened; who comes back to it, or finds
// the server full, sees the recorded one.
func TestTheFirstPageMakesARun(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	words := chromium.ReadWords(t, "en")
	is := func(part, key string) string {
		return fmt.Sprintf(`document.querySelector("seewire-demo [data-part=%s]").textContent.trim() === %q`, part, words[key])
	}
	p.Visit("/en/")
	p.Until(is("said", "demo.done"))
	if !chromium.Eval[bool](p, is("kind", "demo.live")) {
		t.Fatalf("the run is %q, want one of this page", p.Text("seewire-demo [data-part=kind]"))
	}
	if got := p.Text(`seewire-demo .bytes-hex`); got != "810131" {
		t.Errorf("the bytes are %q, want those of the first message over the WebSocket", got)
	}
	if n := chromium.Eval[int](p, `document.querySelectorAll("seewire-demo .timeline-point").length`); n < 8 {
		t.Errorf("the timeline has %d points", n)
	}
	if _, _, list := p.Seen.Sizes(); len(ofThePage(list)) > mostRequests {
		t.Errorf("the page takes %d requests before its run, more than %d:\n%s", len(ofThePage(list)), mostRequests, strings.Join(list, "\n"))
	}
	// Another point has other bytes.
	for end := time.Now().Add(chromium.Patience); time.Now().Before(end); { // it may be drawn anew meanwhile
		chromium.Eval[any](p, `document.querySelector("seewire-demo .timeline-box [role=listbox]").focus()`)
		p.Press(kb.Home)
		if chromium.Eval[bool](p, `document.querySelector("seewire-demo .bytes-hex").textContent !== "810131"`) {
			break
		}
		time.Sleep(20 * time.Millisecond) // the page's own time
	}
	p.Until(`document.querySelector("seewire-demo .bytes-hex").textContent !== "810131"`)

	p.Visit("/en/glossary")
	p.Do(chromedp.NavigateBack())
	p.Until(`document.querySelector("seewire-demo")`)
	p.Until(is("said", "demo.done"))
	if !chromium.Eval[bool](p, is("kind", "demo.recorded")) && !chromium.Eval[bool](p, `performance.getEntriesByType("navigation")[0].type !== "back_forward"`) {
		t.Error("it runs again when the reader comes back")
	}

	full := chromium.OpenSite(t, "-streams", "1")
	full.Expect("503")
	full.Visit("/en/")
	full.Until(is("kind", "demo.recorded") + " && " + is("said", "demo.done"))
}

// ofThePage leaves out what a run takes.
func ofThePage(requests []string) []string {
	return slices.DeleteFunc(slices.Clone(requests), func(request string) bool {
		return strings.Contains(request, "/sandbox") || strings.Contains(request, "/play/") || strings.Contains(request, "/captures/")
	})
}
