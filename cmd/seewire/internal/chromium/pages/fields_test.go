package pages

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/site"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/playground/experiments"
)

// What a lesson shows before the first run has no header that is not explained.
func TestHeadersOfRecordingsAreExplained(t *testing.T) {
	for _, e := range experiments.All(t.Context(), nil, nil, nil) {
		recording, err := site.ReadRecording(e)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(recording.Capture)
		if err != nil {
			t.Fatal(err)
		}
		var c sitetest.Capture
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		if names := c.Unexplained(); len(names) > 0 {
			t.Errorf("%s: nothing explains %q", e.ID, names)
		}
	}
}

// Nor does what a Go program and curl send, and what the experiments answer.
func TestEveryHeaderOfAClientIsExplained(t *testing.T) {
	s := sitetest.Start(t)
	const run = "/sse?capture=headers-of-clients"
	for _, experiment := range experiments.All(t.Context(), nil, nil, nil) {
		for _, method := range []string{http.MethodGet, http.MethodOptions, http.MethodPost} {
			r, err := http.NewRequest(method, s.Base+"/play/"+experiment.ID+run, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", "https://elsewhere.example")
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close() // its headers are there; a stream would go on
		}
	}
	if curl, err := exec.LookPath("curl"); err == nil {
		out, err := exec.Command(curl, "-sN", "--compressed", "-d", "{}", s.Base+"/play/chat"+run).CombinedOutput()
		if err != nil {
			t.Errorf("curl: %v\n%s", err, out)
		}
	}
	if names := sitetest.GetCapture(t, s, "headers-of-clients").Unexplained(); len(names) > 0 {
		t.Errorf("nothing explains %q", names)
	}
}

// Nor what a real browser sends: with a POST, from a page of another origin,
// with cookies, and in a handshake.
func TestEveryHeaderOfABrowserIsExplained(t *testing.T) {
	t.Parallel()
	p := chromium.OpenSite(t, "-origins", "auto")
	for _, address := range []string{"one-post?cut=2&rate=50", "strangers?origin=port&check=off&cors=any"} {
		l := p.Lesson("en", address)
		l.Run()
		c := l.Capture()
		if len(c.Requests("sse")) == 0 && len(c.Requests("ws")) == 0 {
			t.Errorf("%s: no request was recorded", address)
		}
		if names := c.Unexplained(); len(names) > 0 {
			t.Errorf("%s: nothing explains %q", address, names)
		}
	}
}

var markup = regexp.MustCompile(`<[^>]*>`)

// An explanation says more than the field's name does: what it is good for, or
// what it means for a stream. A line as short as these repeats the name.
func TestNoExplanationRepeatsItsName(t *testing.T) {
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	least := map[string]int{"en": 60, "zh": 22} // characters, without the source
	for _, language := range course.Languages {
		for _, f := range course.Fields(language) {
			text, _, _ := strings.Cut(string(f.HTML), "</p>")
			text = markup.ReplaceAllString(text, "")
			if n := utf8.RuneCountInString(text); n < least[language] {
				t.Errorf("fields/%s.md: %s says too little: %q", language, f.Name, text)
			}
		}
	}
}
