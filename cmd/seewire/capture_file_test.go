package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/sitetest"
)

// A capture can be had in each form, also by somebody without a script; what is
// gone is said in the language of the page, or to a program as a problem.
func TestCaptureForms(t *testing.T) {
	s := sitetest.Start(t)
	get := func(path string) (*http.Response, string) {
		resp, err := http.Get(s.Base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	get("/play/reconnect/sse?cut=2&how=end&every=50&capture=forms-of-it")

	for _, c := range []struct{ path, contentType, disposition, has string }{
		{"/captures/forms-of-it.json", "application/json", "", `"sse.data"`},
		{"/captures/forms-of-it.pcapng", "application/x-pcapng", `attachment; filename="seewire-forms-of-it.pcapng"`, "made up"},
		{"/captures/forms-of-it.har", "application/json", `attachment; filename="seewire-forms-of-it.har"`, "_eventSourceMessages"},
		{"/captures/forms-of-it.html", "text/html; charset=utf-8", `attachment; filename="seewire-forms-of-it.html"`, "sse.data"},
		{"/en/captures/forms-of-it", "text/html; charset=utf-8", "", "client to server"},
		{"/zh/captures/forms-of-it", "text/html; charset=utf-8", "", "派发事件 message"},
	} {
		resp, body := get(c.path)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != c.contentType ||
			resp.Header.Get("Content-Disposition") != c.disposition || !strings.Contains(body, c.has) {
			t.Errorf("%s: %s, %v, %.200q", c.path, resp.Status, resp.Header, body)
		}
	}
	_, page := get("/en/captures/forms-of-it")
	for _, has := range []string{"sse.retry", "http.chunk_size", "<details open>", `content="noindex"`, `href="/captures/forms-of-it.pcapng"`} {
		if !strings.Contains(page, has) {
			t.Errorf("the page has no %s", has)
		}
	}
	for path, says := range map[string]string{
		"/captures/never-made-one.pcapng": "no such capture",
		"/captures/never-made-one.har":    "no such capture",
		"/en/captures/never-made-one":     "A capture is kept",
		"/zh/captures/never-made-one":     "抓包只保留一段时间",
	} {
		if resp, body := get(path); resp.StatusCode != http.StatusNotFound || !strings.Contains(body, says) {
			t.Errorf("%s: %s, %.200q", path, resp.Status, body)
		}
	}
}
