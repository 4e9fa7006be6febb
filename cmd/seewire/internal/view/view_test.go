package view

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"seewire/lessons"
)

// repository is the module's root.
var repository = os.DirFS("../../../..")

func words(t *testing.T, language string) lessons.Words {
	t.Helper()
	text, err := fs.ReadFile(repository, "content/ui/"+language+".json")
	if err != nil {
		t.Fatal(err)
	}
	var words lessons.Words
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

func page(t *testing.T, path string) Page {
	return Page{
		Words:     words(t, "zh"),
		Language:  "zh",
		Languages: []Language{{"en", "en", "English"}, {"zh", "zh-CN", "中文"}},
		Base:      "https://example.org",
		Path:      path,
		Static:    func(file string) string { return "/static/0/" + file },
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var out strings.Builder
	if err := c.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// body is one of each kind of part.
func body() *lessons.Page {
	return &lessons.Page{
		Language: "zh", Question: "问 & 答？", Summary: "一句话。",
		Body: func() lessons.Body {
			return lessons.Body{Parts: []lessons.Part{
				lessons.HTML(`<h2 id="look">看</h2>`),
				lessons.Predict{ID: "p", Question: "哪个？", Options: []lessons.HTML{"甲", "乙"}, Answer: 2, Why: "<p>因为。</p>"},
				lessons.Playground{Experiment: "count"},
				lessons.Exercise{ID: "e", Experiment: "count", Side: "ws", Controls: url.Values{"cut": {"3"}, "how": {"reset"}}, Starter: "report(1)", Body: []lessons.Part{lessons.HTML("<p>做。</p>")}, Hints: []lessons.HTML{"想", "看"}},
				lessons.Figure{Language: "zh", SVG: "<svg></svg>", Caption: "<p>图。</p>"},
				lessons.Terminal{Side: "ws", Commands: "a '{wsbase}/x?b&c={capture}'\n  {base}\n"},
				lessons.Code{File: "count/sse.go", Name: "Serve", HTML: "func\n\n\tx"},
			},
				Sources: []lessons.Source{{URL: "https://example.org/spec", Title: "Spec, 2026-11-22"}}}
		},
	}
}

func lessonPage(t *testing.T) string {
	p := page(t, "lessons/count")
	p.Lesson, p.Title, p.Description = "count", "问 & 答？", "一句话。"
	return render(t, Lesson(p, LessonModel{
		Lesson: lessons.Lesson{Number: 3, Slug: "count"}, Page: body(), Total: 13,
		Playground: templ.Raw("<seewire-playground></seewire-playground>"), Capture: "abcdefgh",
	}))
}

func TestLesson(t *testing.T) {
	got := lessonPage(t)
	for _, want := range []string{
		`<html lang="zh-CN">`,
		`<title>问 &amp; 答？ · Seewire</title>`,
		`<meta name="description" content="一句话。">`,
		`<link rel="canonical" href="https://example.org/zh/lessons/count">`,
		`<link rel="alternate" hreflang="en" href="https://example.org/en/lessons/count">`,
		`<script type="module" src="/static/0/js/main.js">`,
		`data-lang="zh" data-lesson="count" data-words="/zh/words.json?lesson=count" data-fields="/zh/fields.json"`,
		`href="/language?path=%2Fen%2Flessons%2Fcount&amp;to=en"`,
		`<h1>问 &amp; 答？</h1>`,
		`<seewire-predict id="p" class="block predict" data-answer="2">`,
		`<input type="radio" name="p" value="2">`,
		`<seewire-playground>`,
		`data-controls="cut=3&amp;how=reset"`,
		`<pre class="code" tabindex="0"><code>report(1)</code></pre>`,
		`<details data-hint="2">`,
		`<code data-part="commands">a &#39;<span data-fill="wsbase">wss://example.org</span>/x?b&amp;c=<span data-fill="capture">abcdefgh</span>&#39;` + "\n" + `  <span data-fill="base">https://example.org</span>` + "\n</code></pre>",
		"<code>func\n\n\tx</code>",
		`<a href="https://example.org/spec" title="Spec, 2026-11-22" rel="external">Spec, 2026-11-22</a>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{" style=", "<style", "⟦", "{n}"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}

func TestMissingPageIsNotIndexed(t *testing.T) {
	p := page(t, "")
	p.Missing = true
	got := render(t, Error(p, 404))
	if !strings.Contains(got, `content="noindex"`) || strings.Contains(got, "canonical") {
		t.Errorf("the head of a page that is not there: %s", got[:strings.Index(got, "</head>")])
	}
}

func TestErrorsHaveWords(t *testing.T) {
	for _, status := range []int{400, 404, 405, 500, 503} {
		if got := render(t, Error(page(t, ""), status)); strings.Contains(got, "⟦") {
			t.Errorf("error %d lacks words: %s", status, got[strings.Index(got, "⟦"):][:40])
		}
	}
}

func TestFieldsAreGrouped(t *testing.T) {
	got := render(t, Fields(page(t, "fields"), []lessons.Field{
		{Name: "data.data", HTML: "d"}, {Name: "http.host", HTML: "h"}, {Name: "sse.id", HTML: "s"}, {Name: "http.chunk_size", HTML: "c"},
	}))
	order := regexp.MustCompile(`id="((?:http|sse|data)[.\w]*)"`).FindAllStringSubmatch(got, -1)
	var ids []string
	for _, match := range order {
		ids = append(ids, match[1])
	}
	if want := "http http.host http.chunk_size sse sse.id data data.data"; strings.Join(ids, " ") != want {
		t.Errorf("got %v, want %s", ids, want)
	}
}

// TestWordsExist looks for the keys that the components name.
func TestWordsExist(t *testing.T) {
	named := regexp.MustCompile(`\.Text\("([\w.-]+)"[,)]`)
	files, err := fs.Glob(os.DirFS("."), "*.templ")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	known := words(t, "en")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range named.FindAllStringSubmatch(string(text), -1) {
			if _, ok := known[match[1]]; !ok {
				t.Errorf("%s: no language has the word %q", file, match[1])
			}
		}
	}
}
