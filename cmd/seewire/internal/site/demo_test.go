package site

import (
	"html"
	"io/fs"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"seewire/playground/experiments"
)

// The first page has all that its run wants: the programs of the lesson that it
// leads to, as they are, and the controls of the recorded run; and the recorded
// run for a reader without JavaScript.
func TestTheFirstPageHasItsRun(t *testing.T) {
	p, err := newPages("", experiments.All(t.Context(), nil, nil, nil), new(Listeners))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/en/", nil)
	r.SetPathValue("lang", "en")
	p.contents(w, r)
	page := w.Body.String()
	shown := p.experiments[shownFirst]
	for side, file := range map[string]string{"sse": shown.SSEClients[0], "ws": shown.WSClients[0]} {
		program, err := fs.ReadFile(shown.Source, file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`(?s)<template data-program="` + side + `">(.*?)</template>`).FindStringSubmatch(page)
		if m == nil || html.UnescapeString(m[1]) != string(program) {
			t.Errorf("%s: the page has %q, want the text of %s", side, m, file)
		}
	}
	for _, want := range []string{
		`data-query="cut=0&amp;total=3"`,
		`data-recorded="/en/lessons/reconnect/recorded.json"`,
		`href="/en/lessons/reconnect"`,
		`data-words="/en/words.json?runs=reconnect"`,
		`GET /play/reconnect/ws`,
		`<details open><summary>`,
		`204 No Content`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n := strings.Count(page, "<details open"); n != 1 {
		t.Errorf("%d frames are open, want one", n)
	}

	words := httptest.NewRecorder()
	r = httptest.NewRequest("GET", "/en/words.json?runs=reconnect", nil)
	p.words(words, r)
	for _, want := range []string{`"demo.done":`, `"finding.reconnect.goodbye":`, `"timeline.label":`} {
		if !strings.Contains(words.Body.String(), want) {
			t.Errorf("the words lack %s", want)
		}
	}
}
