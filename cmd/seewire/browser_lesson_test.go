package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"seewire/content"
)

// A lessonPage is a lesson in the browser, with the words that it speaks.
type lessonPage struct {
	*tab
	lang  string
	words map[string]string
}

// lesson opens a lesson, such as "reconnect?cut=3", and waits until its scripts
// are there.
func (p *tab) lesson(lang, address string) *lessonPage {
	p.t.Helper()
	l := &lessonPage{p, lang, readWords(p.t, lang)}
	p.visit("/" + lang + "/lessons/" + address)
	l.ready()
	return l
}

// readWords reads the words of the interface and of the experiments.
func readWords(t *testing.T, lang string) map[string]string {
	t.Helper()
	files, err := fs.Glob(content.FS, "lessons/*/words."+lang+".json")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for _, file := range append(files, "ui/"+lang+".json") {
		data, err := fs.ReadFile(content.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &words); err != nil {
			t.Fatal(err)
		}
	}
	return words
}

// in is the same page in a subtest.
func (l *lessonPage) in(t *testing.T) *lessonPage {
	return &lessonPage{l.tab.in(t), l.lang, l.words}
}

// ready waits until the playground can be used.
func (l *lessonPage) ready() {
	l.t.Helper()
	l.until(`document.querySelector("seewire-playground")?.dataset.state && document.readyState === "complete"`)
}

// word is a pattern for the page's own words for a key; what is not given for a
// placeholder may be anything.
func (l *lessonPage) word(key string, args ...any) pattern {
	l.t.Helper()
	text, ok := l.words[key]
	if !ok {
		l.t.Fatalf("no words for %s", key)
	}
	pattern := regexp.QuoteMeta(text)
	for i := 0; i+1 < len(args); i += 2 {
		pattern = strings.ReplaceAll(pattern, fmt.Sprintf(`\{%s\}`, args[i]), regexp.QuoteMeta(fmt.Sprint(args[i+1])))
	}
	return placeholder.ReplaceAllString(pattern, `.*?`)
}

// A pattern is a regular expression for what a page shows.
type pattern = string

var placeholder = regexp.MustCompile(`\\\{\w+\\\}`)

// text is what all elements of a selector hold, a line each.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent.trim()).join("\n")`, selector))
}

// shows waits until the elements of a selector hold what the pattern says.
func (p *tab) shows(selector string, want pattern) {
	p.t.Helper()
	pattern := regexp.MustCompile(want)
	deadline := time.Now().Add(patience)
	for {
		text := p.text(selector)
		if pattern.MatchString(text) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s never came to show %q:\n%s", selector, pattern, text)
		}
		time.Sleep(50 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
}

// lacks says that the elements of a selector don't hold the pattern.
func (p *tab) lacks(selector string, unwanted pattern) {
	p.t.Helper()
	if text := p.text(selector); regexp.MustCompile(unwanted).MatchString(text) {
		p.t.Errorf("%s should not show %q:\n%s", selector, unwanted, text)
	}
}

// Where things are on a lesson's page.
const (
	runBoth   = `seewire-playground [data-action="run"]`
	stopRun   = `seewire-playground [data-action="stop"]`
	resetAll  = `seewire-playground [data-action="reset"]`
	status    = `seewire-playground [data-part="status"]`
	watching  = `seewire-playground [data-part="watching"]`
	sseSide   = `seewire-playground [data-side="sse"] `
	wsSide    = `seewire-playground [data-side="ws"] `
	logLines  = `.log-text`
	outcome   = `[data-part="outcome"]`
	timeline  = `seewire-timeline `
	sentences = `seewire-timeline .timeline-list li`
	frames    = `seewire-playground seewire-frames `
	exercise  = `seewire-exercise `
	result    = `seewire-exercise [data-part="result"]`

	exerciseCode = exercise + "seewire-code"
)

// run presses Run both and waits for the end.
func (l *lessonPage) run() {
	l.t.Helper()
	l.click(runBoth)
	l.ended("done")
}

// running waits until the run goes on: what was there before it, a recorded run,
// is gone.
func (l *lessonPage) running() {
	l.t.Helper()
	l.until(`document.querySelector("seewire-playground").dataset.state === "running"`)
}

// ended waits until the run has ended, and says why.
func (l *lessonPage) ended(why string) {
	l.t.Helper()
	l.until(`document.querySelector("seewire-playground").dataset.state === "ended"`)
	l.shows(status, l.word("playground.status."+why))
}

// log is the lines that a side's program has logged.
func (l *lessonPage) log(side string) []string {
	l.t.Helper()
	return eval[[]string](l.tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent)`, side+logLines))
}

// openTimeline unfolds what the timeline says as a list.
func (l *lessonPage) openTimeline() {
	l.t.Helper()
	l.do(chromedp.ScrollIntoView(chromedp.CSS("seewire-timeline")))
	// What is still being drawn above it may push it away from under the mouse.
	for range 5 {
		l.click(timeline + "details > summary")
		if eval[bool](l.tab, `document.querySelector("seewire-timeline details").open`) {
			return
		}
	}
	l.t.Fatal("the timeline's list does not open")
}

// open opens the tab under the lanes that an element is in, and the controls
// that are folded away with it.
func (l *lessonPage) open(selector string) {
	l.t.Helper()
	eval[bool](l.tab, fmt.Sprintf(`(document.querySelector("#" + document.querySelector(%[1]q)?.closest(".deck > [role=tabpanel]:not([data-chosen])")?.getAttribute("aria-labelledby"))?.click(),
		document.querySelector(%[1]q)?.closest(".playground-rest")?.parentElement.setAttribute("open", ""), true)`, selector))
}

// fill opens what a field is in, and fills it.
func (l *lessonPage) fill(selector, text string) {
	l.t.Helper()
	l.open(selector)
	l.tab.fill(selector, text)
}

// click opens what an element is in, and clicks it.
func (l *lessonPage) click(selector string) {
	l.t.Helper()
	l.open(selector)
	l.tab.click(selector)
}

// hasFrames looks for texts among the rows of the list of frames.
func (l *lessonPage) hasFrames(want ...string) {
	l.t.Helper()
	deadline := time.Now().Add(patience)
	for _, text := range want {
		rows := strings.Join(l.frames(), "\n")
		for !strings.Contains(rows, text) && time.Now().Before(deadline) {
			rows = strings.Join(l.frames(), "\n") // the list is drawn after the run has said that it ended
		}
		if !strings.Contains(rows, text) {
			l.t.Errorf("the frames lack %q:\n%s", text, rows)
		}
	}
}

// frames is every row of the list of frames, which keeps only those in the
// page that can be seen.
func (l *lessonPage) frames() []string {
	l.t.Helper()
	l.open(frames)
	return await[[]string](l.tab, fmt.Sprintf(`(async () => {
		const list = document.querySelector(%q), rows = [];
		for (let top = 0; ; top += list.clientHeight / 2) {
			list.scrollTop = top;
			await new Promise(requestAnimationFrame);
			await new Promise(requestAnimationFrame);
			for (const row of list.querySelectorAll("[role=option]")) rows[row.ariaPosInSet - 1] = row.textContent;
			if (top >= list.scrollHeight - list.clientHeight) return rows;
		}
	})()`, frames+".frames-list"))
}

// capture is what the server has recorded of the run.
func (l *lessonPage) capture() captureJSON {
	l.t.Helper()
	return getCapture(l.t, &program{base: l.base}, l.text(`seewire-playground [data-part="capture"]`))
}

// requests are the heads of the requests in a capture, to one side.
func (c captureJSON) requests(side string) []frameJSON {
	var heads []frameJSON
	for _, f := range c.Frames {
		if strings.HasSuffix(strings.SplitN(f.value("http.request.uri"), "?", 2)[0], "/"+side) && f.value("http.request.method") == http.MethodGet {
			heads = append(heads, f)
		}
	}
	return heads
}
