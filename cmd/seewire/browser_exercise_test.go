package main

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/references"
	"seewire/content"
	"seewire/lessons"
	"seewire/playground/experiments"
)

// TestExercises finds each exercise failed by the program that it starts from in one
// language, and solved by the solution beside it in the other, and then in both.
func TestExercises(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	base := startSite(t).base
	all := experiments.All(t.Context(), nil, nil, nil)
	course, err := lessons.Load(content.FS, references.Experiments(all))
	if err != nil {
		t.Fatal(err)
	}
	for i, lesson := range course.Lessons {
		one, other := course.Languages[i%2], course.Languages[1-i%2]
		for _, set := range lesson.In(course.First()).Exercises() {
			t.Run(lesson.Slug, func(t *testing.T) {
				t.Parallel() // nearly all of it is waiting
				e, err := references.Experiments(all).Find(set.Experiment)
				if err != nil {
					t.Fatal(err)
				}
				p := openTab(t, base)
				p.lesson(one, lesson.Slug).check(false, nil)
				l := p.lesson(other, lesson.Slug)
				l.putSolution(e.Source)
				l.check(true, nil)
				l = p.lesson(one, lesson.Slug)
				l.shows(result, l.word("exercise.solved"))
				p.visit("/" + one + "/")
				l.shows(`seewire-progress [data-part="summary"]`, l.word("contents.progress", "done", 1))
			})
		}
	}
}

// solve checks the program that an exercise starts from, and then its solution.
func (l *lessonPage) solve(source fs.FS) {
	l.t.Helper()
	if eval[bool](l.tab, `!!document.querySelector("`+exerciseCode+`")?.edited`) { // in another language
		l.click(exerciseCode + ` [data-action="restore"]`)
	}
	l.check(false, nil)
	l.putSolution(source)
	l.check(true, nil)
}

// putSolution writes the solution into the exercise: a program, or a control's text.
func (l *lessonPage) putSolution(source fs.FS) {
	l.t.Helper()
	if text, err := fs.ReadFile(source, "exercise/solution.txt"); err == nil {
		l.click(exercise + "textarea")
		l.write(strings.TrimSuffix(string(text), "\n"))
		return
	}
	program, err := fs.ReadFile(source, "exercise/solution.js")
	if err != nil {
		l.t.Fatal(err)
	}
	l.edit(exerciseCode, string(program))
}

// check presses Check and compares the verdict.
func (l *lessonPage) check(passed bool, says []string) {
	l.t.Helper()
	l.click(exercise + `[data-part="actions"] button`)
	verdict := "exercise.failed"
	if passed {
		verdict = "exercise.passed"
	}
	l.shows(result, l.word(verdict))
	if said := l.text(result); strings.Contains(said, "exercise.") {
		l.t.Errorf("a word is missing: %s", said)
	}
	for _, key := range says {
		l.shows(result, l.word("exercise."+key))
	}
	if !passed {
		l.shows(result+` [data-state="failed"] .mark`, "✗")
		if !eval[bool](l.tab, `document.querySelector('`+exercise+`details[data-hint="1"]').checkVisibility()`) {
			l.t.Error("no hint is offered")
		}
		return
	}
	if n := eval[int](l.tab, `document.querySelectorAll('`+result+` [data-state="failed"]').length`); n > 0 {
		l.t.Errorf("solved, and yet: %s", l.text(result))
	}
	// The evidence is there to look at.
	l.scrollTo(exercise + "details:has(seewire-frames)")
	l.until(`document.querySelectorAll("seewire-exercise seewire-frames [role=option]").length > 0`)
}

// solution is the model answer to the exercise of an experiment.
func solution(t *testing.T, experiment string) string {
	t.Helper()
	text, err := os.ReadFile(inModule("playground/experiments/" + experiment + "/exercise/solution.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExercisesRefuse tries answers that look right in what they report, and are
// not. Each verdict comes long before the time of a check is over.
func TestExercisesRefuse(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	base := startSite(t).base
	for _, c := range []struct{ name, slug, program, says string }{
		{"made up before it came", "reconnect", strings.Replace(strings.Replace(solution(t, "reconnect"), "report(last);", "", 1), "let last", "for (let n = 1; n <= controls.total; n++) report(n);\nlet last", 1),
			"exercise.reconnect.early"},
		{"made up without a connection", "pressure", "for (const n of [5, 10, 20, 30, 40, 50]) {\n  await new Promise((done) => setTimeout(done, 100));\n  report(n);\n}\n",
			"exercise.pressure.early"},
		{"over the other protocol", "one-post", "const socket = new WebSocket(url.replace(\"http\", \"ws\").replace(\"/sse\", \"/ws\"));\n" + strings.Replace(solution(t, "chat"), "report(answer)", "report(answer); socket.close()", 1),
			"exercise.chat.socket"},
		{"connecting after the end", "reconnect", strings.Replace(solution(t, "reconnect"), "if (event.code === 1000) return;", "", 1),
			"exercise.reconnect.after"},
		{"without from", "reconnect", strings.Replace(solution(t, "reconnect"), "address.searchParams.set(\"from\", last);", "", 1),
			"exercise.reconnect.restarted"},
		{"each twice", "measure", strings.Replace(solution(t, "measure"), "report(data);", "report(data); report(data);", 1),
			"exercise.measure.twice"},
		{"without what was to be sent", "one-way", strings.NewReplacer("picture.toBase64()", `"x".repeat(1100)`, "Uint8Array.fromBase64(event.data)", "picture").Replace(solution(t, "oneway")),
			"exercise.oneway.unlike"},
		{"closed before both came back", "frames", strings.Replace(solution(t, "echo"), "echoes === 2", "echoes === 1", 1),
			"exercise.echo.echoed"},
		{"an alarm on a line that lives", "silence", strings.Replace(solution(t, "silence"), `source.addEventListener("heartbeat", alive);`, "", 1),
			"exercise.silence.false_quiet"},
		{"waiting where nothing comes", "choose", strings.Replace(solution(t, "choose"), "watchdog = setTimeout(again, 3 * controls.beat);", "", 1),
			"exercise.choose.endured"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := openTab(t, base).in(t).lesson("en", c.slug)
			l.edit(exercise+"seewire-code", c.program)
			l.check(false, nil)
			l.shows(result, l.word(c.says))
			if eval[bool](l.tab, `document.querySelector('`+result+` [data-action="show"]') !== null`) {
				l.click(result + ` button[data-action="show"]`)
				l.until(`document.querySelector('seewire-exercise details:has(seewire-frames)').open`)
				l.until(`document.querySelector('seewire-exercise seewire-frames [role=option][aria-selected=true]')`)
			}
		})
	}
}

// TestExercisesAccept tries right answers in another style than the model's.
func TestExercisesAccept(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	base := startSite(t).base
	for _, c := range []struct{ name, slug, program string }{
		{"XMLHttpRequest", "one-post", `const request = new XMLHttpRequest();
request.open("POST", url);
request.setRequestHeader("Content-Type", "application/json");
request.onload = () => {
  const events = request.responseText.split("\n\n").map((event) => event.slice(6));
  const tokens = events.filter((data) => data && data !== "[DONE]").map((data) => JSON.parse(data).choices[0].delta.content ?? "");
  report(tokens.join(""));
};
request.send(JSON.stringify({ messages: [{ role: "user", content: controls.prompt }], stream: true }));
`},
		{"a typed array", "one-way", strings.Replace(solution(t, "oneway"), "report([...bytes])", "report(bytes)", 1)},
		{"two pieces", "one-way", strings.NewReplacer("const body = picture.toBase64();\n  fetch(sendUrl, { method: \"POST\", body });",
			"fetch(sendUrl, { method: \"POST\", body: picture.slice(0, 300).toBase64() })\n    .then(() => fetch(sendUrl, { method: \"POST\", body: picture.slice(300).toBase64() }));",
			"const bytes = Uint8Array.fromBase64(event.data);\n", "bytes.push(...Uint8Array.fromBase64(event.data));\n  if (bytes.length < 1024) return;\n",
			"source.onmessage", "const bytes = [];\nsource.onmessage").Replace(solution(t, "oneway"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := openTab(t, base).in(t).lesson("en", c.slug)
			l.edit(exercise+"seewire-code", c.program)
			l.check(true, nil)
		})
	}
}

// TestExerciseErrorsShowTheirLine finds what the browser's own methods throw, in
// a handler and in a promise, with the line of the learner's code, and the
// verdict after it although the connection stays open.
func TestExerciseErrorsShowTheirLine(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	for _, c := range []struct{ name, lang, program string }{
		{"in a handler", "en", "const socket = new WebSocket(url);\nsocket.onopen = () => {\n  socket.close(4000, \"x\".repeat(124));\n};\n"},
		{"in a promise", "zh", "const socket = new WebSocket(url);\nsocket.onopen = async () => {\n  socket.close(4000, \"x\".repeat(124));\n};\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := p.in(t).lesson(c.lang, "frames")
			l.edit(exercise+"seewire-code", c.program)
			l.check(false, []string{"echo.open"})
			l.shows(exercise+`.log [data-kind="throw"]`, "SyntaxError")
			l.shows(exercise+`.log [data-kind="throw"] button`, l.word("log.place", "line", 3, "column", 10))
		})
	}
}

// TestExerciseStops judges what there is when the learner does not want to wait.
func TestExerciseStops(t *testing.T) {
	t.Parallel()
	l := openSite(t).lesson("zh", "choose")
	// Without a watchdog it waits where nothing comes.
	l.edit(exercise+"seewire-code", strings.Replace(solution(t, "choose"), "watchdog = setTimeout(again, 3 * controls.beat);", "", 1))
	l.click(exercise + `[data-action="check"]`)
	l.shows(result, l.word("exercise.so_far"))
	l.shows(result+` [data-state="pending"] .mark`, "·")
	l.until(`document.querySelectorAll('seewire-exercise [data-state="ok"]').length > 0`)
	l.shows(exercise+`[data-action="stop"]`, l.word("exercise.stop"))
	l.click(exercise + `[data-action="stop"]`)
	l.shows(result, l.word("exercise.failed"))
}

// TestModelAnswer is there once an exercise is solved, beside the learner's own,
// and not before.
func TestModelAnswer(t *testing.T) {
	t.Parallel()
	p := openSite(t)
	l := p.lesson("en", "six")
	const show, model = exercise + `[data-action="model"]`, exercise + ".exercise-model"
	if eval[bool](l.tab, `document.querySelector('`+show+`').checkVisibility()`) {
		t.Error("the model answer is offered before the exercise is solved")
	}
	own := "// mine\n" + solution(t, "six")
	l.edit(exercise+"seewire-code", own)
	l.check(true, nil)
	for _, lang := range []string{"en", "zh"} {
		l := p.in(t).lesson(lang, "six")
		l.shows(show, l.word("exercise.show_model"))
		l.click(show)
		l.shows(model, l.word("exercise.model"))
		if got := eval[string](l.tab, `document.querySelector('`+model+` code').textContent`); got != solution(t, "six") {
			t.Errorf("the model answer is\n%s", got)
		}
		if got := eval[string](l.tab, `document.querySelector('`+exercise+`seewire-code').value`); got != own {
			t.Errorf("beside it the learner's is\n%s", got)
		}
	}
}
