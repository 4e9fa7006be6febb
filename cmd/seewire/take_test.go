package main

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/sitetest"
	"seewire/playground/experiments"
)

// Every experiment can be had as a project, and the page of its lesson says so
// in its language.
func TestTake(t *testing.T) {
	s := sitetest.Start(t)
	get := func(path, tag string) (*http.Response, []byte) {
		req, err := http.NewRequest("GET", s.Base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tag != "" {
			req.Header.Set("If-None-Match", tag)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, body
	}
	for _, e := range experiments.All(t.Context(), nil, nil, nil) {
		path := "/take/" + e.ID + "-go.zip"
		resp, body := get(path, "")
		if _, err := zip.NewReader(bytes.NewReader(body), int64(len(body))); err != nil || resp.Header.Get("Content-Type") != "application/zip" {
			t.Errorf("%s: %s, %v", path, resp.Status, err)
		}
		if again, _ := get(path, resp.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %s", path, again.Status)
		}
		for lang, words := range map[string]string{"en": "Take this code with you", "zh": "把这些代码带走"} {
			_, page := get("/"+lang+"/lessons/"+lessonOf(t, e.ID), "")
			if text := string(page); !strings.Contains(text, `href="`+path+`"`) || !strings.Contains(text, words) {
				t.Errorf("the %s page about %s does not offer it", lang, e.ID)
			}
		}
	}
	for _, path := range []string{"/take/reconnect.zip", "/take/reconnect-cobol.zip", "/take/..-go.zip", "/take/nothing-go.zip"} {
		if resp, body := get(path, ""); resp.StatusCode != http.StatusNotFound || !strings.Contains(string(body), "no such project") {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
}

// The last lesson speaks of heartbeats, so its own run has some: lines come more
// slowly than a heartbeat is due.
func TestHeartbeatsAreSentWhereTheyAreSpokenOf(t *testing.T) {
	course, err := references.Course("")
	if course == nil {
		t.Fatal(err)
	}
	for _, lesson := range course.Lessons {
		if lesson.Slug != "choose" {
			continue
		}
		block, _ := lesson.In("en").Playground()
		every, _ := strconv.Atoi(block.Controls.Get("every"))
		beat, _ := strconv.Atoi(block.Controls.Get("beat"))
		if beat == 0 || every <= beat {
			t.Errorf("a line comes every %d ms, and a heartbeat after %d ms without one", every, beat)
		}
	}
}
