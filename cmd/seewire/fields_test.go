package main

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/site"
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
		var c captureJSON
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		if names := c.unexplained(); len(names) > 0 {
			t.Errorf("%s: nothing explains %q", e.ID, names)
		}
	}
}

// Nor does what a Go program and curl send, and what the experiments answer.
func TestEveryHeaderOfAClientIsExplained(t *testing.T) {
	s := startSite(t)
	const run = "/sse?capture=headers-of-clients"
	for _, experiment := range experiments.All(t.Context(), nil, nil, nil) {
		for _, method := range []string{http.MethodGet, http.MethodOptions, http.MethodPost} {
			r, err := http.NewRequest(method, s.base+"/play/"+experiment.ID+run, nil)
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
		out, err := exec.Command(curl, "-sN", "--compressed", "-d", "{}", s.base+"/play/chat"+run).CombinedOutput()
		if err != nil {
			t.Errorf("curl: %v\n%s", err, out)
		}
	}
	if names := getCapture(t, s, "headers-of-clients").unexplained(); len(names) > 0 {
		t.Errorf("nothing explains %q", names)
	}
}

// Nor what a real browser sends: with a POST, from a page of another origin,
// with cookies, and in a handshake.
func TestEveryHeaderOfABrowserIsExplained(t *testing.T) {
	t.Parallel()
	p := openSite(t, "-origins", "auto")
	for _, address := range []string{"one-post?cut=2&rate=50", "strangers?origin=port&check=off&cors=any"} {
		l := p.lesson("en", address)
		l.run()
		c := l.capture()
		if len(c.requests("sse")) == 0 && len(c.requests("ws")) == 0 {
			t.Errorf("%s: no request was recorded", address)
		}
		if names := c.unexplained(); len(names) > 0 {
			t.Errorf("%s: nothing explains %q", address, names)
		}
	}
}

// unexplained lists the headers of HTTP/1.1 that have no field of their own.
func (c captureJSON) unexplained() []string {
	var names []string
	for _, f := range c.Frames {
		name := ""
		for _, field := range f.Fields {
			switch field.Name {
			case "http.header.name":
				name = field.Value
			case "http.unknown_header":
				names = append(names, name)
			}
		}
	}
	return names
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
