package main

import (
	"fmt"
	"os"
	"testing"

	"seewire/cmd/seewire/internal/references"
	"seewire/playground/experiments"
)

// TestOtherBrowsers makes the default run of each lesson, and gives its exercise
// the solution, in Firefox and in WebKit, the engine of Safari. Three browsers at
// once are too much for a small machine: it runs before the tests that drive
// Chromium, and with SEEWIRE_BROWSER=all alone.
func TestOtherBrowsers(t *testing.T) {
	if os.Getenv("SEEWIRE_BROWSER") != "all" {
		t.Skip("set SEEWIRE_BROWSER=all for Firefox and WebKit")
	}
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	all := references.Experiments(experiments.All(t.Context(), nil, nil))
	for name, start := range map[string]func(*testing.T) *driver{"Firefox": startFirefox, "WebKit": startWebKit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // nearly all of it is waiting
			browser, base := start(t), startSite(t).base
			for _, lesson := range course.Lessons {
				page := lesson.In(course.First())
				t.Run(lesson.Slug, func(t *testing.T) {
					l := browser.tab(t, base).lesson(course.First(), lesson.Slug)
					if playground, ok := page.Playground(); ok {
						l.run()
						// It has shown something of what the lesson is about.
						l.until(fmt.Sprintf(`localStorage.getItem("seewire/own/%s")`, playground.Experiment))
					}
					for _, set := range page.Exercises() {
						e, err := all.Find(set.Experiment)
						if err != nil {
							t.Fatal(err)
						}
						l.putSolution(e.Source)
						l.check(true, nil)
					}
					l.complained()
				})
			}
		})
	}
}
