package main

import (
	"testing"

	"seewire/cmd/seewire/internal/references"
)

// A term that no lesson uses explains nothing that a learner meets.
func TestEveryTermIsUsed(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range course.Languages {
		for _, term := range course.Glossary(language) {
			if term.First == "" {
				t.Errorf("glossary/%s.md: no lesson uses %q", language, term.Name)
			}
		}
	}
}
