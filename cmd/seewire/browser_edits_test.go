package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestAnEditShowsInAPageThatIsOpen edits a folder's lesson while somebody reads
// it, types into it and runs it.
func TestAnEditShowsInAPageThatIsOpen(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	lesson := original(t, "lessons/reconnect/en.md")
	f.write("lessons/reconnect/en.md", lesson)
	p := openSite(t, "-content", f.dir)
	l := p.lesson("en", "reconnect?cut=3&every=50&total=5")
	eval[any](p, `customElements.whenDefined("seewire-edits")`)

	// A run that is shown, a control that was set, an answer, a program that was
	// changed, and a place in the middle.
	l.click(`seewire-predict label[data-option="1"]`)
	l.fill("#control-total", "7")
	l.click(runBoth)
	l.ended("done")
	eval[any](p, `document.querySelector("seewire-playground").mark = true`)
	eval[any](p, `document.getElementById("why").scrollIntoView({behavior: "instant"})`)
	before := eval[float64](p, `document.getElementById("why").getBoundingClientRect().top`)
	stays := func() {
		t.Helper()
		l.until(fmt.Sprintf(`Math.abs(document.getElementById("why").getBoundingClientRect().top - %f) < 4`, before))
		if got := l.control("total"); got != "7" {
			t.Errorf("the control is %s now", got)
		}
		l.until(`document.querySelector('seewire-predict input[value="1"]').checked`)
	}

	// Words, further down.
	words := strings.Replace(lesson, "## Why {#why}\n", "## Why {#why}\n\nThis is new.\n", 1)
	f.write("lessons/reconnect/en.md", words)
	p.shows("article p", "(?m)^This is new.$")
	stays()
	if !eval[bool](p, `document.querySelector("seewire-playground").mark`) {
		t.Error("the playground is another one")
	}

	// A mistake: it is said, and the block is not there until it is mended.
	f.write("lessons/reconnect/en.md", strings.Replace(words, "answer=2", "answer=5", 1))
	p.shows("main .problems code", `reconnect/en\.md:10`)
	p.shows(".problems li", `answer=5 is none of its 3 options`)
	if !eval[bool](p, `document.querySelector("seewire-playground").mark`) {
		t.Error("the playground is another one after a mistake")
	}
	f.write("lessons/reconnect/en.md", words)
	p.until(`!document.querySelector(".problems") && document.querySelector("seewire-predict")`)
	stays()

	// Words of the interface.
	f.write("ui/en.json", `{"playground.run_both": "Go"}`)
	p.shows(runBoth, "^Go$")
	l.ready()
	stays()

	// The playground itself.
	f.write("lessons/reconnect/en.md", strings.Replace(words, "experiment=reconnect cut=5", "experiment=reconnect cut=4", 1))
	p.until(`document.querySelector('[data-control="cut"]')?.dataset.initial === "4"`)
	l.ready()
	stays()
}

// TestEditsLeaveTheConnectionsToTheRun holds the stream of edits closed while a
// run may need all that a browser has for a host.
func TestEditsLeaveTheConnectionsToTheRun(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	p := openSite(t, "-content", f.dir)
	l := p.lesson("en", "reconnect?cut=0&every=500&total=50")
	l.click(runBoth)
	l.until(`document.querySelector("seewire-playground").dataset.state === "running"`)
	f.write("ui/en.json", `{"playground.run_both": "Go"}`)
	l.until(`document.querySelectorAll('[data-part="log"] [data-side="sse"]').length > 6`) // seconds of the run
	p.lacks(runBoth, "^Go$")
	l.click(stopRun)
	p.shows(runBoth, "^Go$") // the edit that was made meanwhile
}
