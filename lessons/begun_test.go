package lessons

import (
	"strings"
	"testing"
	"testing/fstest"
)

// begun adds a second lesson to the course, and the beginnings of a language.
func begun(german map[string]string) fstest.MapFS {
	tree := files(playground + "A frame. [x](lesson:second) [y](field:sse.retry)\n")
	put := func(name, text string) { tree[name] = &fstest.MapFile{Data: []byte(text)} }
	put("course.txt", "first\nsecond\n")
	for _, language := range []string{"en", "zh"} {
		put("lessons/second/"+language+".md", front+playground)
	}
	put("ui/de.json", `{"a":"{n} von {total}"}`)
	for name, text := range german {
		put(name, text)
	}
	return tree
}

func TestLanguageIsBegun(t *testing.T) {
	course, err := Load(begun(map[string]string{
		"lessons/second/de.md": "---\nquestion: Warum?\nsummary: S.\n---\n" + playground + "Siehe [x](lesson:first).\n",
	}), world{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(course.Languages, " "); got != "en zh de" || course.Whole("de") || !course.Whole("zh") {
		t.Errorf("languages %s", got)
	}
	if got := course.Words["de"].Text("language.tag"); got != "de" {
		t.Errorf("the tag is %q", got)
	}
	first, second := course.Lessons[0].In("de"), course.Lessons[1].In("de")
	if second.Language != "de" || second.Question != "Warum?" {
		t.Errorf("what is translated: %+v", second)
	}
	if first.Language != "en" || first.Question != "Q?" {
		t.Errorf("what is not: %+v", first)
	}
	// All links stay among the reader's own pages.
	for _, want := range []string{`href="/de/lessons/second"`, `href="/de/fields#sse.retry"`, `href="/de/glossary#frame"`} {
		if got := show(first.Body().Parts); !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if got := course.Fields("de"); len(got) != 1 || got[0].Language != "en" || got[0].HTML == "" {
		t.Errorf("fields %+v", got)
	}
	if got := course.Glossary("de"); len(got) != 2 || got[1].ID != "frame" || got[1].Language != "en" || got[1].First != "first" {
		t.Errorf("glossary %+v", got)
	}
}

func TestWhatIsTranslatedCounts(t *testing.T) {
	course, err := Load(begun(map[string]string{
		"fields/de.md":   "## sse.retry\n\nWie lange.\n",
		"glossary/de.md": "## Frame {#frame}\n\nEine Einheit.\n",
	}), world{})
	if err != nil {
		t.Fatal(err)
	}
	if got := course.Fields("de"); len(got) != 1 || got[0].Language != "de" {
		t.Errorf("fields %+v", got)
	}
	if got := course.Glossary("de"); len(got) != 2 || got[0].Language != "en" || got[1].Language != "de" {
		t.Errorf("glossary %+v", got)
	}
}

// What there is of a language that is begun has to be right.
func TestMistakesOfALanguageThatIsBegun(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"interface", "ui/de.json", `{}`, `ui/de.json:1: "a" is missing; en has "{n} of {total}"`},
		{"words of a lesson", "lessons/first/de.md", front + playground, `lessons/first/words.de.json:1: "finding.count.gap" is missing; en has "x"`},
		{"word that is none", "ui/de.json", "{\n\"a\":\"{n} {total}\",\n\"b\":\"\"}", `ui/de.json:3: "b" is no word of the interface`},
		{"lesson", "lessons/second/de.md", front + playground + "[x](field:sse.retries)\n", `lessons/second/de.md:7: no dissector has a field "sse.retries"`},
		{"field", "fields/de.md", "## sse.none\n\nX.\n", `fields/de.md:1: no dissector has a field "sse.none"`},
		{"term", "glossary/de.md", "## X {#x}\n", `glossary/de.md:1: the term "x" is not explained`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(begun(map[string]string{c.file: c.text}), world{})
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.(Problems)) != 1 {
				t.Errorf("\n got %v\nwant %s", err, c.want)
			}
		})
	}
}

// A lesson that is missing in a whole language is a problem, and still has a
// page.
func TestWhatStandsInForALessonThatIsMissing(t *testing.T) {
	tree := files(playground)
	delete(tree, "lessons/first/en.md")
	course, err := Load(tree, world{})
	if err == nil {
		t.Fatal("no problem")
	}
	if page := course.Lessons[0].In("en"); page.Language != "zh" {
		t.Errorf("%+v", page)
	}
}
