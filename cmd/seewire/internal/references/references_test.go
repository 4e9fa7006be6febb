package references

import (
	"testing"

	"seewire/cmd/seewire/internal/author"
)

// A field that is wanted alone is the one among all of them.
func TestFieldAlone(t *testing.T) {
	all, err := Course("")
	if err != nil {
		t.Fatal(err)
	}
	course, err := author.OpenInterface(All())
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range course.Languages {
		for _, want := range all.Fields(language) {
			if got, ok := course.Field(language, want.Name); !ok || got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
	if f, ok := course.Field("en", "violation"); ok {
		t.Errorf("found a field that there is not: %+v", f)
	}
}
