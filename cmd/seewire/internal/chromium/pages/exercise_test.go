package pages

import (
	"os"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/content"
	"seewire/lessons"
	"seewire/playground/experiments"
)

// TestExercises finds each exercise failed by the program that it starts from in one
// language, and solved by the solution beside it in the other, and then in both.
func TestExercises(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	base := sitetest.Start(t).Base
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
				p := chromium.OpenTab(t, base)
				p.Lesson(one, lesson.Slug).Check(false, nil)
				l := p.Lesson(other, lesson.Slug)
				l.PutSolution(e.Source)
				l.Check(true, nil)
				l = p.Lesson(one, lesson.Slug)
				l.Shows(chromium.Result, l.Word("exercise.solved"))
				p.Visit("/" + one + "/")
				l.Shows(`seewire-progress [data-part="summary"]`, l.Word("contents.progress", "done", 1))
			})
		}
	}
}

// solution is the model answer to the exercise of an experiment.
func solution(t *testing.T, experiment string) string {
	t.Helper()
	text, err := os.ReadFile(sitetest.InModule("playground/experiments/" + experiment + "/exercise/solution.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExercisesRefuse tries answers that look right in what they report, and are
// not. Each verdict comes long before the time of a check is over.
func TestExercisesRefuse(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	base := sitetest.Start(t).Base
	type refused struct{ name, slug, program, says string }
	all := []refused{
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
		{"an ID without its blank line", "event-stream", `event: price\ndata: 12\ndata: 13\n\nid: 7\n`,
			"exercise.framing.waiting"},
		{"each answer twice", "in-between", strings.Replace(solution(t, "proxy"), "report({ round, fault: await diagnose(round) });", "const fault = await diagnose(round);\n  report({ round, fault });\n  report({ round, fault });", 1),
			"exercise.proxy.again"},
		{"numbers of later events", "six", strings.Replace(solution(t, "six"), "Number(event.data)", "Number(event.data) + 1", 1),
			"exercise.six.early"},
		{"open while nobody looks", "asleep", strings.Replace(solution(t, "asleep"), "socket.close();", "", 1),
			"exercise.asleep.open"},
		{"encoded, and not decoded", "strangers", strings.Replace(solution(t, "strangers"), "JSON.parse(data)", "data", 1),
			"exercise.strangers.different"},
		{"all at the same time", "many", strings.Replace(solution(t, "many"), "600 + 4400 * Math.random()", "1000", 1),
			"exercise.many.wave"},
		{"questions without a number", "broken-answer", strings.Replace(solution(t, "broken"), `address.searchParams.set("attempt", attempt);`, "", 1),
			"exercise.broken.no_attempt"},
		{"called again where the rest was to be fetched", "agents", strings.Replace(solution(t, "agents"), "response = await fetch(url, {\n    headers: { ...headers, \"Last-Event-ID\": last },\n  });",
			"response = await post({ id: 3, method: \"tools/call\", params: { name: \"book_seat\", arguments: { train: 7 }, _meta: { progressToken: 3 } } });", 1),
			"exercise.agents.twice"},
	}
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, lesson := range course.Lessons {
		isTried := slices.ContainsFunc(all, func(c refused) bool { return c.slug == lesson.Slug })
		if len(lesson.In(course.First()).Exercises()) > 0 && !isTried {
			t.Errorf("%s: no wrong answer to its exercise is tried here", lesson.Slug)
		}
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := chromium.OpenTab(t, base).In(t).Lesson("en", c.slug)
			l.Answer(c.program)
			l.Check(false, nil)
			l.Shows(chromium.Result, l.Word(c.says))
			if chromium.Eval[bool](l.Tab, `document.querySelector('`+chromium.Result+` [data-action="show"]') !== null`) {
				l.Click(chromium.Result + ` button[data-action="show"]`)
				l.Until(`document.querySelector('seewire-exercise details:has(seewire-frames)').open`)
				l.Until(`document.querySelector('seewire-exercise seewire-frames [role=option][aria-selected=true]')`)
			}
		})
	}
}

// TestExercisesAccept tries right answers in another style than the model's.
func TestExercisesAccept(t *testing.T) {
	t.Parallel()
	chromium.NeedBrowser(t)
	base := sitetest.Start(t).Base
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
			l := chromium.OpenTab(t, base).In(t).Lesson("en", c.slug)
			l.Edit(chromium.Exercise+"seewire-code", c.program)
			l.Check(true, nil)
		})
	}
}

// TestExerciseErrorsShowTheirLine finds what the browser's own methods throw, in
// a handler and in a promise, with the line of the learner's code, and the
// verdict after it although the connection stays open.
func TestExerciseErrorsShowTheirLine(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	for _, c := range []struct{ name, lang, program string }{
		{"in a handler", "en", "const socket = new WebSocket(url);\nsocket.onopen = () => {\n  socket.close(4000, \"x\".repeat(124));\n};\n"},
		{"in a promise", "zh", "const socket = new WebSocket(url);\nsocket.onopen = async () => {\n  socket.close(4000, \"x\".repeat(124));\n};\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := p.In(t).Lesson(c.lang, "frames")
			l.Edit(chromium.Exercise+"seewire-code", c.program)
			l.Check(false, []string{"echo.open"})
			l.Shows(chromium.Exercise+`.log [data-kind="throw"]`, "SyntaxError")
			l.Shows(chromium.Exercise+`.log [data-kind="throw"] button`, l.Word("log.place", "line", 3, "column", 10))
		})
	}
}

// TestExerciseStops judges what there is when the learner does not want to wait.
func TestExerciseStops(t *testing.T) {
	t.Parallel()
	l := chromium.OpenSite(t).Lesson("zh", "choose")
	// Without a watchdog it waits where nothing comes.
	l.Edit(chromium.Exercise+"seewire-code", strings.Replace(solution(t, "choose"), "watchdog = setTimeout(again, 3 * controls.beat);", "", 1))
	l.Click(chromium.Exercise + `[data-action="check"]`)
	l.Shows(chromium.Result, l.Word("exercise.so_far"))
	l.Shows(chromium.Result+` [data-state="pending"] .mark`, "·")
	l.Until(`document.querySelectorAll('seewire-exercise [data-state="ok"]').length > 0`)
	l.Shows(chromium.Exercise+`[data-action="stop"]`, l.Word("exercise.stop"))
	l.Click(chromium.Exercise + `[data-action="stop"]`)
	l.Shows(chromium.Result, l.Word("exercise.failed"))
}

// TestModelAnswer is there once an exercise is solved, beside the learner's own,
// and not before.
func TestModelAnswer(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t)
	l := p.Lesson("en", "six")
	const show, model = chromium.Exercise + `[data-action="model"]`, chromium.Exercise + ".exercise-model"
	if chromium.Eval[bool](l.Tab, `document.querySelector('`+show+`').checkVisibility()`) {
		t.Error("the model answer is offered before the exercise is solved")
	}
	own := "// mine\n" + solution(t, "six")
	l.Edit(chromium.Exercise+"seewire-code", own)
	l.Check(true, nil)
	for _, lang := range []string{"en", "zh"} {
		l := p.In(t).Lesson(lang, "six")
		l.Shows(show, l.Word("exercise.show_model"))
		l.Click(show)
		l.Shows(model, l.Word("exercise.model"))
		if got := chromium.Eval[string](l.Tab, `document.querySelector('`+model+` code').textContent`); got != solution(t, "six") {
			t.Errorf("the model answer is\n%s", got)
		}
		if got := chromium.Eval[string](l.Tab, `document.querySelector('`+chromium.Exercise+`seewire-code').value`); got != own {
			t.Errorf("beside it the learner's is\n%s", got)
		}
	}
}
