package static

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func tree(t *testing.T, files fstest.MapFS) *Tree {
	t.Helper()
	tree, err := New(files)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestHashChangesWithAnyFile(t *testing.T) {
	base := tree(t, fstest.MapFS{"a.css": {Data: []byte("a")}, "b.css": {Data: []byte("b")}})
	for name, files := range map[string]fstest.MapFS{
		"another content":     {"a.css": {Data: []byte("a")}, "b.css": {Data: []byte("c")}},
		"another name":        {"a.css": {Data: []byte("a")}, "c.css": {Data: []byte("b")}},
		"bytes moved between": {"a.css": {Data: []byte("ab")}, "b.css": {Data: []byte("")}},
	} {
		if tree(t, files).URL("a.css") == base.URL("a.css") {
			t.Errorf("%s: the address stays %s", name, base.URL("a.css"))
		}
	}
}

func TestHandler(t *testing.T) {
	static := tree(t, fstest.MapFS{"css/a.css": {Data: []byte("p {}")}})
	server := httptest.NewServer(static.Handler())
	defer server.Close()
	for _, c := range []struct {
		path   string
		status int
	}{
		{static.URL("css/a.css"), http.StatusOK},
		{static.URL("css/"), http.StatusNotFound},
		{static.URL(""), http.StatusNotFound},
		{static.URL("css/none.css"), http.StatusNotFound},
		{"/static/000000000000/css/a.css", http.StatusNotFound},
	} {
		response, err := http.Get(server.URL + c.path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.path, response.StatusCode, c.status)
		}
		immutable := strings.Contains(response.Header.Get("Cache-Control"), "immutable")
		if immutable != (c.status == http.StatusOK) {
			t.Errorf("%s: Cache-Control %q with status %d", c.path, response.Header.Get("Cache-Control"), response.StatusCode)
		}
	}
}

func TestTestsStayOut(t *testing.T) {
	server := httptest.NewServer(Handler())
	defer server.Close()
	response, err := http.Get(server.URL + URL("icon.svg"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("Content-Type"); got != "image/svg+xml" {
		t.Errorf("icon: Content-Type %q", got)
	}
	matches, err := files.ReadDir("js")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range matches {
		if strings.HasPrefix(entry.Name(), "_") {
			t.Errorf("js/%s is in the program", entry.Name())
		}
	}
}
