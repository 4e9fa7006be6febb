package lessons

import (
	"fmt"
	"strings"
	"testing"
)

func TestParity(t *testing.T) {
	for _, c := range []struct{ name, en, zh, want string }{
		{"the same", "## A {#a}\n\n[x](#a)\n", "## 甲 {#a}\n\n[x](#a)\n", ""},
		{"prose is free", "One.\n\nTwo.\n", "一。\n", ""},
		{"order of words is free", "## A {#a}\n\n[x](#a) [y](field:sse.retry)\n", "## 甲 {#a}\n\n[y](field:sse.retry) [x](#a)\n", ""},
		{"heading", "## A {#a}\n\n## B {#b}\n", "## 甲 {#a}\n",
			"lessons/first/en.md:9: ## {#b} has no counterpart in lessons/first/zh.md"},
		{"level", "## A {#a}\n", "### 甲 {#a}\n",
			"lessons/first/en.md:7: ## {#a} has no counterpart in lessons/first/zh.md\nlessons/first/zh.md:7: ### {#a} has no counterpart in lessons/first/en.md"},
		{"block", ":::exercise {#e experiment=count side=ws}\n:::\n", ":::exercise {#e experiment=count side=sse}\n:::\n",
			"lessons/first/en.md:7: :::exercise {#e experiment=count side=ws} has no counterpart in lessons/first/zh.md\nlessons/first/zh.md:7: :::exercise {#e experiment=count side=sse} has no counterpart in lessons/first/en.md"},
		{"options", ":::predict {#p answer=1}\nQ\n\n1. a\n2. b\n\n> c\n:::\n", ":::predict {#p answer=1}\nQ\n\n1. a\n\n> c\n:::\n",
			"lessons/first/en.md:7: :::predict {#p answer=1} with 2 items has no counterpart in lessons/first/zh.md\nlessons/first/zh.md:7: :::predict {#p answer=1} with 1 items has no counterpart in lessons/first/en.md"},
		{"code", "```go {from=\"count/sse.go#Serve\"}\n```\n", "",
			"lessons/first/en.md:7: ```go {from=\"count/sse.go#Serve\"} has no counterpart in lessons/first/zh.md"},
		{"what an answer speaks for", ":::guide {#g}\n:::question {#q}\nQ\n\n1. a\n   - fetch +1: b\n:::\n:::\n", ":::guide {#g}\n:::question {#q}\nQ\n\n1. a\n   - fetch +2: b\n:::\n:::\n",
			"lessons/first/en.md:8: :::question {#q} with 1 items, fetch +1; has no counterpart in lessons/first/zh.md\nlessons/first/zh.md:8: :::question {#q} with 1 items, fetch +2; has no counterpart in lessons/first/en.md"},
		{"reference in another section", "## A {#a}\n\n[x](#a)\n\n## B {#b}\n", "## 甲 {#a}\n\n## 乙 {#b}\n\n[x](#a)\n",
			"lessons/first/en.md:9: a link to #a has no counterpart in lessons/first/zh.md\nlessons/first/zh.md:11: a link to #a has no counterpart in lessons/first/en.md"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := files("")
			tree["lessons/first/en.md"].Data = []byte(front + playground + c.en)
			tree["lessons/first/zh.md"].Data = []byte(front + playground + c.zh)
			got := ""
			course, _ := Load(tree, world{})
			for _, p := range course.Problems {
				got += fmt.Sprintf("%s:%d: %s\n", p.File, p.Line, p.What)
			}
			if got = strings.TrimSpace(got); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}
