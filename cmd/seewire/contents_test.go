package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/sitetest"
)

// The first page asks the question of the article that the course starts from,
// and leads to the first lesson and to the verdicts.
func TestTheFirstPageAsksTheArticlesQuestion(t *testing.T) {
	s := sitetest.Start(t)
	for lang, question := range map[string]string{
		"en": "Why does ChatGPT use EventSource and not WebSocket?",
		"zh": "ChatGPT 对话为什么不用 WebSocket 而使用 EventSource？",
	} {
		response, err := http.Get(s.Base + "/" + lang + "/")
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{question, `href="/` + lang + `/lessons/one-post"`, `href="/` + lang + `/lessons/choose#verdicts"`} {
			if !strings.Contains(string(page), want) {
				t.Errorf("/%s/ lacks %q", lang, want)
			}
		}
	}
}
