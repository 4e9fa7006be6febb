package lessons

import (
	"strings"
	"testing"
)

// Line 5 is the first after the front matter; the playground takes 5 and 6.
func TestBrokenReferences(t *testing.T) {
	for _, c := range []struct{ name, give, want string }{
		{"field", "[x](field:sse.retries)", `7: no dissector has a field "sse.retries"`},
		{"control in a run", "[x](run:cuts=3)", `7: run:cuts=3: count has no control "cuts"`},
		{"lesson", "[x](lesson:third)", `7: there is no lesson "third"`},
		{"run of a lesson", "[x](lesson:first?cuts=3)", `7: lesson:first?cuts=3: count has no control "cuts"`},
		{"run at a heading", "[x](lesson:first?cut=9#run)", `7: first?cut=9#run: a run begins at the playground`},
		{"heading of a lesson", "[x](lesson:first#why)", `7: lesson "first" has no id "why"`},
		{"heading of the page", "word\n\n[x](#why)", `9: no heading or block on this page has the id "why"`},
		{"source without a day", "[x](https://example.org/)", `7: https://example.org/: the title lacks the day`},
		{"bare address", "<https://example.org/>", `7: a bare address`},
		{"relative link", "[x](other)", `7: a link to "other"`},
		{"experiment", ":::exercise {#e experiment=cuont side=ws}\n:::", `7: :::exercise: there is no experiment "cuont"`},
		{"side", ":::exercise {#e experiment=count side=up}\n:::", `7: :::exercise: side=up is neither sse nor ws`},
		{"control", ":::exercise {#e experiment=count side=ws rate=1}\n:::", `7: :::exercise: count has no control "rate"`},
		{"exercise without id", ":::exercise {experiment=count side=ws}\n:::", `7: :::exercise needs an id`},
		{"declaration", "```go {from=\"count/sse.go#Server\"}\n```", `7: from=count/sse.go#Server: count/sse.go has no declaration and no region "Server"`},
		{"file", "```go {from=\"count/ws.go\"}\n```", `7: from=count/ws.go: it does not exist`},
		{"settings of code", "```go {from}\n```", "7: ```go {from}: setting \"from\" is neither #id nor key=value"},
		{"figure", ":::figure {src=b.svg}\n:::", `7: :::figure: there is no lessons/first/figures/b.svg`},
		{"figure outside", ":::figure {src=../../b.svg}\n:::", `7: :::figure: src=../../b.svg is no drawing`},
		{"answer", ":::predict {#p answer=3}\nWhich?\n\n1. One\n2. Two\n\n> Because.\n:::", `7: :::predict: answer=3 is none of its 2 options`},
		{"predict with two questions", ":::predict {#p answer=1}\nA\n\nB\n\n1. One\n\n> C\n:::", `10: :::predict has one paragraph: the question`},
		{"predict without a reason", ":::predict {#p answer=1}\nWhich?\n\n1. One\n:::", `7: :::predict needs a question, a list of options and a blockquote`},
		{"hints", ":::exercise {#e experiment=count side=ws}\n:::hints\nThink\n:::\n:::", `8: :::hints holds one list and nothing else`},
		{"block", ":::predic {#p}\n:::", `7: no block has the name "predic" here`},
		{"block in a list", "1. a\n\n   :::figure {src=a.svg}\n   :::", `9: :::figure stands in a list or a quotation`},
		{"quoted code in a list", "1. a\n\n   ```go {from=\"count/sse.go\"}\n   ```", "9: ```go {from=\"count/sse.go\"} stands in a list or a quotation"},
		{"commands in a quotation", "> ```terminal\n> x\n> ```", "7: ```terminal stands in a list or a quotation"},
		{"block in a block", ":::exercise {#e experiment=count side=ws}\n:::predict {#p answer=1}\n:::\n:::", `8: :::predict does not stand inside another block`},
		{"setting of a block", ":::figure {src=a.svg alt=x}\n:::", `7: the setting "alt" means nothing here`},
		{"setting of code", "```go {form=\"count/sse.go\"}\n```", `7: the setting "form" means nothing here`},
		{"side of a terminal", "```terminal {side=up}\n```", `7: side=up is neither sse nor ws`},
		{"block not closed", ":::figure {src=a.svg}\nword", `7: :::figure is not closed`},
		{"stray end", ":::", `7: ":::" stays in the text as it is`},
		{"strong that is none", "看**「帧」**的", `7: "**" stays in the text as it is`},
		{"heading without id", "## Look", `7: a heading without an id`},
		{"heading whose id is a number", "## Look {id=5}", `7: a heading without an id`},
		{"title in the text", "# Look {#look}", `7: a heading of level 1`},
		{"claim without a run", ":::claim {#c verdict=true}\n> It is.\n\nIt is.\n\n[See](#c)\n:::", `7: :::claim holds a quotation, text, and a paragraph of nothing but links to runs`},
		{"claim with words beside the run", ":::claim {#c verdict=true}\n> It is.\n\nIt is.\n\n[Run](run:cut=3) it\n:::", `7: :::claim holds a quotation`},
		{"verdict", ":::claim {#c verdict=no}\n> It is.\n\nIt is.\n\n[Run](run:cut=3)\n:::", `7: :::claim: verdict=no is neither true, partly nor false`},
		{"table of verdicts", ":::verdicts {#v}\n:::", `7: :::verdicts has an id, and holds one paragraph`},
		{"finding of a claim", ":::claim {#c verdict=true own=\"count.gaps\"}\n> It is.\n\nIt is.\n\n[Run](run:cut=3)\n:::", `7: :::claim: own=count.gaps: no finding has that name`},
		{"answer that speaks for nothing", ":::guide {#g}\n:::question {#q}\nWhat?\n\n1. This\n:::\n:::", `11: an answer is one line, with a list`},
		{"answer that speaks for something else", ":::guide {#g}\n:::question {#q}\nWhat?\n\n1. This\n   - polling +1: Why.\n:::\n:::", `12: this is no reason, write it as: websocket -1: why`},
		{"table with a bare column", "| | b |\n| - | - |\n| a | b |", `7: a column of the table has no head`},
		{"id twice", "## A {#a}\n\n## B {#a}", `9: the id "a" stands twice`},
		{"HTML", "a <b>word</b>", `7: HTML in a lesson`},
		{"image", "![x](a.png)", `7: an image, write :::figure`},
		{"second playground", playground, `1: a lesson has one :::playground; this one has 2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(files(playground+c.give+"\n"), world{})
			if err == nil {
				t.Fatalf("no error; want %s", c.want)
			}
			if want := "lessons/first/en.md:" + c.want; !strings.Contains(err.Error(), want) {
				t.Errorf("\n got %s\nwant %s", err, want)
			}
			checkRemedies(t, err)
		})
	}
}

func TestBrokenFiles(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"no front matter", "lessons/first/zh.md", playground, "lessons/first/zh.md:1: the lesson does not begin with question:"},
		{"a lesson that is not UTF-8", "lessons/first/zh.md", front + playground + "a\n\xff\n", "lessons/first/zh.md:8: the file is not UTF-8"},
		{"fields that are not UTF-8", "fields/zh.md", fieldWords + "a\n\xff\n", "fields/zh.md:5: the file is not UTF-8"},
		{"front matter of another kind", "lessons/first/zh.md", "---\nquestion: Q\ntitle: T\nsummary: S\n---\n" + playground, `lessons/first/zh.md:3: front matter has question and summary, not "title: T"`},
		{"one language missing", "lessons/second/zh.md", front + playground, "lessons/second/en.md:1: the lesson is missing in a language that is whole, write it"},
		{"lesson outside of the course", "lessons/second/zh.md", front + playground, `course.txt:1: lesson "second" is not in the course, write second on a line`},
		{"lesson that is not there", "course.txt", "first\nthird\n", `course.txt:2: there is no lesson "third", write lessons/third/en.md`},
		{"lesson of a wrong name", "course.txt", "first\n../second\n", `course.txt:2: there is no lesson "../second"`},
		{"lesson named twice", "course.txt", "first\n\nfirst\n", `course.txt:3: "first" stands twice`},
		{"two lessons on a line", "course.txt", "first second\n", `course.txt:1: "first second" is more than one name`},
		{"no lessons", "course.txt", "# none\n", `course.txt:1: the course has no lessons`},
		{"language without words", "languages.txt", "en\nzh\nde\n", `languages.txt:3: language "de" has no words, write ui/de.json`},
		{"language of a wrong name", "ui/static.json", "{}", `ui/static.json:1: "static" is no language`},
		{"tag", "ui/zh.json", "{\n\"language.tag\":\"chinese!\"}", `ui/zh.json:2: language.tag: "chinese!" is no tag of BCP 47`},
		{"field of nobody", "fields/zh.md", fieldWords + "\n## sse.none\n\nWord.\n", `fields/zh.md:5: no dissector has a field "sse.none"`},
		{"field twice", "fields/zh.md", fieldWords + "\n" + fieldWords, `fields/zh.md:5: field "sse.retry" stands twice`},
		{"field not explained", "fields/zh.md", "", `fields/zh.md:1: field "sse.retry" is not explained`},
		{"word missing", "ui/zh.json", `{}`, `ui/zh.json:1: "a" is missing; en has "{n} of {total}"`},
		{"word too many", "ui/zh.json", `{"a":"{n}/{total}","b":"x","finding.count.gap":"x"}`, `ui/en.json:1: "b" is missing; zh has "x"`},
		{"placeholder", "ui/zh.json", `{"a":"{n}"}`, `ui/zh.json:1: "a" has the placeholders [n], and in en [n total]`},
		{"form of no number", "ui/zh.json", `{"a":"{n|plenty:x|other:y}/{total}"}`, `ui/zh.json:1: "a" has the form "plenty" in {n|plenty:x|other:y}`},
		{"form missing", "ui/zh.json", `{"a":"{n|one:x}/{total}"}`, `ui/zh.json:1: "a" lacks the form other in {n|one:x}`},
		{"words that are no words", "ui/zh.json", `{"a":1}`, `ui/zh.json:1: "a" is no text`},
		{"words that are cut", "ui/zh.json", "{\n\"a\":", `ui/zh.json:2: this is no JSON: the end is missing`},
		{"word twice", "ui/zh.json", "{\"a\":\"x\",\n\"a\":\"x\"}", `ui/zh.json:2: "a" stands twice`},
		{"a file that is too large", "glossary/zh.md", strings.Repeat("word ", 1<<20), `glossary/zh.md:1: the file has more than 4 MiB`},
		{"drawing with a style", "lessons/first/figures/a.svg", `<svg><title/><desc/><path style="fill:red"/></svg>`, `lessons/first/figures/a.svg: <path> has style="fill:red"`},
		{"drawing with a script", "lessons/first/figures/a.svg", `<svg><title/><desc/><script/></svg>`, `the drawing has a <script>`},
		{"drawing with an address", "lessons/first/figures/a.svg", `<svg><title/><desc/><a href="https://example.org"/></svg>`, `<a> has href="https://example.org"`},
		{"drawing without words", "lessons/first/figures/a.svg", `<svg><title/></svg>`, `the drawing lacks <desc>`},
		{"drawing that is none", "lessons/first/figures/a.svg", `<svg>`, `read the drawing: XML syntax error`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := files(playground + ":::figure {src=a.svg}\n:::\n")
			tree[c.file] = files("")["course.txt"]
			tree[c.file].Data = []byte(c.text)
			_, err := Load(tree, world{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("\n got %v\nwant %s", err, c.want)
			}
			checkRemedies(t, err)
		})
	}
}

// checkRemedies holds every problem to what is promised of it.
func checkRemedies(t *testing.T, err error) {
	t.Helper()
	problems, _ := err.(Problems)
	for _, p := range problems {
		if p.File == "" || p.Line < 1 || p.What == "" || p.Remedy == "" {
			t.Errorf("the problem lacks a part: %+v", *p)
		}
	}
}

// FuzzLoad looks for a lesson that makes the program panic instead of saying
// what is wrong.
func FuzzLoad(f *testing.F) {
	f.Add(":::predict {#p answer=1}\nQ\n\n1. a\n\n> b\n:::\n")
	f.Add(":::exercise {#e experiment=count side=ws}\n```go {from=\"count/sse.go#Serve\"}\n```\n:::hints\n1. a\n:::\n:::\n")
	f.Add("## A {#a}\n\n[x](run:cut=3) [y](field:sse.retry) `z`\n\n| a |\n| - |\n| b |\n")
	f.Add("> - :::figure {src=a.svg}\n>   ```terminal\n")
	f.Fuzz(func(t *testing.T, body string) {
		course, err := Load(files(body), world{})
		if course == nil || (len(course.Problems) == 0) != (err == nil) {
			t.Errorf("course %v, error %v", course, err)
		}
	})
}
