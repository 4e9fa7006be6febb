// Package onefile writes a capture as one page, which opens from a disk with no
// server and no network, in all languages of the course.
package onefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"
	"sync"

	"seewire/lessons"
	"seewire/static"
)

// A Page is what all pages of a course have in common.
type Page struct {
	course        *lessons.Course
	script, style []byte
}

// New returns a function that makes the page when it is needed first: to bundle its
// script takes a moment.
func New(course *lessons.Course) func() (*Page, error) {
	return sync.OnceValues(func() (*Page, error) {
		script, style, err := static.OneFile()
		return &Page{course, script, style}, err
	})
}

// A language is what the page shows in one.
type language struct {
	Code     string             `json:"code"`
	Name     string             `json:"name"`
	Words    map[string]string  `json:"words"`
	Meanings map[string]meaning `json:"meanings"`
}

type meaning struct {
	HTML string `json:"html"`
}

// Write writes the page of a document, which is given as its JSON.
//
// The document is data to the page and never markup: no "<" of it is left, and the
// page lets no other script run and loads nothing (Content Security Policy), whatever
// stands in the bytes.
func (p *Page) Write(w io.Writer, document []byte) error {
	languages, err := p.languages(document)
	if err != nil {
		return err
	}
	words, err := json.Marshal(languages)
	if err != nil {
		return err
	}
	first := p.course.Words[p.course.Languages[0]]
	var noScript strings.Builder
	for _, code := range p.course.Languages {
		fmt.Fprintf(&noScript, "<p lang=%q>%s</p>", p.course.Words[code].Text("language.tag"), html.EscapeString(p.course.Words[code].Text("onefile.no_script")))
	}
	_, err = fmt.Fprintf(w, `<!doctype html>
<html lang="%s">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '%s'; style-src '%s'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>%s</style>
<main class="onefile"><noscript>%s</noscript></main>
<script type="application/json" id="languages">%s</script>
<script type="application/json" id="capture">%s</script>
<script type="module">%s</script>
</html>
`, html.EscapeString(first.Text("language.tag")), hash(p.script), hash(p.style), html.EscapeString(first.Text("onefile.title")),
		p.style, noScript.String(), inert(words), inert(document), p.script)
	return err
}

// hash is a source of a Content Security Policy.
func hash(p []byte) string {
	sum := sha256.Sum256(p)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// inert writes JSON so that nothing in it ends the element that it stands in: "<" is
// only ever in a string.
func inert(p []byte) []byte { return bytes.ReplaceAll(p, []byte("<"), []byte(`\u003c`)) }

// shown are what the keys of the words begin with that the viewer uses.
var shown = []string{"viewer.", "side.", "say.", "timeline.", "background.", "bytes.note.", "bytes.as.", "onefile.", "answer.", "language.tag"}

// languages are the words that the page needs, and what those fields and violations
// mean that the document has.
func (p *Page) languages(document []byte) ([]language, error) {
	names, err := namesIn(document)
	if err != nil {
		return nil, err
	}
	var all []language
	for _, code := range p.course.Languages {
		words := p.course.Words[code]
		l := language{Code: code, Name: words.Text("language.name"), Words: map[string]string{}, Meanings: map[string]meaning{}}
		for key, text := range words {
			for _, prefix := range shown {
				if strings.HasPrefix(key, prefix) {
					l.Words[key] = text
				}
			}
		}
		for _, f := range p.course.Fields(code) {
			if names[f.Name] {
				l.Meanings[f.Name] = meaning{string(f.HTML)}
			}
		}
		all = append(all, l)
	}
	return all, nil
}

// namesIn are the names of fields, violations and reasons in a document.
func namesIn(document []byte) (map[string]bool, error) {
	var d struct {
		Frames []struct {
			Fields     []struct{ Name string }
			Violations []struct{ Code string }
			SSE        *struct{ Reason string }
		}
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, fmt.Errorf("read the capture: %w", err)
	}
	names := map[string]bool{}
	for _, f := range d.Frames {
		for _, field := range f.Fields {
			names[field.Name] = true
		}
		for _, v := range f.Violations {
			names["violation."+v.Code] = true
		}
		if f.SSE != nil {
			names["reason."+f.SSE.Reason] = true
		}
	}
	return names, nil
}
