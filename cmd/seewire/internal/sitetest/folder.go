package sitetest

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"seewire/content"
)

// A folder is an author's content on disk.
type folder struct {
	t   *testing.T
	Dir string
}

func NewFolder(t *testing.T) folder { return folder{t, t.TempDir()} }

// Write saves a file of the folder at once, so that the server never sees a part
// of it.
func (f folder) Write(name, text string) {
	f.t.Helper()
	file := filepath.Join(f.Dir, filepath.FromSlash(name))
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

// Original is a file of the course itself.
func Original(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(content.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Begin begins a language: the interface's words, those of one lesson, and the
// lesson.
func (f folder) Begin(lang, name, slug string) {
	f.t.Helper()
	var words map[string]string
	if err := json.Unmarshal([]byte(Original(f.t, "ui/en.json")), &words); err != nil {
		f.t.Fatal(err)
	}
	words["language.tag"], words["language.name"] = lang, name
	text, err := json.Marshal(words)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Write("ui/"+lang+".json", string(text))
	files, err := fs.ReadDir(content.FS, "lessons/"+slug)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, file := range files {
		translated := strings.Replace(file.Name(), "en.", lang+".", 1)
		if translated != file.Name() {
			f.Write(path.Join("lessons", slug, translated), Original(f.t, path.Join("lessons", slug, file.Name())))
		}
	}
}

// Get answers what a visitor sees who asks for languages.
func (s *Program) Get(t *testing.T, client *http.Client, address, languages string) (status int, page string) {
	t.Helper()
	r, err := http.NewRequest("GET", s.Base+address, nil)
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

// After waits for an edit to be seen, and gives a page as it is then.
func (s *Program) After(t *testing.T, address string, edit func()) (page string) {
	t.Helper()
	resp, err := http.Get(s.Base + "/edits")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	next := func() {
		t.Helper()
		part := make([]byte, 200)
		n, err := resp.Body.Read(part)
		for err == nil && bytes.Equal(part[:n], []byte(": \n\n")) { // a heartbeat: the machine is slow
			n, err = resp.Body.Read(part)
		}
		if err != nil || !bytes.HasPrefix(part[:n], []byte("event: edit\nid: ")) {
			t.Fatalf("%q, %v", part[:n], err)
		}
	}
	next() // the edition of now
	edit()
	next()
	_, page = s.Get(t, http.DefaultClient, address, "")
	return page
}
