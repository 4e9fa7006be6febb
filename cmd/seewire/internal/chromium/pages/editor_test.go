package pages

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/chromium"
)

// reload loads the page again, as F5 does.
var reload = chromedp.Reload()

const (
	sseCode = `[id="panel-sse-sse.js"] seewire-code`
	wsCode  = `[id="panel-ws-ws.js"] seewire-code`
)

func TestEditedCodeRunsAndIsKept(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "reconnect?cut=0&every=50&total=3")
	original := chromium.Eval[string](l.Tab, `document.querySelector('`+sseCode+`').value`)
	if l.Seen.HasLoaded("codemirror") {
		t.Error("the editor was loaded before anybody edited")
	}
	l.OpenEditor(sseCode)
	if !l.Seen.HasLoaded("codemirror") {
		t.Error("the editor has come from nowhere")
	}

	// Typed, key by key.
	l.Press(`log("typed"); `)
	l.Until(fmt.Sprintf(`document.querySelector('%s').value === 'log("typed"); ' + %q`, sseCode, original))
	// And pasted.
	const program = `const socket = new EventSource(url);
socket.onmessage = ({ data }) => {
  log("doubled:", 2 * data);
  if (Number(data) === controls.total) socket.close();
};
`
	l.Edit(sseCode, program)
	for range 2 {
		l.Run()
		if got, want := l.Log(chromium.SseSide), []string{"doubled: 2", "doubled: 4", "doubled: 6"}; !slices.Equal(got, want) {
			t.Errorf("the edited program logged %q, want %q", got, want)
		}
		l.Do(reload)
		l.Ready()
		if got := l.Text(sseCode + " pre code"); got != strings.TrimSpace(program) {
			t.Errorf("after a reload the page shows\n%s", got)
		}
	}

	l.Click(chromium.ResetAll)
	if got := chromium.Eval[string](l.Tab, `document.querySelector('`+sseCode+`').value`); got != original {
		t.Errorf("after Reset the program is\n%s", got)
	}
	l.Do(reload)
	l.Ready()
	if got := l.Text(sseCode + " pre code"); got != strings.TrimSpace(original) {
		t.Errorf("after Reset and a reload the page shows\n%s", got)
	}
}

func TestErrorsInEditedCodeShowTheirLine(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, c := range []struct {
		name, lang, program string
		says                string
		line, column        int
	}{
		{"syntax", "en", "log(1);\nconst x = ;\nlog(2);\n", "SyntaxError: Unexpected token ';'", 2, 11},
		{"throw", "zh", "log(1);\n\n  throw new Error(\"mine\");\n", "Error: mine", 3, 9},
		{"later", "en", "setTimeout(() => {\n  missing();\n}, 10);\n", "ReferenceError: missing is not defined", 2, 3},
		{"rejected", "en", "log(1);\nawait Promise.reject(new TypeError(\"no\"));\n", "TypeError: no", 2, 22},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := p.In(t).Lesson(c.lang, "reconnect?cut=0&every=50&total=3")
			l.Edit(wsCode, c.program)
			l.Click(chromium.WsSide + `[data-action="run-side"]`)
			l.Ended("done")
			l.Shows(chromium.WsSide+chromium.LogLines, c.says)
			l.Shows(`seewire-playground p[data-side="ws"][data-kind="throw"] button`, l.Word("log.place", "line", c.line, "column", c.column))
			l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.thrown_at", "line", c.line, "message", c.says))
			marked := chromium.Eval[string](l.Tab, `document.querySelector('`+wsCode+` .editor').shadowRoot.querySelector(".cm-trouble").textContent`)
			if want := strings.Split(c.program, "\n")[c.line-1]; marked != want {
				t.Errorf("the line %q is marked, want %q", marked, want)
			}
			// From the log to the place in the code.
			l.Click(`seewire-playground p[data-side="ws"][data-kind="throw"] button`)
			l.Until(chromium.InEditor)
			// A run without the error takes the mark away.
			l.Edit(wsCode, "log('fine');\n")
			l.Click(chromium.WsSide + `[data-action="run-side"]`)
			l.Ended("done")
			l.Shows(chromium.WsSide+chromium.LogLines, "fine")
			l.Until(`!document.querySelector('` + wsCode + ` .editor').shadowRoot.querySelector(".cm-trouble")`)
		})
	}
}

func TestAnEndlessLoopIsStopped(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("en", "reconnect?cut=0&every=1000&total=100")
	// A program that logs without an end, and lets the page ask whether it lives:
	// what stops it is Stop alone, however late it comes.
	l.Edit(wsCode, "for (;;) {\n  for (let i = 0; i < 1000; i++) log('round');\n  await new Promise((resolve) => setTimeout(resolve));\n}\n")
	l.Click(chromium.RunBoth)
	l.Shows(chromium.WsSide+chromium.LogLines, "round")
	// The other side goes on, and so does the page.
	l.Until(fmt.Sprintf(`document.querySelectorAll(%q).length > 2`, chromium.SseSide+chromium.LogLines))
	l.Shows(chromium.Status, l.Word("playground.status.running"))
	l.Stop()
	l.Ended("stopped")
	l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.stopped"))
	l.Shows(chromium.WsSide+chromium.LogLines, l.Word("log.dropped"))

	// An endless loop is found without Stop, and the timeline says so.
	l.Edit(wsCode, "for (;;) {}\n")
	l.Click(chromium.WsSide + `[data-action="run-side"]`)
	l.Ended("done")
	l.Shows(chromium.WsSide+chromium.Outcome, l.Word("outcome.endless", "seconds", 5))
	l.OpenTimeline()
	l.Shows("seewire-timeline li", l.Word("outcome.endless", "seconds", 5))
}

// TestLearnersCodeIsLockedIn looks for ways out of the place where it runs.
func TestLearnersCodeIsLockedIn(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Store(true)
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	defer elsewhere.Close()
	l := chromium.OpenSite(t).Lesson("en", "reconnect?cut=0&every=50&total=3")
	l.Edit(sseCode, fmt.Sprintf(`const tries = {
  fetch: () => fetch(%[1]q),
  socket: () => new Promise((resolve, reject) => Object.assign(new WebSocket(%[2]q), {onopen: resolve, onerror: reject})),
  source: () => new Promise((resolve, reject) => Object.assign(new EventSource(%[1]q), {onopen: resolve, onerror: reject})),
  script: () => importScripts(%[1]q),
  module: () => import(%[1]q),
  storage: () => { if (typeof localStorage === "undefined") throw 0; },
  cookies: () => cookieStore.getAll(),
  database: () => new Promise((resolve, reject) => Object.assign(indexedDB.open("x"), {onsuccess: resolve, onerror: reject})),
  caches: () => caches.open("x"),
};
for (const [name, attempt] of Object.entries(tries)) {
  try {
    await attempt();
    log(name, "got out");
  } catch {
    log(name, "is locked");
  }
}
log("origin", self.origin);
await fetch(url);
`, elsewhere.URL, "ws"+strings.TrimPrefix(elsewhere.URL, "http")))
	l.Click(chromium.SseSide + `[data-action="run-side"]`)
	l.Ended("done")
	got := l.Log(chromium.SseSide)
	said := len(got)
	blocked := regexp.MustCompile(l.Word("log.elsewhere"))
	got = slices.DeleteFunc(got, blocked.MatchString)
	if said -= len(got); said < 5 {
		t.Errorf("of five ways to another server %d are said to be blocked", said)
	}
	want := []string{"fetch is locked", "socket is locked", "source is locked", "script is locked", "module is locked",
		"storage is locked", "cookies is locked", "database is locked", "caches is locked", "origin null"}
	if !slices.Equal(got, want) {
		t.Errorf("the program logged %q,\nwant %q", got, want)
	}
	if reached.Load() {
		t.Error("the learner's code spoke to another server")
	}
	for _, r := range l.Capture().Requests("sse") {
		if origin := r.Value("http.origin"); origin != "null" {
			t.Errorf("the request came from the origin %q, want null", origin)
		}
	}
}
