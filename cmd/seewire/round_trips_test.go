package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/chromium"
	"seewire/cmd/seewire/internal/sitetest"
)

// On a bad line each request that another answer leads to takes seconds. Run works
// when the page, the script that it names and the words have come: what the script
// imports is in it, and what it fetches the page has asked for.
func TestRunWorksAfterTwoRoundTrips(t *testing.T) {
	t.Parallel()
	s := sitetest.Start(t)
	attribute := func(html, pattern string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(html)
		if m == nil {
			t.Fatalf("the page has no %s", pattern)
		}
		return m[1]
	}
	imports := regexp.MustCompile(`(?:\bfrom|\bimport)"(\.[^"]+)"`)
	for _, slug := range chromium.Slugs(t) {
		html := page(t, s.Base+"/zh/lessons/"+slug)
		script := page(t, s.Base+attribute(html, `<script type="module" src="([^"]+)"`))
		if got := imports.FindAllString(script, -1); got != nil {
			t.Errorf("%s: its script waits for others: %s", slug, got)
		}
		var ahead []string
		for _, m := range regexp.MustCompile(`<link rel="(?:module)?preload"[^>]* href="([^"]+)"`).FindAllStringSubmatch(html, -1) {
			ahead = append(ahead, m[1])
		}
		for _, fetched := range []string{`<body [^>]*data-words="([^"]+)"`, `data-module="([^"]+)"`, `data-recorded="([^"]+)"`} {
			if address := attribute(html, fetched); !slices.Contains(ahead, address) {
				t.Errorf("%s: %s is not among what the page asks for at once: %s", slug, address, ahead)
			}
		}
		// Its words are all there, so that no part of it asks for more.
		experiment := attribute(html, `data-experiment="([^"]+)"`)
		words := page(t, s.Base+attribute(html, `data-words="([^"]+)"`))
		if !strings.Contains(words, `"finding.`+experiment+`.`) {
			t.Errorf("%s: the words of its findings come later", slug)
		}
	}
}

// What pages and scripts fetch is not sent again when it is the same.
func TestWhatIsKnownIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := sitetest.Start(t)
	for _, path := range []string{"/en/", "/en/lessons/six", "/en/words.json?lesson=six", "/en/fields.json?part=http", "/en/lessons/six/recorded.json"} {
		ask := func(known string) *http.Response {
			t.Helper()
			r, _ := http.NewRequest("GET", s.Base+path, nil)
			r.Header.Set("If-None-Match", known)
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return resp
		}
		tag := ask(`"another"`).Header.Get("ETag")
		if again := ask(tag); tag == "" || again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: ETag %q, and for that %s", path, tag, again.Status)
		}
	}
}
