package main

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// Each exercise fails with the program that it starts from and is solved by
// the solution beside it, and says so in the language of the page.

func TestExercisesAreCheckedOnEvidence(t *testing.T) {
	t.Parallel()
	p := openTab(t, startSite(t).base)
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			for _, c := range []struct {
				lesson, experiment string
				wrong, right       []string // what the check says to each, by their keys
			}{
				{"one-post", "chat", []string{"chat.silent"}, []string{"chat.ended", "chat.cuts", "chat.same"}},
				{"reconnect", "reconnect", []string{"reconnect.cuts", "reconnect.missing"}, []string{"reconnect.cuts", "reconnect.all", "reconnect.once", "reconnect.ordered"}},
				{"one-way", "oneway", []string{"oneway.came", "oneway.same", "oneway.cost"}, []string{"oneway.came", "oneway.same", "oneway.cost"}},
			} {
				t.Run(c.lesson, func(t *testing.T) {
					l := p.in(t).lesson(lang, c.lesson)
					const code = exercise + "seewire-code"
					// What was solved in the other language is solved, and its
					// program is still there.
					if eval[bool](l.tab, `document.querySelector("`+code+`").edited`) {
						l.shows(result, l.word("exercise.solved"))
						l.click(code + ` [data-action="restore"]`)
					}
					l.check(false, c.wrong)

					solution, err := os.ReadFile("../../playground/experiments/" + c.experiment + "/exercise/solution.js")
					if err != nil {
						t.Fatal(err)
					}
					l.edit(code, string(solution))
					l.check(true, c.right)
				})
			}

			t.Run("event-stream", func(t *testing.T) {
				l := p.in(t).lesson(lang, "event-stream")
				const answer = exercise + "textarea"
				l.check(false, []string{"framing.types", "framing.unchanged"})
				for _, c := range []struct {
					stream string
					passed bool
					says   []string
				}{
					{`event: price\ndata: 12\n\n`, false, []string{"framing.lines", "framing.unchanged"}},
					{`event: price\ndata: 12\ndata: 13\n\nid: 7\n`, false, []string{"framing.price", "framing.waiting"}},
					{`event: price\ndata: 12\ndata: 13\n\nid: 7\n\n`, true, []string{"framing.price", "framing.committed"}},
				} {
					l.click(answer)
					l.write(c.stream)
					l.check(c.passed, c.says)
				}
			})

			p := p.in(t)
			p.visit("/" + lang + "/")
			l := &lessonPage{p, lang, readWords(t, lang)}
			l.shows(`seewire-progress [data-part="summary"]`, l.word("contents.progress", "done", 4))
		})
	}
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
	for _, key := range says {
		l.shows(result, l.word("exercise."+key))
	}
	if !passed {
		l.shows(result+` [data-ok="false"] .mark`, "✗")
		if !eval[bool](l.tab, `document.querySelector('`+exercise+`details[data-hint="1"]').checkVisibility()`) {
			l.t.Error("no hint is offered")
		}
		return
	}
	if n := eval[int](l.tab, `document.querySelectorAll('`+result+` [data-ok="false"]').length`); n > 0 {
		l.t.Errorf("solved, and yet: %s", l.text(result))
	}
	// The evidence is there to look at.
	l.do(chromedp.ScrollIntoView(chromedp.CSS(exercise + "details:has(seewire-frames)")))
	l.until(`document.querySelectorAll("seewire-exercise seewire-frames [role=option]").length > 0`)
}
