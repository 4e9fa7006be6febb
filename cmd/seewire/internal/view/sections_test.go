package view

import (
	"reflect"
	"testing"

	"seewire/lessons"
)

func TestSections(t *testing.T) {
	playground := lessons.Playground{Caption: "<p>What to look at.</p>"}
	before, after, rest := sections([]lessons.Part{
		lessons.HTML("<p>The question.</p>"),
		playground,
		lessons.HTML("<h2>Why</h2><h2>Exercise</h2><p>Mend it.</p>"),
		lessons.Exercise{},
		lessons.HTML("<p>The end.</p>"),
	})
	for _, c := range []struct {
		name      string
		got, want []lessons.Part
	}{
		{"before", before, []lessons.Part{lessons.HTML("<p>The question.</p>"), playground.Caption}},
		{"after", after, []lessons.Part{lessons.HTML("<h2>Why</h2>")}},
		{"rest", rest, []lessons.Part{lessons.HTML("<h2>Exercise</h2><p>Mend it.</p>"), lessons.Exercise{}, lessons.HTML("<p>The end.</p>")}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s is %#v, want %#v", c.name, c.got, c.want)
		}
	}
}
