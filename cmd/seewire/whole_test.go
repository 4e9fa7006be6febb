package main

import (
	"testing"

	"seewire/cmd/seewire/internal/references"
)

// TestChineseAndEnglishAreWhole holds the two to be equals: nothing in one is
// shown in the other.
func TestChineseAndEnglishAreWhole(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"en", "zh"} {
		if !course.Whole(language) {
			t.Errorf("%s is not whole", language)
		}
		for _, lesson := range course.Lessons {
			if got := lesson.In(language).Language; got != language {
				t.Errorf("%s: lesson %s is in %s", language, lesson.Slug, got)
			}
		}
		for _, f := range course.Fields(language) {
			if f.Language != language {
				t.Errorf("%s: field %s is in %s", language, f.Name, f.Language)
			}
		}
		for _, term := range course.Glossary(language) {
			if term.Language != language {
				t.Errorf("%s: term %s is in %s", language, term.ID, term.Language)
			}
		}
	}
}
