package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/terminal"
	"seewire/content"
)

// A folder is an author's content on disk.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T) folder { return folder{t, t.TempDir()} }

// write saves a file of the folder at once, so that the server never sees a part
// of it.
func (f folder) write(name, text string) {
	f.t.Helper()
	file := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		f.t.Fatal(err)
	}
	whole := filepath.Join(f.t.TempDir(), "whole")
	if err := os.WriteFile(whole, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(whole, file); err != nil {
		f.t.Fatal(err)
	}
}

// original is a file of the course itself.
func original(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(content.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// begin begins a language: the interface's words, those of one lesson, and the
// lesson.
func (f folder) begin(lang, name, slug string) {
	f.t.Helper()
	var words map[string]string
	if err := json.Unmarshal([]byte(original(f.t, "ui/en.json")), &words); err != nil {
		f.t.Fatal(err)
	}
	words["language.tag"], words["language.name"] = lang, name
	text, err := json.Marshal(words)
	if err != nil {
		f.t.Fatal(err)
	}
	f.write("ui/"+lang+".json", string(text))
	files, err := fs.ReadDir(content.FS, "lessons/"+slug)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, file := range files {
		translated := strings.Replace(file.Name(), "en.", lang+".", 1)
		if translated != file.Name() {
			f.write(path.Join("lessons", slug, translated), original(f.t, path.Join("lessons", slug, file.Name())))
		}
	}
}

// get answers what a visitor sees who asks for languages.
func (s *program) get(t *testing.T, client *http.Client, address, languages string) (status int, page string) {
	t.Helper()
	r, err := http.NewRequest("GET", s.base+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", languages)
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

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
	f := newFolder(t)
	f.begin("de", "Deutsch", "reconnect")
	s := startSite(t, "-content", f.dir)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}

	// Asked for, it is what / leads to.
	_, home := s.get(t, client, "/", "de-AT,de;q=0.9,en;q=0.5")
	contains(t, "the contents", home, `<html lang="de">`, `<a href="/de/lessons/reconnect">`, `1 of 13`, `<div lang="en"><h2><a href="/de/lessons/one-post">`)
	noProblems(t, home)
	// Not asked for, it is one among the others.
	_, home = s.get(t, client, "/", "fr")
	contains(t, "the contents", home, `<html lang="en">`, `lang="de" hreflang="de"`, `>Deutsch</a>`)
	// Chosen, it is remembered.
	_, page := s.get(t, client, "/language?to=de&path=/de/lessons/reconnect", "zh")
	contains(t, "the lesson", page, `<html lang="de">`, `<link rel="canonical" href="`+s.base+`/de/lessons/reconnect">`, `data-words="/de/words.json?lesson=reconnect"`)
	if strings.Contains(page, "translation") {
		t.Error("the lesson is said not to be translated")
	}
	_, home = s.get(t, client, "/", "zh")
	contains(t, "the contents", home, `<html lang="de">`)

	// What it lacks is there, and says so.
	status, page := s.get(t, client, "/de/lessons/silence", "de")
	if status != http.StatusOK {
		t.Errorf("a lesson that is not translated: %d", status)
	}
	contains(t, "the lesson", page, `<html lang="de">`, `<p class="translation note">`, `It is shown in English.`,
		`<article class="lesson" lang="en">`, `data-words="/en/words.json?lesson=silence"`, `<link rel="canonical" href="`+s.base+`/en/lessons/silence">`, `href="/de/lessons/`)
	if strings.Contains(page, `href="/en/lessons/`) {
		t.Error("a link leads out of the language")
	}
	_, page = s.get(t, client, "/de/fields", "de")
	contains(t, "the fields", page, `<dd lang="en">`, "0 of ")
	_, page = s.get(t, client, "/de/fields.json?part=sse", "de")
	contains(t, "the fields for scripts", page, `"lang":"en"`)
	_, page = s.get(t, client, "/de/glossary", "de")
	contains(t, "the glossary", page, `<dt lang="en">`, `<div lang="en">`)
	_, page = s.get(t, client, "/zh/lessons/silence", "de")
	contains(t, "the Chinese lesson", page, `<html lang="zh-CN">`)
	if strings.Contains(page, `lang="en">`) {
		t.Error("a lesson of a language that is whole is said to be English")
	}
}

// TestTerminalSpeaksALanguageThatIsBegun prints a frame with a folder's words.
func TestTerminalSpeaksALanguageThatIsBegun(t *testing.T) {
	f := newFolder(t)
	f.begin("de", "Deutsch", "reconnect")
	text, err := os.ReadFile(filepath.Join(f.dir, "ui/de.json"))
	if err != nil {
		t.Fatal(err)
	}
	f.write("ui/de.json", strings.Replace(string(text), "Guessed: ", "Geraten: ", 1))
	for _, args := range [][]string{{"-lang", "de"}, nil} {
		var out, problems bytes.Buffer
		args = append(args, "-content", f.dir, "-")
		err := terminal.Dissect(args, terminal.Console{In: strings.NewReader(maskedHello), Out: &out, Err: &problems, Locale: "de_DE.UTF-8"})
		if err != nil || !strings.HasPrefix(out.String(), "Geraten: ") {
			t.Errorf("%v %s%s", err, &out, &problems)
		}
	}
}

// TestFolderOverTheCourse tries what a folder can add and replace.
func TestFolderOverTheCourse(t *testing.T) {
	f := newFolder(t)
	for _, lang := range []string{"en", "zh"} {
		f.write("lessons/mine/"+lang+".md", "---\nquestion: Mine?\nsummary: S.\n---\n"+
			":::predict {#p answer=1}\nWhich?\n\n1. This\n2. That\n\n> So.\n:::\n\n"+
			":::playground {experiment=silence after=3}\nA caption.\n:::\n\n"+
			":::figure {src=mine.svg}\n:::\n\n"+
			":::exercise {#e experiment=silence side=sse}\nDo it.\n:::\n\nA quux. See [that](lesson:reconnect).\n")
		f.write("glossary/"+lang+".md", "## Quux {#quux}\n\nA thing of mine.\n\n## Frame {#frame}\n\nMy own frame.\n")
		f.write("fields/"+lang+".md", "## sse.retry\n\nMy own wait.\n")
		f.write("ui/"+lang+".json", `{"contents.heading": "My own course"}`)
	}
	f.write("lessons/mine/figures/mine.svg", `<svg xmlns="http://www.w3.org/2000/svg"><title>Drawn</title><desc>D</desc></svg>`)
	f.write("course.txt", "mine\nreconnect\n")
	s := startSite(t, "-content", f.dir)
	client := http.DefaultClient

	_, page := s.get(t, client, "/en/", "")
	contains(t, "the contents", page, "<h1>My own course</h1>", ">Mine?</a>", `data-exercises="e"`)
	noProblems(t, page)
	if strings.Contains(page, "lessons/silence") {
		t.Error("the contents have more than the order says")
	}
	_, page = s.get(t, client, "/en/lessons/mine", "")
	contains(t, "the lesson", page, "Lesson 1 of 2", "<title>Drawn</title>", `data-experiment="silence"`, `<seewire-exercise`, `<seewire-predict`,
		`<a href="/en/glossary#quux"`, `rel="next"`)
	if !strings.Contains(page, `data-control="after" data-default="4" data-initial="3"`) {
		t.Error("no control")
	}
	_, page = s.get(t, client, "/zh/glossary", "")
	contains(t, "the glossary", page, "A thing of mine.", "My own frame.", `id="hop"`)
	_, page = s.get(t, client, "/zh/fields", "")
	contains(t, "the fields", page, "My own wait.", `id="sse.id"`)
	// What the order leaves out can be reached, and has no place.
	status, page := s.get(t, client, "/en/lessons/silence", "")
	if status != http.StatusOK || strings.Contains(page, "Lesson 0") {
		t.Errorf("a lesson that the order leaves out: %d", status)
	}
}

// after waits for an edit to be seen, and gives a page as it is then.
func (s *program) after(t *testing.T, address string, edit func()) (page string) {
	t.Helper()
	resp, err := http.Get(s.base + "/edits")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	next := func() {
		t.Helper()
		part := make([]byte, 200)
		if n, err := resp.Body.Read(part); err != nil || !bytes.HasPrefix(part[:n], []byte("event: edit\nid: ")) {
			t.Fatalf("%q, %v", part[:n], err)
		}
	}
	next() // the edition of now
	edit()
	next()
	_, page = s.get(t, http.DefaultClient, address, "")
	return page
}

// TestMistakesAreShown makes mistakes in a folder while it is served: each is on
// the page with its file, its line and what to do, and nothing else is worse for
// it.
func TestMistakesAreShown(t *testing.T) {
	f := newFolder(t)
	lesson := original(t, "lessons/reconnect/en.md")
	f.write("lessons/reconnect/en.md", lesson)
	s := startSite(t, "-content", f.dir)
	lines := strings.Count(lesson, "\n")
	for _, c := range []struct{ name, file, text, page, want string }{
		{"a field", "lessons/reconnect/en.md", lesson + "[x](field:none)\n", "/en/lessons/reconnect", `reconnect/en.md:` + strconv.Itoa(lines+1) + `</code> <span>no dissector has a field &#34;none&#34;</span> <strong>write`},
		{"an experiment", "lessons/reconnect/en.md", strings.Replace(lesson, "experiment=reconnect cut", "experiment=reconect cut", 1), "/en/lessons/reconnect", `there is no experiment &#34;reconect&#34;</span> <strong>write one of: chat, choose,`},
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
			page := s.after(t, c.page, func() { f.write(c.file, c.text) })
			contains(t, "the page", page, `class="problems"`, c.want)
			if strings.Contains(page, "<script>alert") {
				t.Error("a script of the folder's is on the page")
			}
			status, other := s.get(t, http.DefaultClient, "/en/lessons/six", "")
			contains(t, "another lesson", other, "<seewire-playground")
			if wrong := strings.Contains(other, `reconnect/en.md`); status != http.StatusOK || wrong {
				t.Errorf("another lesson: %d, with this one's problems: %v", status, wrong)
			}
			page = s.after(t, c.page, func() {
				if c.file == "lessons/reconnect/en.md" {
					f.write(c.file, lesson)
				} else if err := os.Remove(filepath.Join(f.dir, c.file)); err != nil {
					t.Fatal(err)
				}
			})
			noProblems(t, page)
		})
	}

	t.Run("the folder is gone", func(t *testing.T) {
		page := s.after(t, "/en/lessons/reconnect", func() { os.Rename(f.dir, f.dir+".away") })
		contains(t, "the page", page, "the folder can&#39;t be read any more", "<seewire-playground")
		page = s.after(t, "/en/lessons/reconnect", func() { os.Rename(f.dir+".away", f.dir) })
		noProblems(t, page)
	})
}

// TestFolderHoldsNothingFromOutside reads through no link that leads out.
func TestFolderHoldsNothingFromOutside(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(secret, []byte("---\nquestion: Secret\nsummary: S\n---\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFolder(t)
	f.write("course.txt", "mine\n")
	if err := os.MkdirAll(filepath.Join(f.dir, "lessons/mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(f.dir, "lessons/mine/en.md")); err != nil {
		t.Skip(err)
	}
	s := startSite(t, "-content", f.dir)
	_, page := s.get(t, http.DefaultClient, "/en/lessons/mine", "")
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
		err := run(t.Context(), []string{"-addr", "localhost:0", "-tls", "off", "-open=false", "-content", dir}, io.Discard)
		if err == nil || errors.Is(err, terminal.ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestEditsEndWithTheServer leaves no page waiting.
func TestEditsEndWithTheServer(t *testing.T) {
	s := startSite(t, "-content", t.TempDir())
	resp, err := http.Get(s.base + "/edits")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Errorf("the stream did not end well: %v", err)
	}
}
