// Package browsers tries the course in browsers that are not Chromium, which the
// tests of cmd/seewire drive: in Firefox ESR, and in WebKitGTK, the engine of Safari.
package browsers

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/references"
	"seewire/content"
	"seewire/lessons"
)

// TestLessons makes the default run of each lesson, and gives its exercises the
// solution, in both browsers at once: most of the time they wait for a stream.
func TestLessons(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		start func(*testing.T) *browser
	}{
		{"Firefox", startFirefox},
		{"WebKit", startWebKit},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, base := c.start(t), startSite(t)
			for i, lesson := range course.Lessons {
				lang := course.Languages[i%len(course.Languages)]
				page := lesson.In(lang)
				t.Run(lesson.Slug, func(t *testing.T) {
					// A learner's programs are there as an earlier visit left them.
					b.visit(t, base+"/healthz")
					for _, exercise := range page.Exercises() {
						if program, ok := solution(t, exercise, "js"); ok {
							eval[bool](t, b, fmt.Sprintf(`(localStorage.setItem("seewire/code/%s/exercise.js#%s", %s), true)`, exercise.Experiment, exercise.ID, quoted(quoted(program))))
						}
					}
					b.visit(t, base+"/"+lang+"/lessons/"+lesson.Slug)
					b.run(t, page, lang)
					for _, exercise := range page.Exercises() {
						b.solve(t, exercise)
					}
					for _, complaint := range eval[[]string](t, b, "complaints") {
						t.Errorf("the page: %s", complaint)
					}
					if lesson.Slug == "asleep" && c.name == "WebKit" {
						b.comesBack(t, base)
					}
				})
			}
		})
	}
}

// run makes the default run of a lesson's playground. It ends because both
// programs do, and it has shown something of what the lesson is about.
func (b *browser) run(t *testing.T, page *lessons.Page, lang string) {
	t.Helper()
	playground, ok := page.Playground()
	if !ok {
		return
	}
	b.click(t, `seewire-playground [data-action="run"]`)
	b.until(t, `document.querySelector("seewire-playground").dataset.state === "ended"`)
	if said := eval[string](t, b, `document.querySelector("seewire-playground [data-part=status]").textContent`); said != words(t, lang)["playground.status.done"] {
		t.Errorf("the run ended so: %s", said)
	}
	if thrown := eval[string](t, b, `[...document.querySelectorAll("seewire-playground [data-kind=throw]")].map((line) => line.textContent).join("\n")`); thrown != "" {
		t.Errorf("a program threw %s", thrown)
	}
	b.until(t, fmt.Sprintf(`localStorage.getItem("seewire/own/%s")`, playground.Experiment))
}

// solve checks the solution of an exercise.
func (b *browser) solve(t *testing.T, exercise lessons.Exercise) {
	t.Helper()
	place := "#" + exercise.ID
	if text, ok := solution(t, exercise, "txt"); ok {
		eval[bool](t, b, fmt.Sprintf(`(document.querySelector("%s textarea").value = %s, true)`, place, quoted(strings.TrimSuffix(text, "\n"))))
	}
	for range 3 { // a machine may be too busy for the limits of time in an exercise
		b.click(t, place+` [data-action="check"]`)
		b.until(t, fmt.Sprintf(`document.querySelector('%s [data-action="check"]').ariaDisabled === "false"`, place))
		if eval[string](t, b, fmt.Sprintf(`document.querySelector("%s").dataset.state ?? ""`, place)) == "solved" {
			return
		}
		t.Logf("not solved: %s", eval[string](t, b, fmt.Sprintf(`document.querySelector("%s [data-part=result]").innerText`, place)))
	}
	t.Errorf("%s is not solved", place)
}

// solution is the file with an exercise's solution: a program, or a control's text.
func solution(t *testing.T, exercise lessons.Exercise, kind string) (string, bool) {
	t.Helper()
	experiment, err := references.All().Find(exercise.Experiment)
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(experiment.Source, "exercise/solution."+kind)
	return string(text), err == nil
}

// words are the interface's words in a language.
func words(t *testing.T, lang string) (words map[string]string) {
	t.Helper()
	data, err := fs.ReadFile(content.FS, "ui/"+lang+".json")
	if err == nil {
		err = json.Unmarshal(data, &words)
	}
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// quoted is a text as JavaScript writes it.
func quoted(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}
