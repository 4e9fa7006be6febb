package main

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
)

// reload loads the page again, as F5 does.
var reload = chromedp.Reload()

// edit puts a program in the place of the one in an editor, which is opened
// where it is not yet.
func (l *lessonPage) edit(code, program string) {
	l.t.Helper()
	if eval[bool](l.tab, fmt.Sprintf(`"open" in document.querySelector(%q).dataset`, code)) {
		l.click(code + ` .editor`)
	} else {
		l.click(code + ` [data-action="edit"]`)
	}
	l.until(inEditor)
	l.write(program)
	l.until(fmt.Sprintf(`document.querySelector(%q).value === %q`, code, program))
}

// inEditor says that the keyboard writes into an editor.
const inEditor = `document.activeElement?.shadowRoot?.activeElement?.classList.contains("cm-content")`

const (
	sseCode = `[id="panel-sse-sse.js"] seewire-code`
	wsCode  = `[id="panel-ws-ws.js"] seewire-code`
)

func TestEditedCodeRunsAndIsKept(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "reconnect?cut=0&every=50&total=3")
	original := eval[string](l.tab, `document.querySelector('`+sseCode+`').value`)
	if l.seen.hasLoaded("codemirror") {
		t.Error("the editor was loaded before anybody edited")
	}
	l.click(sseCode + ` [data-action="edit"]`)
	l.until(inEditor)
	if !l.seen.hasLoaded("codemirror") {
		t.Error("the editor has come from nowhere")
	}

	// Typed, key by key.
	l.press(`log("typed"); `)
	l.until(fmt.Sprintf(`document.querySelector('%s').value === 'log("typed"); ' + %q`, sseCode, original))
	// And pasted.
	const program = `const socket = new EventSource(url);
socket.onmessage = ({ data }) => {
  log("doubled:", 2 * data);
  if (Number(data) === controls.total) socket.close();
};
`
	l.edit(sseCode, program)
	for range 2 {
		l.run()
		if got, want := l.log(sseSide), []string{"doubled: 2", "doubled: 4", "doubled: 6"}; !slices.Equal(got, want) {
			t.Errorf("the edited program logged %q, want %q", got, want)
		}
		l.do(reload)
		l.ready()
		if got := l.text(sseCode + " pre code"); got != strings.TrimSpace(program) {
			t.Errorf("after a reload the page shows\n%s", got)
		}
	}

	l.click(resetAll)
	if got := eval[string](l.tab, `document.querySelector('`+sseCode+`').value`); got != original {
		t.Errorf("after Reset the program is\n%s", got)
	}
	l.do(reload)
	l.ready()
	if got := l.text(sseCode + " pre code"); got != strings.TrimSpace(original) {
		t.Errorf("after Reset and a reload the page shows\n%s", got)
	}
}

func TestErrorsInEditedCodeShowTheirLine(t *testing.T) {
	t.Parallel()
	p := openSite(t)
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
			l := p.in(t).lesson(c.lang, "reconnect?cut=0&every=50&total=3")
			l.edit(wsCode, c.program)
			l.click(wsSide + `[data-action="run-side"]`)
			l.ended("done")
			l.shows(wsSide+logLines, c.says)
			l.shows(`seewire-playground p[data-side="ws"][data-kind="throw"] button`, l.word("log.place", "line", c.line, "column", c.column))
			l.shows(wsSide+outcome, l.word("outcome.thrown_at", "line", c.line, "message", c.says))
			marked := eval[string](l.tab, `document.querySelector('`+wsCode+` .editor').shadowRoot.querySelector(".cm-trouble").textContent`)
			if want := strings.Split(c.program, "\n")[c.line-1]; marked != want {
				t.Errorf("the line %q is marked, want %q", marked, want)
			}
			// From the log to the place in the code.
			l.click(`seewire-playground p[data-side="ws"][data-kind="throw"] button`)
			l.until(inEditor)
			// A run without the error takes the mark away.
			l.edit(wsCode, "log('fine');\n")
			l.click(wsSide + `[data-action="run-side"]`)
			l.ended("done")
			l.shows(wsSide+logLines, "fine")
			l.until(`!document.querySelector('` + wsCode + ` .editor').shadowRoot.querySelector(".cm-trouble")`)
		})
	}
}

func TestAnEndlessLoopIsStopped(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("en", "reconnect?cut=0&every=200&total=100")
	l.edit(wsCode, "for (;;) log('round');\n")
	l.click(runBoth)
	l.shows(wsSide+logLines, "round")
	// The other side goes on, and so does the page.
	l.until(fmt.Sprintf(`document.querySelectorAll(%q).length > 5`, sseSide+logLines))
	l.shows(status, l.word("playground.status.running"))
	l.click(stopRun)
	l.ended("stopped")
	l.shows(wsSide+outcome, l.word("outcome.stopped"))
	l.shows(wsSide+logLines, l.word("log.dropped"))

	// Nobody has to press Stop.
	l.edit(wsCode, "for (;;) {}\n")
	l.click(wsSide + `[data-action="run-side"]`)
	l.ended("done")
	l.shows(wsSide+outcome, l.word("outcome.endless", "seconds", 5))
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
	l := openSite(t).lesson("en", "reconnect?cut=0&every=50&total=3")
	l.edit(sseCode, fmt.Sprintf(`const tries = {
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
	l.click(sseSide + `[data-action="run-side"]`)
	l.ended("done")
	got := l.log(sseSide)
	said := len(got)
	blocked := regexp.MustCompile(l.word("log.elsewhere"))
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
	for _, r := range l.capture().requests("sse") {
		if origin := r.value("http.origin"); origin != "null" {
			t.Errorf("the request came from the origin %q, want null", origin)
		}
	}
}
