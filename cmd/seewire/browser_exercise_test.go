package main

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"seewire/cmd/seewire/internal/references"
	"seewire/content"
	"seewire/lessons"
	"seewire/playground/experiments"
)

// TestExercises finds each exercise failed by the program that it starts from
// and solved by the solution beside it, in the language of the page.
func TestExercises(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	base := startSite(t).base
	all := experiments.All(t.Context(), nil, nil)
	course, err := lessons.Load(content.FS, references.Experiments(all))
	if err != nil {
		t.Fatal(err)
	}
	for _, lesson := range course.Lessons {
		for _, set := range lesson.In(course.First()).Exercises() {
			t.Run(lesson.Slug, func(t *testing.T) {
				t.Parallel() // nearly all of it is waiting
				e, err := references.Experiments(all).Find(set.Experiment)
				if err != nil {
					t.Fatal(err)
				}
				p := openTab(t, base)
				for _, lang := range course.Languages {
					t.Run(lang, func(t *testing.T) {
						p.in(t).lesson(lang, lesson.Slug).solve(e.Source)
					})
				}
				l := &lessonPage{p, "en", readWords(t, "en")}
				p.visit("/en/")
				l.shows(`seewire-progress [data-part="summary"]`, l.word("contents.progress", "done", 1))
			})
		}
	}
}

// solve checks the program that an exercise starts from, and then its solution.
func (l *lessonPage) solve(source fs.FS) {
	l.t.Helper()
	const answer, code = exercise + "textarea", exercise + "seewire-code"
	solution, err := fs.ReadFile(source, "exercise/solution.txt")
	if err == nil { // for a control
		if eval[bool](l.tab, `document.querySelector("seewire-exercise").dataset.state === "solved"`) {
			l.shows(result, l.word("exercise.solved"))
		}
		l.check(false, nil)
		l.click(answer)
		l.write(strings.TrimSuffix(string(solution), "\n"))
		l.check(true, nil)
		return
	}
	if solution, err = fs.ReadFile(source, "exercise/solution.js"); err != nil {
		l.t.Fatal(err)
	}
	// What was solved in another language is solved, and its program is still
	// there.
	if eval[bool](l.tab, `document.querySelector("`+code+`").edited`) {
		l.shows(result, l.word("exercise.solved"))
		l.click(code + ` [data-action="restore"]`)
	}
	l.check(false, nil)
	l.edit(code, string(solution))
	l.check(true, nil)
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
	l.do(chromedp.ScrollIntoView(chromedp.CSS(exercise + "details:has(seewire-frames)")))
	l.until(`document.querySelectorAll("seewire-exercise seewire-frames [role=option]").length > 0`)
}
