package site

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"seewire/lessons"
)

// What is the same for all is computed once, under each host and for each
// address, and comes under the coding that a client takes.
func TestKept(t *testing.T) {
	p := &pages{}
	p.edition.Store(newEdition(&lessons.Course{}))
	computed := 0
	h := p.kept(func(w http.ResponseWriter, r *http.Request) {
		computed++
		status := http.StatusOK
		if strings.HasSuffix(r.URL.Path, "missing") {
			status = http.StatusNotFound
		}
		send(w, r, status, "text/plain", []byte(strings.Repeat(base(r)+r.URL.Path+" ", 100)))
	})
	ask := func(path string, headers ...string) *http.Response {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h(w, r)
		return w.Result()
	}
	read := func(resp *http.Response) string {
		t.Helper()
		var body io.Reader = resp.Body
		switch resp.Header.Get("Content-Encoding") {
		case "br":
			body = brotli.NewReader(body)
		case "gzip":
			var err error
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}

	want := strings.Repeat("http://example.com/a ", 100)
	for _, coding := range []string{"", "gzip", "br", "gzip;q=0", "gzip, br"} {
		resp := ask("/a", "Accept-Encoding", coding)
		got := resp.Header.Get("Content-Encoding")
		if expected := strings.TrimPrefix(strings.TrimSuffix(coding, ";q=0"), "gzip, "); coding != "gzip;q=0" && got != expected || coding == "gzip;q=0" && got != "" {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q", coding, got)
		}
		if resp.StatusCode != http.StatusOK || read(resp) != want || resp.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: %s, %v", coding, resp.Status, resp.Header)
		}
	}
	if computed != 1 {
		t.Errorf("it was computed %d times", computed)
	}

	tag := ask("/a").Header.Get("ETag")
	for known, status := range map[string]int{tag: 304, `"x", ` + tag: 304, strings.TrimPrefix(tag, "W/"): 304, "*": 304, `"x"`: 200, "": 200} {
		resp := ask("/a", "If-None-Match", known)
		if resp.StatusCode != status || status == 304 && (read(resp) != "" || resp.Header.Get("ETag") != tag) {
			t.Errorf("If-None-Match %s: %s", known, resp.Status)
		}
	}
	for _, path := range []string{"/b", "/a?x=y", "http://other.example/a"} {
		if resp := ask(path); resp.Header.Get("ETag") == tag && path != "/a?x=y" {
			t.Errorf("%s is %s", path, tag)
		}
	}
	if resp := ask("/missing"); resp.StatusCode != http.StatusNotFound || resp.Header.Get("ETag") != "" {
		t.Errorf("/missing: %s", resp.Status)
	}
	p.edition.Store(newEdition(&lessons.Course{}))
	before := computed
	ask("/a")
	if computed != before+1 {
		t.Error("another edition was not asked")
	}
	for i := range 2 * maxKept {
		ask("/" + strings.Repeat("x", i))
	}
	if n := len(p.edition.Load().kept.all); n != maxKept {
		t.Errorf("%d answers are kept", n)
	}
}
