package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/program"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/cmd/seewire/internal/terminal"
	"seewire/content"
)

func contains(t *testing.T, what, text string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", what, want)
		}
	}
}

// noProblems says what a page says to authors.
func noProblems(t *testing.T, page string) {
	t.Helper()
	if _, problems, found := strings.Cut(page, `class="problems"`); found {
		t.Errorf("there are problems: %.500s", problems)
	}
}

// TestALanguageIsBegun starts the program with a third language that has its
// interface and one lesson.
func TestALanguageIsBegun(t *testing.T) {
	f := sitetest.NewFolder(t)
	f.Begin("de", "Deutsch", "reconnect")
	s := sitetest.Start(t, "-content", f.Dir)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}

	course, err := fs.ReadFile(content.FS, "course.txt")
	if err != nil {
		t.Fatal(err)
	}
	lessons := len(strings.Fields(string(course)))

	// Asked for, it is what / leads to.
	_, home := s.Get(t, client, "/", "de-AT,de;q=0.9,en;q=0.5")
	contains(t, "the contents", home, `<html lang="de">`, `<a href="/de/lessons/reconnect">`, fmt.Sprintf(`1 of %d`, lessons), `<div lang="en"><h2><a href="/de/lessons/one-post">`)
	noProblems(t, home)
	// Not asked for, it is one among the others.
	_, home = s.Get(t, client, "/", "fr")
	contains(t, "the contents", home, `<html lang="en">`, `lang="de" hreflang="de"`, `>Deutsch</a>`)
	// Chosen, it is remembered.
	_, page := s.Get(t, client, "/language?to=de&path=/de/lessons/reconnect", "zh")
	contains(t, "the lesson", page, `<html lang="de">`, `<link rel="canonical" href="`+s.Base+`/de/lessons/reconnect">`, `data-words="/de/words.json?lesson=reconnect"`)
	if strings.Contains(page, "translation") {
		t.Error("the lesson is said not to be translated")
	}
	_, home = s.Get(t, client, "/", "zh")
	contains(t, "the contents", home, `<html lang="de">`)

	// What it lacks is there, and says so.
	status, page := s.Get(t, client, "/de/lessons/silence", "de")
	if status != http.StatusOK {
		t.Errorf("a lesson that is not translated: %d", status)
	}
	contains(t, "the lesson", page, `<html lang="de">`, `<p class="translation note">`, `It is shown in English.`,
		`<article class="lesson" lang="en">`, `data-words="/en/words.json?lesson=silence"`, `<link rel="canonical" href="`+s.Base+`/en/lessons/silence">`, `href="/de/lessons/`)
	if strings.Contains(page, `href="/en/lessons/`) {
		t.Error("a link leads out of the language")
	}
	_, page = s.Get(t, client, "/de/fields", "de")
	contains(t, "the fields", page, `<dd lang="en">`, "0 of ")
	_, page = s.Get(t, client, "/de/fields.json?part=sse", "de")
	contains(t, "the fields for scripts", page, `"lang":"en"`)
	_, page = s.Get(t, client, "/de/glossary", "de")
	contains(t, "the glossary", page, `<dt lang="en">`, `<div lang="en">`)
	_, page = s.Get(t, client, "/zh/lessons/silence", "de")
	contains(t, "the Chinese lesson", page, `<html lang="zh-CN">`)
	if strings.Contains(page, `lang="en">`) {
		t.Error("a lesson of a language that is whole is said to be English")
	}
}

// TestTerminalSpeaksALanguageThatIsBegun prints a frame with a folder's words.
func TestTerminalSpeaksALanguageThatIsBegun(t *testing.T) {
	f := sitetest.NewFolder(t)
	f.Begin("de", "Deutsch", "reconnect")
	text, err := os.ReadFile(filepath.Join(f.Dir, "ui/de.json"))
	if err != nil {
		t.Fatal(err)
	}
	f.Write("ui/de.json", strings.Replace(string(text), "Guessed: ", "Geraten: ", 1))
	for _, args := range [][]string{{"-lang", "de"}, nil} {
		var out, problems bytes.Buffer
		args = append(args, "-content", f.Dir, "-")
		err := terminal.Dissect(args, terminal.Console{In: strings.NewReader(sitetest.MaskedHello), Out: &out, Err: &problems, Locale: "de_DE.UTF-8"})
		if err != nil || !strings.HasPrefix(out.String(), "Geraten: ") {
			t.Errorf("%v %s%s", err, &out, &problems)
		}
	}
}

// TestFolderOverTheCourse tries what a folder can add and replace.
func TestFolderOverTheCourse(t *testing.T) {
	f := sitetest.NewFolder(t)
	for _, lang := range []string{"en", "zh"} {
		f.Write("lessons/mine/"+lang+".md", "---\nquestion: Mine?\nsummary: S.\n---\n"+
			":::predict {#p answer=1}\nWhich?\n\n1. This\n2. That\n\n> So.\n:::\n\n"+
			":::playground {experiment=silence after=3}\nA caption.\n:::\n\n"+
			":::figure {src=mine.svg}\n:::\n\n"+
			":::exercise {#e experiment=silence side=sse}\nDo it.\n:::\n\nA quux. See [that](lesson:reconnect).\n")
		f.Write("glossary/"+lang+".md", "## Quux {#quux}\n\nA thing of mine.\n\n## Frame {#frame}\n\nMy own frame.\n")
		f.Write("fields/"+lang+".md", "## sse.retry\n\nMy own wait.\n")
		f.Write("ui/"+lang+".json", `{"contents.heading": "My own course"}`)
	}
	f.Write("lessons/mine/figures/mine.svg", `<svg xmlns="http://www.w3.org/2000/svg"><title>Drawn</title><desc>D</desc></svg>`)
	f.Write("course.txt", "mine\nreconnect\n")
	s := sitetest.Start(t, "-content", f.Dir)
	client := http.DefaultClient

	_, page := s.Get(t, client, "/en/", "")
	contains(t, "the contents", page, "<h1>My own course</h1>", ">Mine?</a>", `data-exercises="e"`)
	noProblems(t, page)
	if strings.Contains(page, "lessons/silence") {
		t.Error("the contents have more than the order says")
	}
	_, page = s.Get(t, client, "/en/lessons/mine", "")
	contains(t, "the lesson", page, "Lesson 1 of 2", "<title>Drawn</title>", `data-experiment="silence"`, `<seewire-exercise`, `<seewire-predict`,
		`<a href="/en/glossary#quux"`, `rel="next"`)
	if !strings.Contains(page, `data-control="after" data-default="4" data-initial="3"`) {
		t.Error("no control")
	}
	_, page = s.Get(t, client, "/zh/glossary", "")
	contains(t, "the glossary", page, "A thing of mine.", "My own frame.", `id="hop"`)
	_, page = s.Get(t, client, "/zh/fields", "")
	contains(t, "the fields", page, "My own wait.", `id="sse.id"`)
	// What the order leaves out can be reached, and has no place.
	status, page := s.Get(t, client, "/en/lessons/silence", "")
	if status != http.StatusOK || strings.Contains(page, "Lesson 0") {
		t.Errorf("a lesson that the order leaves out: %d", status)
	}
}

// TestMistakesAreShown makes mistakes in a folder while it is served: each is on
// the page with its file, its line and what to do, and nothing else is worse for
// it.
func TestMistakesAreShown(t *testing.T) {
	f := sitetest.NewFolder(t)
	lesson := sitetest.Original(t, "lessons/reconnect/en.md")
	f.Write("lessons/reconnect/en.md", lesson)
	s := sitetest.Start(t, "-content", f.Dir)
	lines := strings.Count(lesson, "\n")
	for _, c := range []struct{ name, file, text, page, want string }{
		{"a field", "lessons/reconnect/en.md", lesson + "[x](field:none)\n", "/en/lessons/reconnect", `reconnect/en.md:` + strconv.Itoa(lines+1) + `</code> <span>no dissector has a field &#34;none&#34;</span> <strong>write`},
		{"an experiment", "lessons/reconnect/en.md", strings.Replace(lesson, "experiment=reconnect cut", "experiment=reconect cut", 1), "/en/lessons/reconnect", `there is no experiment &#34;reconect&#34;</span> <strong>write one of: `},
		{"a figure", "lessons/reconnect/en.md", lesson + ":::figure {src=none.svg}\n:::\n", "/en/lessons/reconnect", `there is no `},
		{"a script", "lessons/reconnect/en.md", lesson + "<script>alert(1)</script>\n", "/en/lessons/reconnect", `HTML in a lesson`},
		{"bytes that are no text", "lessons/reconnect/en.md", "\xff\xfe", "/en/lessons/reconnect", `reconnect/en.md:1</code> <span>the file is not UTF-8 here`},
		{"a film", "lessons/reconnect/en.md", strings.Repeat("film ", 10<<20), "/en/lessons/reconnect", `the file has more than 4 MiB`},
		{"nothing", "lessons/reconnect/en.md", "", "/en/lessons/reconnect", `the lesson does not begin with question:`},
		{"the order", "course.txt", "reconnect\nreconnect\nreconect\n", "/en/", `course.txt:2</code> <span>&#34;reconnect&#34; stands twice`},
		{"words", "ui/en.json", "{\n\"site.nav\": 5}", "/en/glossary", `ui/en.json:2</code> <span>&#34;site.nav&#34; is no text`},
		{"a term", "glossary/en.md", "## X {#x}\n", "/en/lessons/silence", `glossary/en.md:1</code> <span>the term &#34;x&#34; is not explained`},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := s.After(t, c.page, func() { f.Write(c.file, c.text) })
			contains(t, "the page", page, `class="problems"`, c.want)
			if strings.Contains(page, "<script>alert") {
				t.Error("a script of the folder's is on the page")
			}
			status, other := s.Get(t, http.DefaultClient, "/en/lessons/six", "")
			contains(t, "another lesson", other, "<seewire-playground")
			if wrong := strings.Contains(other, `reconnect/en.md`); status != http.StatusOK || wrong {
				t.Errorf("another lesson: %d, with this one's problems: %v", status, wrong)
			}
			page = s.After(t, c.page, func() {
				if c.file == "lessons/reconnect/en.md" {
					f.Write(c.file, lesson)
				} else if err := os.Remove(filepath.Join(f.Dir, c.file)); err != nil {
					t.Fatal(err)
				}
			})
			noProblems(t, page)
		})
	}

	t.Run("the folder is gone", func(t *testing.T) {
		page := s.After(t, "/en/lessons/reconnect", func() { os.Rename(f.Dir, f.Dir+".away") })
		contains(t, "the page", page, "the folder can&#39;t be read any more", "<seewire-playground")
		page = s.After(t, "/en/lessons/reconnect", func() { os.Rename(f.Dir+".away", f.Dir) })
		noProblems(t, page)
	})
}

// TestFolderHoldsNothingFromOutside reads through no link that leads out.
func TestFolderHoldsNothingFromOutside(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(secret, []byte("---\nquestion: Secret\nsummary: S\n---\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := sitetest.NewFolder(t)
	f.Write("course.txt", "mine\n")
	if err := os.MkdirAll(filepath.Join(f.Dir, "lessons/mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(f.Dir, "lessons/mine/en.md")); err != nil {
		t.Skip(err)
	}
	s := sitetest.Start(t, "-content", f.Dir)
	_, page := s.Get(t, http.DefaultClient, "/en/lessons/mine", "")
	contains(t, "the page", page, "the file can&#39;t be read")
	if strings.Contains(page, "Secret") {
		t.Error("a file from outside of the folder is on the page")
	}
}

// TestFolderThatIsNone says at the start what to do.
func TestFolderThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		file + ".none": "Make it, with a lesson in it: seewire new SLUG -content ",
		file:           "Name the folder that has the lessons in it",
	} {
		err := program.Run(t.Context(), []string{"-addr", "localhost:0", "-tls", "off", "-open=false", "-content", dir}, io.Discard)
		if err == nil || errors.Is(err, terminal.ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestEditsEndWithTheServer leaves no page waiting.
func TestEditsEndWithTheServer(t *testing.T) {
	s := sitetest.Start(t, "-content", t.TempDir())
	resp, err := http.Get(s.Base + "/edits")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Errorf("the stream did not end well: %v", err)
	}
}
