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

func TestHeadings(t *testing.T) {
	p := page(t, "lessons/a")
	var got []string
	for _, h := range headings([]lessons.Part{
		lessons.HTML(`<h2 id="run">运行这个</h2><p>…</p><h3 id="no">不算</h3>`),
		lessons.Exercise{},
		lessons.HTML("<h2 id=\"ten\">一万个 <code>&lt;a&gt;</code></h2>"),
	}) {
		got = append(got, h.ID+" "+h.short(p))
	}
	if want := []string{"run 运行", "ten 一万个 <a>"}; !reflect.DeepEqual(got, want) {
		t.Errorf("headings are %q, want %q", got, want)
	}
}
