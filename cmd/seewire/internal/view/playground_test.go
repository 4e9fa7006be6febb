package view

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"seewire/lessons"
)

// aPlayground is a small model with one control of each kind.
func aPlayground() (Page, PlaygroundModel) {
	p := Page{
		Words:    lessons.Words{"control.error.range": "From {min} to {max}.", "control.demo.cut.help": "0: never"},
		Language: "en",
		Base:     "http://localhost:8080",
	}
	m := PlaygroundModel{
		Experiment: "demo",
		Capture:    "abcdefgh",
		Controls: []Control{
			{Name: "cut", Kind: "number", Default: "5", Initial: "5", Value: "99", Max: 50, Error: "range"},
			{Name: "how", Kind: "choice", Default: "reset", Initial: "end", Value: "end", Choices: []string{"reset", "end"}},
			{Name: "ids", Kind: "switch", Default: "on", Initial: "on", Value: "off"},
			{Name: "stream", Kind: "text", MaxBytes: 4096, Default: "", Value: "\n data: <it's> & \"x\"\n\n"},
		},
		SSE: SideModel{
			Side:    "sse",
			Clients: []File{{"sse.js", "<span class=\"keyword\">const</span> a = 1;\n\n  b();\n"}},
			Servers: []File{{"sse.go", "package demo\n\tx\n"}},
		},
		WS: SideModel{Side: "ws", Clients: []File{{"ws.js", "b();\n"}}, Servers: []File{{"ws.go", "package demo\n"}}},
	}
	p.Static = func(file string) string { return "/static/0/" + file }
	return p, m
}

func renderPlayground(t *testing.T) string {
	t.Helper()
	p, m := aPlayground()
	var out bytes.Buffer
	if err := Playground(p, m).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var tag = regexp.MustCompile(`<[^>]*>`)

// The scripts take a program from the page, so every space of it counts.
func TestPlaygroundKeepsCode(t *testing.T) {
	_, code, ok := strings.Cut(renderPlayground(t), `<seewire-code data-key="demo/sse.js"`)
	if !ok {
		t.Fatal("there is no code for sse.js")
	}
	_, code, _ = strings.Cut(code, "<code>")
	code, _, _ = strings.Cut(code, "</code>")
	if got, want := html.UnescapeString(tag.ReplaceAllString(code, "")), "const a = 1;\n\n  b();\n"; got != want {
		t.Errorf("the page holds %q, want %q", got, want)
	}
}

// A text area's content is a value: what it holds is sent. HTML drops the line
// end directly after its start tag (WHATWG HTML §13.2.6.4.7).
func TestPlaygroundKeepsText(t *testing.T) {
	_, p := aPlayground()
	want := p.Controls[3].Value
	_, area, _ := strings.Cut(renderPlayground(t), "<textarea")
	_, area, _ = strings.Cut(area, ">")
	area, _, _ = strings.Cut(area, "</textarea>")
	if got := strings.TrimPrefix(html.UnescapeString(area), "\n"); got != want {
		t.Errorf("the text area holds %q, want %q", got, want)
	}
}

func TestPlaygroundSaysWhatIsWrong(t *testing.T) {
	page := renderPlayground(t)
	for _, want := range []string{
		`value="99" aria-describedby="control-cut-note-help control-cut-note" aria-invalid="true"`,
		`From 0 to 50.`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n := strings.Count(page, "aria-invalid"); n != 1 {
		t.Errorf("%d controls are marked as wrong, want 1", n)
	}
}

// A command has the controls that differ from the experiment's own defaults,
// none that is wrong, and nothing that a shell would take for its own.
func TestPlaygroundCommands(t *testing.T) {
	p, m := aPlayground()
	const query = `?capture=abcdefgh&how=end&ids=off&stream=%0A+data%3A+%3Cit%27s%3E+%26+%22x%22%0A%0A'`
	if got, want := m.command(p, "sse"), `curl -N 'http://localhost:8080/play/demo/sse`+query; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := m.command(p, "ws"), `npx wscat -c 'ws://localhost:8080/play/demo/ws`+query; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
