package pages

import (
	"fmt"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// TestAnEditShowsInAPageThatIsOpen edits a folder's lesson while somebody reads
// it, types into it and runs it.
func TestAnEditShowsInAPageThatIsOpen(t *testing.T) {
	t.Parallel()
	f := sitetest.NewFolder(t)
	lesson := sitetest.Original(t, "lessons/reconnect/en.md")
	f.Write("lessons/reconnect/en.md", lesson)
	p := chromium.OpenSite(t, "-content", f.Dir)
	l := p.Lesson("en", "reconnect?cut=3&every=50&total=5")
	chromium.Eval[any](p, `customElements.whenDefined("seewire-edits")`)

	// A run that is shown, a control that was set, an answer, a program that was
	// changed, and a place in the middle.
	l.Click(`seewire-predict label[data-option="1"]`)
	l.Fill("#control-total", "7")
	l.Click(chromium.RunBoth)
	l.Ended("done")
	chromium.Eval[any](p, `document.querySelector("seewire-playground").mark = true`)
	chromium.Eval[any](p, `document.getElementById("why").scrollIntoView({behavior: "instant"})`)
	before := chromium.Eval[float64](p, `document.getElementById("why").getBoundingClientRect().top`)
	stays := func() {
		t.Helper()
		l.Until(fmt.Sprintf(`Math.abs(document.getElementById("why").getBoundingClientRect().top - %f) < 4`, before))
		if got := l.Control("total"); got != "7" {
			t.Errorf("the control is %s now", got)
		}
		l.Until(`document.querySelector('seewire-predict input[value="1"]').checked`)
	}

	// Words, further down.
	words := strings.Replace(lesson, "## Why {#why}\n", "## Why {#why}\n\nThis is new.\n", 1)
	f.Write("lessons/reconnect/en.md", words)
	p.Shows("article p", "(?m)^This is new.$")
	stays()
	if !chromium.Eval[bool](p, `document.querySelector("seewire-playground").mark`) {
		t.Error("the playground is another one")
	}

	// A mistake: it is said, and the block is not there until it is mended.
	f.Write("lessons/reconnect/en.md", strings.Replace(words, "answer=2", "answer=5", 1))
	p.Shows("main .problems code", `reconnect/en\.md:10`)
	p.Shows(".problems li", `answer=5 is none of its 3 options`)
	if !chromium.Eval[bool](p, `document.querySelector("seewire-playground").mark`) {
		t.Error("the playground is another one after a mistake")
	}
	f.Write("lessons/reconnect/en.md", words)
	p.Until(`!document.querySelector(".problems") && document.querySelector("seewire-predict")`)
	stays()

	// Words of the interface.
	f.Write("ui/en.json", `{"playground.run_both": "Go"}`)
	p.Shows(chromium.RunBoth, "^Go$")
	l.Ready()
	stays()

	// The playground itself.
	f.Write("lessons/reconnect/en.md", strings.Replace(words, "experiment=reconnect cut=5", "experiment=reconnect cut=4", 1))
	p.Until(`document.querySelector('[data-control="cut"]')?.dataset.initial === "4"`)
	l.Ready()
	stays()
}

// TestEditsLeaveTheConnectionsToTheRun holds the stream of edits closed while a
// run may need all that a browser has for a host.
func TestEditsLeaveTheConnectionsToTheRun(t *testing.T) {
	t.Parallel()
	f := sitetest.NewFolder(t)
	p := chromium.OpenSite(t, "-content", f.Dir)
	l := p.Lesson("en", "reconnect?cut=0&every=500&total=50")
	l.Click(chromium.RunBoth)
	l.Until(`document.querySelector("seewire-playground").dataset.state === "running"`)
	f.Write("ui/en.json", `{"playground.run_both": "Go"}`)
	l.Until(`document.querySelectorAll('[data-part="log"] [data-side="sse"]').length > 6`) // seconds of the run
	p.Lacks(chromium.RunBoth, "^Go$")
	l.Stop()
	p.Shows(chromium.RunBoth, "^Go$") // the edit that was made meanwhile
}
