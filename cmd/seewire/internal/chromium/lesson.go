package chromium

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/sitetest"
	"seewire/content"
)

// A lessonPage is a lesson in the browser, with the words that it speaks.
type LessonPage struct {
	*Tab
	lang  string
	Words map[string]string
}

// Lesson opens a lesson, such as "reconnect?cut=3", and waits until its scripts
// are there.
func (p *Tab) Lesson(lang, address string) *LessonPage {
	p.T.Helper()
	l := p.At(lang)
	p.Visit("/" + lang + "/lessons/" + address)
	l.Ready()
	return l
}

// At is the tab as a lesson's page in a language, which it shows already.
func (p *Tab) At(lang string) *LessonPage {
	p.T.Helper()
	return &LessonPage{p, lang, ReadWords(p.T, lang)}
}

// ReadWords reads the words of the interface and of the experiments.
func ReadWords(t *testing.T, lang string) map[string]string {
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

// In is the same page in a subtest.
func (l *LessonPage) In(t *testing.T) *LessonPage {
	return &LessonPage{l.Tab.In(t), l.lang, l.Words}
}

// Ready waits until the playground can be used.
func (l *LessonPage) Ready() {
	l.T.Helper()
	l.Until(`document.querySelector("seewire-playground")?.dataset.state && document.readyState === "complete"`)
}

// Word is a pattern for the page's own words for a key; what is not given for a
// placeholder may be anything.
func (l *LessonPage) Word(key string, args ...any) Pattern {
	l.T.Helper()
	text, ok := l.Words[key]
	if !ok {
		l.T.Fatalf("no words for %s", key)
	}
	pattern := regexp.QuoteMeta(text)
	for i := 0; i+1 < len(args); i += 2 {
		pattern = strings.ReplaceAll(pattern, fmt.Sprintf(`\{%s\}`, args[i]), regexp.QuoteMeta(fmt.Sprint(args[i+1])))
	}
	return placeholder.ReplaceAllString(pattern, `.*?`) // and for a word that has forms any of them
}

// A pattern is a regular expression for what a page shows.
type Pattern = string

var placeholder = regexp.MustCompile(`\\\{\w+(?:\\\|.*?)?\\\}`)

// Text is what all elements of a selector hold, a line each.
func (p *Tab) Text(selector string) string {
	p.T.Helper()
	return Eval[string](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent.trim()).join("\n")`, selector))
}

// Shows waits until the elements of a selector hold what the pattern says.
func (p *Tab) Shows(selector string, want Pattern) {
	p.T.Helper()
	pattern := regexp.MustCompile(want)
	deadline := time.Now().Add(Patience)
	for {
		text := p.Text(selector)
		if pattern.MatchString(text) {
			return
		}
		if time.Now().After(deadline) {
			p.T.Fatalf("%s never came to show %q:\n%s", selector, pattern, text)
		}
		time.Sleep(50 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
}

// Lacks says that the elements of a selector don't hold the pattern.
func (p *Tab) Lacks(selector string, unwanted Pattern) {
	p.T.Helper()
	if text := p.Text(selector); regexp.MustCompile(unwanted).MatchString(text) {
		p.T.Errorf("%s should not show %q:\n%s", selector, unwanted, text)
	}
}

// Where things are on a lesson's page.
const (
	RunBoth   = `seewire-playground [data-action="run"]`
	StopRun   = `seewire-playground [data-action="stop"]`
	ResetAll  = `seewire-playground [data-action="reset"]`
	Status    = `seewire-playground [data-part="status"]`
	Watching  = `seewire-playground [data-part="watching"]`
	SseSide   = `seewire-playground [data-side="sse"] `
	WsSide    = `seewire-playground [data-side="ws"] `
	LogLines  = `.log-text`
	Outcome   = `[data-part="outcome"]`
	Timeline  = `seewire-timeline `
	Sentences = `seewire-timeline .timeline-list li`
	Frames    = `seewire-playground seewire-frames `
	Exercise  = `seewire-exercise `
	Result    = `seewire-exercise [data-part="result"]`

	exerciseCode = Exercise + "seewire-code"
)

// Run presses Run both and waits for the end.
func (l *LessonPage) Run() {
	l.T.Helper()
	l.Click(RunBoth)
	l.Ended("done")
}

// Running waits until the run goes on: what was there before it, a recorded run,
// is gone.
func (l *LessonPage) Running() {
	l.T.Helper()
	l.Until(`document.querySelector("seewire-playground").dataset.state === "running"`)
}

// Ended waits until the run has ended, and says why.
func (l *LessonPage) Ended(why string) {
	l.T.Helper()
	l.Until(`document.querySelector("seewire-playground").dataset.state === "ended"`)
	l.Shows(Status, l.Word("playground.status."+why))
}

// Log is the lines of a side's log: its program's, and its server's.
func (l *LessonPage) Log(side string) []string { return l.texts(side + LogLines) }

// Own is what the program itself has logged: a server's line stands where the clock of
// another program puts it, to a few milliseconds.
func (l *LessonPage) Own(side string) []string { return l.texts(side + LogLines + ":not(:has(> b))") }

func (l *LessonPage) texts(selector string) []string {
	l.T.Helper()
	return Eval[[]string](l.Tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent)`, selector))
}

// OpenTimeline unfolds what the timeline says as a list.
func (l *LessonPage) OpenTimeline() {
	l.T.Helper()
	l.Do(chromedp.ScrollIntoView(chromedp.CSS("seewire-timeline")))
	l.Click(Timeline + "details > summary")
	l.Until(`document.querySelector("seewire-timeline details").open`)
}

// Stop stops the run. So soon after Run the page takes a press for a second one of the
// same, as a double click makes, and goes on: then it is pressed again.
func (l *LessonPage) Stop() {
	l.T.Helper()
	const ended = `document.querySelector("seewire-playground").dataset.state === "ended"`
	l.Click(StopRun)
	for range 40 {
		if Eval[bool](l.Tab, ended) {
			return
		}
		time.Sleep(50 * time.Millisecond) // the page's own time: there is nothing to wait on here
	}
	Eval[bool](l.Tab, fmt.Sprintf(`document.querySelector(%q).click(), true`, StopRun))
	l.Until(ended)
}

// Open opens the tab under the lanes that an element is in, and the controls
// that are folded away with it.
func (l *LessonPage) Open(selector string) {
	l.T.Helper()
	Eval[bool](l.Tab, fmt.Sprintf(`(document.querySelector("#" + document.querySelector(%[1]q)?.closest(".deck > [role=tabpanel]:not([data-chosen])")?.getAttribute("aria-labelledby"))?.click(),
		document.querySelector(%[1]q)?.closest(".playground-rest")?.parentElement.setAttribute("open", ""), true)`, selector))
}

// Fill opens what a field is in, and fills it.
func (l *LessonPage) Fill(selector, text string) {
	l.T.Helper()
	l.Open(selector)
	l.Tab.Fill(selector, text)
}

// Click opens what an element is in, and clicks it.
func (l *LessonPage) Click(selector string) {
	l.T.Helper()
	l.Open(selector)
	l.Tab.Click(selector)
}

// HasFrames looks for texts among the rows of the list of frames.
func (l *LessonPage) HasFrames(want ...string) {
	l.T.Helper()
	deadline := time.Now().Add(Patience)
	for _, text := range want {
		rows := strings.Join(l.Frames(), "\n")
		for !strings.Contains(rows, text) && time.Now().Before(deadline) {
			rows = strings.Join(l.Frames(), "\n") // the list is drawn after the run has said that it ended
		}
		if !strings.Contains(rows, text) {
			l.T.Errorf("the frames lack %q:\n%s", text, rows)
		}
	}
}

// Frames is every row of the list of frames, which keeps only those in the
// page that can be seen.
func (l *LessonPage) Frames() []string {
	l.T.Helper()
	l.Open(Frames)
	return Await[[]string](l.Tab, fmt.Sprintf(`(async () => {
		const list = document.querySelector(%q), rows = [];
		for (let top = 0; ; top += list.clientHeight / 2) {
			list.scrollTop = top;
			await new Promise(requestAnimationFrame);
			await new Promise(requestAnimationFrame);
			for (const row of list.querySelectorAll("[role=option]")) rows[row.ariaPosInSet - 1] = row.textContent;
			if (top >= list.scrollHeight - list.clientHeight) return rows;
		}
	})()`, Frames+".frames-list"))
}

// Capture is what the server has recorded of the run.
func (l *LessonPage) Capture() sitetest.Capture {
	l.T.Helper()
	return sitetest.GetCapture(l.T, &sitetest.Program{Base: l.Base}, l.Text(`seewire-playground [data-part="capture"]`))
}

// Version is the browser's name and version: "Chromium 156".
func (p *Tab) Version() string {
	p.T.Helper()
	v, err := chromedp.CallBrowser(p.Ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		p.T.Fatal(err)
	}
	return v.Product
}

const (
	answerOptions = `seewire-predict label[data-option]`
	Predicted     = `seewire-playground [data-part="prediction"] > span`
)

// Places are where the playground and its two sides are on the page, from its top.
func (l *LessonPage) Places() []float64 {
	l.T.Helper()
	return Eval[[]float64](l.Tab, `["#playground", ".playground-sides"].map(selector =>
		document.querySelector(selector).getBoundingClientRect().top + scrollY)`)
}

// Order is the options as the reader sees them.
func (l *LessonPage) Order() []string {
	l.T.Helper()
	return Eval[[]string](l.Tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(label => label.dataset.option)`, answerOptions))
}

// SeesNoHeartbeat says that the wire had heartbeats, and the code none.
func (l *LessonPage) SeesNoHeartbeat() {
	l.T.Helper()
	l.HasFrames("Ping", "Pong", "still here")
	for _, side := range []string{SseSide, WsSide} {
		if log := l.Own(side); !slices.Equal(log[:2], []string{"1", "2"}) || !strings.HasPrefix(log[2], "readyState 1") || log[3] != "alarm" {
			l.T.Errorf("%s logged %q", side, log)
		}
	}
}

// Another opens another tab in the same profile: to the browser, the same
// person.
func (p *Tab) Another() *Tab {
	p.T.Helper()
	ctx, closeTab := chromedp.NewContext(p.Ctx, chromedp.WithListener(p.Seen.add))
	p.T.Cleanup(closeTab)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		p.T.Fatal(err)
	}
	return &Tab{T: p.T, Ctx: ctx, Base: p.Base, Seen: p.Seen}
}

// Trust accepts the certificates of servers that the tab speaks to.
func (p *Tab) Trust() {
	p.T.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		return err
	}))
}

// Strangers opens the lesson with some controls, for runs in which the browser
// complains of what it keeps from a page.
func (p *Tab) Strangers(lang, controls string) *LessonPage {
	p.Expect("CORS", "net::ERR_FAILED", "WebSocket connection to", "403", "413")
	return p.Lesson(lang, "strangers?"+controls)
}

// Set puts the controls to what a query says, and all others to what the
// lesson says.
func (l *LessonPage) Set(query string) {
	l.T.Helper()
	l.Click(ResetAll)
	Eval[bool](l.Tab, fmt.Sprintf(`(() => {
		for (const [name, value] of new URLSearchParams(%q)) {
			const field = document.getElementById("control-" + name);
			if (field.type === "checkbox") field.checked = value === "on";
			else field.value = value;
			field.dispatchEvent(new Event("input", { bubbles: true }));
		}
		return true;
	})()`, query))
}

const Measured = `seewire-picture `

// Medians are what stands above a chart: SSE's, then WebSocket's, in ms.
func (l *LessonPage) Medians(kind string) (sse, ws float64) {
	l.T.Helper()
	list := Eval[[]string](l.Tab, fmt.Sprintf(`[...document.querySelectorAll('%s[data-kind="%s"] .measurement-medians :is([data-side="sse"], [data-side="ws"])')].map(e => e.textContent)`, Measured, kind))
	if len(list) != 2 {
		l.T.Fatalf("%s: the medians are %q", kind, list)
	}
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(regexp.MustCompile(`-?[\d.]+`).FindString(text), 64)
		if err != nil {
			l.T.Fatalf("%s: %v", kind, err)
		}
		return n
	}
	return number(list[0]), number(list[1])
}

// Drawn waits for the charts, and reports how many of them have ink of both sides' colours.
func (l *LessonPage) Drawn() int {
	l.T.Helper()
	l.Until(`document.querySelectorAll("` + Measured + `.measurement-chart:has(canvas)").length > 0 && !document.querySelector("` + Measured + `.measurement-chart:not(:has(canvas))")`)
	// What is drawn is there a frame later.
	Await[bool](l.Tab, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
	return Eval[int](l.Tab, `[...document.querySelectorAll("`+Measured+`canvas")].filter(canvas => {
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

// Solve checks the program that an exercise starts from, and then its solution.
func (l *LessonPage) Solve(source fs.FS) {
	l.T.Helper()
	if Eval[bool](l.Tab, `!!document.querySelector("`+exerciseCode+`")?.edited`) { // in another language
		l.Click(exerciseCode + ` [data-action="restore"]`)
	}
	l.Check(false, nil)
	l.PutSolution(source)
	l.Check(true, nil)
}

// PutSolution writes the solution into the exercise.
func (l *LessonPage) PutSolution(source fs.FS) {
	l.T.Helper()
	solution, err := fs.ReadFile(source, "exercise/solution.txt")
	if err != nil {
		solution, err = fs.ReadFile(source, "exercise/solution.js")
	}
	if err != nil {
		l.T.Fatal(err)
	}
	l.Answer(string(solution))
}

// Answer writes an answer into the exercise: a program, or a control's text.
func (l *LessonPage) Answer(answer string) {
	l.T.Helper()
	const field = Exercise + "textarea"
	l.Until(`document.querySelector('` + field + ", " + exerciseCode + `')`)
	if !Eval[bool](l.Tab, `!!document.querySelector('`+field+`')`) {
		l.Edit(exerciseCode, answer)
		return
	}
	l.Click(field)
	l.Write(strings.TrimSuffix(answer, "\n"))
}

// Check presses Check and compares the verdict.
func (l *LessonPage) Check(passed bool, says []string) {
	l.T.Helper()
	l.Click(Exercise + `[data-part="actions"] button`)
	verdict := "exercise.failed"
	if passed {
		verdict = "exercise.passed"
	}
	l.Shows(Result, l.Word(verdict))
	if said := l.Text(Result); strings.Contains(said, "exercise.") {
		l.T.Errorf("a word is missing: %s", said)
	}
	for _, key := range says {
		l.Shows(Result, l.Word("exercise."+key))
	}
	if !passed {
		l.Shows(Result+` [data-state="failed"] .mark`, "✗")
		if !Eval[bool](l.Tab, `document.querySelector('`+Exercise+`details[data-hint="1"]').checkVisibility()`) {
			l.T.Error("no hint is offered")
		}
		return
	}
	if n := Eval[int](l.Tab, `document.querySelectorAll('`+Result+` [data-state="failed"]').length`); n > 0 {
		l.T.Errorf("solved, and yet: %s", l.Text(Result))
	}
	// The evidence is there to look at.
	l.scrollTo(Exercise + "details:has(seewire-frames)")
	l.Until(`document.querySelectorAll("seewire-exercise seewire-frames [role=option]").length > 0`)
}

// OpenEditor opens an editor, or goes into one that is open already. A click that misses the
// button hits the code, which opens the editor as well.
func (l *LessonPage) OpenEditor(code string) {
	l.T.Helper()
	l.Click(fmt.Sprintf(`%[1]s:not([data-open]) [data-action="edit"], %[1]s[data-open] .editor`, code))
	l.Until(InEditor)
}

// Edit puts a program in the place of the one in an editor, which is opened
// where it is not yet.
func (l *LessonPage) Edit(code, program string) {
	l.T.Helper()
	l.OpenEditor(code)
	l.Write(program)
	l.Until(fmt.Sprintf(`document.querySelector(%q).value === %q`, code, program))
}

// InEditor says that the keyboard writes into an editor.
const InEditor = `document.activeElement?.shadowRoot?.activeElement?.classList.contains("cm-content")`

// CommandAddress is the address in a command for a terminal.
func (l *LessonPage) CommandAddress(side string) string {
	l.T.Helper()
	command := l.Text(`code[data-command="` + side + `"]`)
	m := regexp.MustCompile(`'([^']+)'`).FindStringSubmatch(command)
	if m == nil {
		l.T.Fatalf("no address in the command %q", command)
	}
	return m[1]
}
