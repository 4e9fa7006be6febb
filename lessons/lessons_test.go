package lessons

import (
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
)

// world is what the lessons of these tests may refer to.
type world struct{}

func (world) Source(path string) ([]byte, error) {
	files := map[string]string{
		"count/sse.go":               "package count\n\n// Serve counts.\nfunc Serve() {\n\t// region: loop\n\tfor {\n\t}\n\t// endregion\n}\n",
		"count/exercise/start.js":    "report(1);\n",
		"count/exercise/solution.js": "report(2);\n",
		"count/exercise/check.js":    "export function check() {}\n",
	}
	if text, ok := files[path]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func (world) CheckControls(experiment string, controls url.Values) error {
	if experiment != "count" {
		return &Problem{What: fmt.Sprintf("there is no experiment %q", experiment), Remedy: "write count"}
	}
	for name := range controls {
		if name != "cut" && name != "how" {
			return &Problem{What: fmt.Sprintf("count has no control %q", name), Remedy: "write cut or how"}
		}
	}
	return nil
}

func (world) Experiments() []string { return []string{"count"} }

func (world) ExperimentWords(string) []ExperimentWord {
	return []ExperimentWord{{Key: "finding.count.gap", For: "count/findings.js"}, {Key: "control.count.cut.help", For: "the control cut", Optional: true}}
}

func (world) CheckExperiment(string) Problems { return nil }

func (world) FieldNames() []string { return []string{"sse.retry"} }

const (
	front      = "---\nquestion: Q?\nsummary: S.\n---\n"
	playground = ":::playground {experiment=count}\n:::\n"
	fieldWords = "## sse.retry\n\nHow long. [§9.2.6](https://html.spec.whatwg.org/ \"WHATWG HTML §9.2.6, 2026-11-22\")\n"
	glossary   = "## Close frame {#close also=\"关闭帧\"}\n\nThe *last* frame.\n\n## Frame {#frame also=\"frames, 数据帧\"}\n\nA unit.\n"
	drawing    = `<svg xmlns="http://www.w3.org/2000/svg"><title>T</title><desc>D</desc></svg>`
)

// files is a course of one lesson in two languages. The body is the same in
// both.
func files(body string) fstest.MapFS {
	tree := fstest.MapFS{}
	put := func(name, text string) { tree[name] = &fstest.MapFile{Data: []byte(text)} }
	put("languages.txt", "en # the first\nzh\n")
	put("course.txt", "first\n")
	put("lessons/first/figures/a.svg", drawing)
	for _, language := range []string{"en", "zh"} {
		put("lessons/first/"+language+".md", front+body)
		put("fields/"+language+".md", fieldWords)
		put("glossary/"+language+".md", glossary)
		put("ui/"+language+".json", `{"a":"{n} of {total}"}`)
		put("lessons/first/words."+language+".json", `{"finding.count.gap":"x"}`)
	}
	return tree
}

// load gives the English page of the first lesson.
func load(t *testing.T, body string) *Page {
	t.Helper()
	course, err := Load(files(body), world{})
	if err != nil {
		t.Fatal(err)
	}
	return course.Lessons[0].In("en")
}

// show writes parts in a form that a test can hold against what it wants.
func show(parts []Part) string {
	var out strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&out, "%T%+v\n", part, part)
	}
	return strings.ReplaceAll(strings.TrimSpace(out.String()), "lessons.", "")
}

func TestBlocks(t *testing.T) {
	for _, c := range []struct{ name, give, want string }{
		{"prose", "## Look {#look}\n\nA *word*.\n\nAnother.\n",
			"HTML<h2 id=\"look\">Look</h2>\n<p>A <em>word</em>.</p>\n<p>Another.</p>"},
		{"Chinese lines join", "中文\n一行，\nword\n",
			"HTML<p>中文一行，word</p>"},
		{"Chinese strong", "看\\ **「帧」**\\ 的\n",
			"HTML<p>看<strong>「帧」</strong>的</p>"},
		{"predict", ":::predict {#p answer=2}\nWhich?\n\n1. One\n2. *Two*\n\n> Because.\n:::\n",
			"Predict{ID:p Question:Which? Options:[One <em>Two</em>] Answer:2 Why:<p>Because.</p>\n}"},
		{"exercise", ":::exercise {#e experiment=count side=ws cut=3}\nDo it.\n\n:::hints\n1. Think\n2. Look\n:::\n:::\n",
			"Exercise{ID:e Experiment:count Side:ws Controls:map[cut:[3]] Copies:1 Starter:report(<span class=\"number\">1</span>);\n Solution:report(<span class=\"number\">2</span>);\n Body:[<p>Do it.</p>\n] Hints:[Think Look]}"},
		{"figure", ":::figure {src=a.svg}\nA caption.\n:::\n",
			"Figure{Language:en SVG:" + drawing + " Caption:<p>A caption.</p>\n}"},
		{"claim", ":::claim {#c verdict=partly own=\"count.gap\"}\n> It is *fast*.\n\nSometimes.\n\n[Run it](run:cut=3) [or that](lesson:first?cut=4)\n:::\n",
			"Claim{ID:c Verdict:partly Says:<p>It is <em>fast</em>.</p>\n Brief:It is <em>fast</em>. Body:<p>Sometimes.</p>\n" +
				` Runs:<a href="?cut=3#playground" data-run="cut=3">Run it</a> <a href="/en/lessons/first?cut=4&amp;run=now#playground">or that</a> Own:[count.gap]}`},
		{"verdicts", ":::verdicts {#v}\nAll *of* them.\n:::\n",
			"Verdicts{ID:v Caption:All <em>of</em> them.}"},
		{"guide", ":::guide {#g}\n:::question {#up}\nWhat *goes* up?\n\n1. Nothing\n   - fetch +2: Down *only*.\n   - websocket -1: Idle.\n2. Much\n   - websocket +3: Frames.\n:::\n:::\n",
			"Guide{ID:g Questions:[{ID:up Text:What <em>goes</em> up? Options:[{Text:Nothing Effects:[{For:fetch Weight:2 Why:Down <em>only</em>.} {For:websocket Weight:-1 Why:Idle.}]}" +
				" {Text:Much Effects:[{For:websocket Weight:3 Why:Frames.}]}]}]}"},
		{"terminal", "```terminal {side=sse}\ncurl '{base}/?a&b'\n```\n",
			"Terminal{Side:sse Commands:curl '{base}/?a&b'\n}"},
		{"code by declaration", "```go {from=\"count/sse.go#Serve\"}\n```\n",
			"Code{File:count/sse.go Name:Serve HTML:<span class=\"comment\">// Serve counts.</span>\n<span class=\"keyword\">func</span> <span class=\"name\">Serve</span>() {\n\t<span class=\"keyword\">for</span> {\n\t}\n}\n Folded:false}"},
		{"code by region", "```go {from=\"count/sse.go#loop\" folded=yes}\n```\n",
			"Code{File:count/sse.go Name:loop HTML:<span class=\"keyword\">for</span> {\n}\n Folded:true}"},
		{"code in the text", "```http\nGET / <x>\n```\n",
			"HTML<pre class=\"code\" tabindex=\"0\"><code>GET / &lt;x&gt;\n</code></pre>"},
		{"table", "| a |\n| --: |\n| b |\n",
			"HTML<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead>\n<tr>\n<th align=\"right\">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"right\">b</td>\n</tr>\n</tbody>\n</table>\n</div>"},
		{"link to a field", "[x](field:sse.retry)\n",
			`HTML<p><a href="/en/fields#sse.retry" data-field="sse.retry">x</a></p>`},
		{"link that runs", "[x](run:cut=3&how=reset)\n",
			`HTML<p><a href="?cut=3&amp;how=reset#playground" data-run="cut=3&amp;how=reset">x</a></p>`},
		{"link to a lesson", "## A {#a}\n\n[x](lesson:first#a)\n",
			"HTML<h2 id=\"a\">A</h2>\n<p><a href=\"/en/lessons/first#a\">x</a></p>"},
		{"link to a run of a lesson", "[x](lesson:first?how=reset&cut=3)\n",
			`HTML<p><a href="/en/lessons/first?cut=3&amp;how=reset&amp;run=now#playground">x</a></p>`},
		{"link to a source", "[x](https://example.org/ \"Example, 2026-11-22\")\n",
			`HTML<p><a href="https://example.org/" title="Example, 2026-11-22" rel="external">x</a></p>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := load(t, playground+c.give)
			if got := show(page.Body().Parts[1:]); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPage(t *testing.T) {
	page := load(t, "[x](https://example.org/ \"Example, 2026-11-22\") [y](https://example.org/ \"Example, 2026-11-22\")\n\n:::playground {experiment=count cut=5}\nA caption.\n:::\n")
	if page.Question != "Q?" || page.Summary != "S." {
		t.Errorf("question %q, summary %q", page.Question, page.Summary)
	}
	if got := fmt.Sprint(page.Body().Sources); got != "[{https://example.org/ Example, 2026-11-22}]" {
		t.Errorf("sources %s", got)
	}
	if got, ok := page.Playground(); !ok || got.Controls.Get("cut") != "5" || got.Caption != "<p>A caption.</p>\n" {
		t.Errorf("playground %+v, %v", got, ok)
	}
}

// A title is written as Markdown, and read as text.
func TestSourceTitle(t *testing.T) {
	page := load(t, playground+"[x](https://example.org/ \"\\\"Why?\\\", a post on Q&amp;A, 2026-11-22\")\n")
	if got := page.Body().Sources[0].Title; got != `"Why?", a post on Q&A, 2026-11-22` {
		t.Errorf("the title is %s", got)
	}
}

func TestCourse(t *testing.T) {
	course, err := Load(files(playground), world{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(course.Languages); got != "[en zh]" {
		t.Errorf("languages %s", got)
	}
	if first, ok := course.Find("first"); !ok || first.Number != 1 {
		t.Errorf("the lesson: %+v, %v", first, ok)
	}
	if _, ok := course.Find("third"); ok {
		t.Error("found a lesson that there is not")
	}
	want := Field{Name: "sse.retry", Language: "zh", HTML: "<p>How long. <a href=\"https://html.spec.whatwg.org/\" title=\"WHATWG HTML §9.2.6, 2026-11-22\" rel=\"external\">§9.2.6</a></p>\n"}
	if got := course.Fields("zh"); len(got) != 1 || got[0] != want {
		t.Errorf("fields %+v, want %+v", got, want)
	}
}

// What is made when it is wanted is what Load makes, in whatever order it is wanted.
func TestOpenMakesThePagesThatLoadMakes(t *testing.T) {
	tree := files(playground + "A frame, and a [field](field:sse.retry) of [it](lesson:second#end).\n\n## End {#end}\n")
	for _, language := range []string{"en", "zh"} {
		name := "/" + language + ".md"
		tree["lessons/second"+name] = tree["lessons/first"+name]
	}
	tree["course.txt"] = &fstest.MapFile{Data: []byte("first\nsecond\n")}
	want, err := Load(tree, world{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Open(tree, world{})
	if err != nil {
		t.Fatal(err)
	}
	words, err := OpenInterface(tree, world{})
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"zh", "en"} {
		if got, want := fmt.Sprint(words.Fields(language)), fmt.Sprint(want.Fields(language)); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
		for i := range want.Lessons {
			i = len(want.Lessons) - 1 - i
			if got, want := show(got.Lessons[i].In(language).Body().Parts), show(want.Lessons[i].In(language).Body().Parts); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		}
		for _, want := range want.Fields(language) {
			if got, ok := got.Field(language, want.Name); !ok || got != want {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		}
		windows := files("")
		for _, file := range windows {
			file.Data = []byte(strings.ReplaceAll(string(file.Data), "\n", "\r\n"))
		}
		if course, err := Open(windows, world{}); err != nil {
			t.Error(err)
		} else if f, ok := course.Field(language, "sse.retry"); !ok || f.HTML == "" {
			t.Error("no field is found where lines end with CRLF")
		}
		if got, want := fmt.Sprint(got.Glossary(language)), fmt.Sprint(want.Glossary(language)); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
		if got, want := fmt.Sprint(got.Fields(language)), fmt.Sprint(want.Fields(language)); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}
