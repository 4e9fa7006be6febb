package lessons

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The words of an experiment lie beside its lesson, and are the page's.
func TestWordsOfALesson(t *testing.T) {
	tree := files(playground)
	tree["lessons/first/words.zh.json"] = &fstest.MapFile{Data: []byte(`{"finding.count.gap":"间隔"}`)}
	course, err := Load(tree, world{})
	if err != nil {
		t.Fatal(err)
	}
	if got := course.Words["zh"].Text("finding.count.gap"); got != "间隔" {
		t.Errorf("the Chinese word is %q", got)
	}
}

func TestMistakesInTheWordsOfALesson(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string // "" takes the file away
		want  []string
	}{
		{"in one language", map[string]string{"lessons/first/words.zh.json": ""}, []string{
			`lessons/first/words.zh.json:1: "finding.count.gap" is missing; en has "x", add it`}},
		{"in all", map[string]string{"lessons/first/words.en.json": "", "lessons/first/words.zh.json": ""}, []string{
			`lessons/first/words.en.json:1: "finding.count.gap" is missing, which is for count/findings.js, add it`,
			`lessons/first/words.zh.json:1: "finding.count.gap" is missing, which is for count/findings.js, add it`}},
		{"that no module names", map[string]string{
			"lessons/first/words.en.json": "{\n\"finding.count.gap\":\"x\",\n\"finding.count.gup\":\"x\"}",
			"lessons/first/words.zh.json": `{"finding.count.gap":"x","finding.count.gup":"x"}`}, []string{
			`lessons/first/words.en.json:3: "finding.count.gup" is for no control, and no module of an experiment names it, take it out, or name it there`,
			`lessons/first/words.zh.json:1: "finding.count.gup" is for no control`}},
		{"beside two lessons", map[string]string{
			"course.txt": "first\nsecond\n", "lessons/second/en.md": front + playground, "lessons/second/zh.md": front + playground,
			"lessons/second/words.en.json": `{"finding.count.gap":"x"}`}, []string{
			`lessons/second/words.en.json:1: "finding.count.gap" stands in lessons/first too, take one of them out`}},
		{"of a language without an interface", map[string]string{"lessons/first/words.fr.json": `{}`}, []string{
			`lessons/first/words.fr.json:1: language "fr" has no words of the interface, write ui/fr.json first`}},
		{"of an experiment without a lesson", map[string]string{
			"lessons/first/en.md": front + strings.Replace(playground, "count", "none", 1),
			"lessons/first/zh.md": front + strings.Replace(playground, "count", "none", 1)}, []string{
			`course.txt:1: no lesson has the experiment "count", write one with :::playground {experiment=count}`}},
		{"of an exercise that there is not", map[string]string{
			"lessons/first/en.md": front + playground + ":::exercise {#x experiment=none side=sse}\n:::\n",
			"lessons/first/zh.md": front + playground + ":::exercise {#x experiment=none side=sse}\n:::\n"}, []string{
			`lessons/first/en.md:7: :::exercise: the experiment "none" has no exercise, write one in its folder`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := files(playground)
			for name, text := range c.files {
				if delete(tree, name); text != "" {
					tree[name] = &fstest.MapFile{Data: []byte(text)}
				}
			}
			_, err := Load(tree, world{})
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("\n got %v\nwant %s", err, want)
				}
			}
		})
	}
}

// The form of a word is the one that the language has for the number.
func TestFormsOfAWord(t *testing.T) {
	for _, c := range []struct {
		language, word, number, want string
	}{
		{"en", "{n} {n|one:event|other:events}", "1", "1 event"},
		{"en", "{n} {n|one:event|other:events}", "0", "0 events"},
		{"en", "{n} {n|one:event|other:events}", "12", "12 events"},
		{"en", "{n} {n|one:event|other:events}", "1.5 M", "1.5 M events"},
		{"fr", "{n} {n|one:événement|other:événements}", "0", "0 événement"},
		{"pl", "{n} {n|one:ramka|few:ramki|many:ramek|other:ramki}", "3", "3 ramki"},
		{"pl", "{n} {n|one:ramka|few:ramki|many:ramek|other:ramki}", "25", "25 ramek"},
		{"zh-CN", "{n} {n|one:event|other:events}", "1", "1 events"}, // a language without plurals has no form but other
		{"en", "{n} of {total}", "{total}", "{total} of {total}"},    // what stands in a value is no placeholder
		{"en", "{n", "1", "{n"},
		{"en", "{} {n-} {n|one} {n|:x} {n{n}} 字{n}", "1", "{} {n-} {n|one} {n|:x} {n1} 字1"},
	} {
		words := Words{"language.tag": c.language, "a": c.word}
		if got := words.Text("a", "n", c.number); got != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.language, c.number, got, c.want)
		}
	}
}

// A file of words that is read fast says what the decoder says, and nothing that the
// decoder would find something wrong with is read so.
func TestPlainWords(t *testing.T) {
	for _, c := range []struct {
		text  string
		plain bool
	}{
		{`{"a":"x"}`, true},
		{"\n{ \"a\" : \"x\" ,\r\n\t\"b\":\"\", \n\n\"c\":\"字\"\n}\n", true},
		{`{"a":"\"\\\n\u5b57\ud83d\ude00\ud83d","\u0061b":"y"}` + " left over", true},
		{`{}`, false},
		{`{"a":"x","a":"y"}`, false},
		{`{"b":"x","a":"y"}`, false},
		{`{"a":"x",}`, false},
		{`{"a":"x"`, false},
		{`{"a":"x" "b":"y"}`, false},
		{`{"a" "x"}`, false},
		{`{"a":1}`, false},
		{`{"a":["x"]}`, false},
		{"{\"a\":\"x\ny\"}", false},
		{`{"a":"\x"}`, false},
		{`{"a":"x`, false},
		{`{"a":"x\`, false},
		{`["a"]`, false},
		{``, false},
	} {
		s := source{"ui/en.json", "content/ui/en.json", []byte(c.text)}
		words, plain := plainWords(s)
		want, problems := decodedWords(s)
		if plain != c.plain || plain && (!slices.Equal(words, want) || problems != nil) {
			t.Errorf("%s: read %v: %v; the decoder: %v, %v", c.text, plain, words, want, problems)
		}
	}
}
