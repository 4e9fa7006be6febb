package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"seewire/cmd/seewire/internal/references"
	"seewire/cmd/seewire/internal/sitetest"
)

// TestCrawl follows every link of the site in both languages, and looks on each
// page for what should never reach a reader.
func TestCrawl(t *testing.T) {
	s := sitetest.Start(t)
	pages := map[string]*html.Node{} // by address without fragment
	type link struct{ from, to string }
	var links []link
	queue := []string{"/en/", "/zh/"}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for seen := map[string]bool{}; len(queue) > 0; queue = queue[1:] {
		address := queue[0]
		if seen[address] {
			continue
		}
		seen[address] = true
		resp, err := client.Get(s.Base + address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case resp.StatusCode == http.StatusSeeOther: // the language switch
			queue = append(queue, resp.Header.Get("Location"))
			continue
		case resp.StatusCode != http.StatusOK:
			t.Errorf("%s: %s", address, resp.Status)
			continue
		case !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
			continue
		}
		doc, err := html.Parse(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		pages[address] = doc
		checkPage(t, address, doc)
		here, _ := url.Parse(address)
		for n := range doc.Descendants() {
			for _, a := range n.Attr {
				if a.Key != "href" && a.Key != "src" {
					continue
				}
				to, err := here.Parse(a.Val)
				if err != nil {
					t.Errorf("%s: %q is not an address", address, a.Val)
					continue
				}
				if to.Host != "" && "http://"+to.Host != s.Base {
					if n.Data != "a" {
						t.Errorf("%s: <%s> loads from another host: %s", address, n.Data, a.Val)
					} else {
						checkSource(t, address, n)
					}
					continue
				}
				to.Scheme, to.Host = "", ""
				if strings.Contains(to.Path, "/captures/") {
					continue // is there as soon as something has run under that ID
				}
				links = append(links, link{address, to.String()})
				to.Fragment = ""
				queue = append(queue, to.String())
			}
		}
	}
	for _, l := range links {
		page, fragment, found := strings.Cut(l.to, "#")
		if !found || fragment == "" || pages[page] == nil {
			continue
		}
		fragment, _ = url.PathUnescape(fragment)
		if !hasID(pages[page], fragment) {
			t.Errorf("%s links to %s, which has no #%s", l.from, page, fragment)
		}
	}
	course, err := references.Course("")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range course.Languages {
		for _, lesson := range course.Lessons {
			if address := "/" + lang + "/lessons/" + lesson.Slug; pages[address] == nil {
				t.Errorf("no link leads to %s", address)
			}
		}
	}
}

var (
	leftover = regexp.MustCompile(`⟦[^⟧]*⟧|%![a-z]?\(|\{[a-z_]+[|}]|\{#[a-z]|:::|<no value>|\bundefined\b|\bNaN\b`)
	dated    = regexp.MustCompile(`20\d\d-\d\d-\d\d`)
)

// checkPage looks at one page by itself.
func checkPage(t *testing.T, address string, doc *html.Node) {
	var headings int
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			parent := n.Parent.Data
			if found := leftover.FindString(n.Data); found != "" && !inCode(n) {
				t.Errorf("%s: %q was left in the text: %q", address, found, n.Data)
			}
			if strings.Contains(n.Data, "**") && !inCode(n) {
				t.Errorf("%s: markdown was left in the text: %q", address, n.Data)
			}
			if parent == "script" || parent == "style" {
				t.Errorf("%s: inline <%s>", address, parent)
			}
			continue
		}
		if n.Data == "h1" {
			headings++
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style", strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: <%s %s=…>, which the policy forbids", address, n.Data, a.Key)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("%s: two elements have the id %q", address, a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case leftover.MatchString(a.Val) && (a.Key == "title" || a.Key == "alt" || strings.HasPrefix(a.Key, "aria-")):
				t.Errorf("%s: %s=%q", address, a.Key, a.Val)
			}
		}
	}
	if headings != 1 {
		t.Errorf("%s: %d h1 elements", address, headings)
	}
}

// checkSource holds a link to another site to what the course promises: what
// it is, and the day it was checked.
func checkSource(t *testing.T, address string, n *html.Node) {
	if title := attr(n, "title"); !dated.MatchString(title) {
		t.Errorf("%s: the link to %s has the title %q, which has no date", address, attr(n, "href"), title)
	}
}

func inCode(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		// Bytes of a recorded run, masked ones among them, may spell anything.
		if p.Data == "code" || p.Data == "pre" || p.Data == "textarea" || attr(p, "class") == "bytes" {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasID(doc *html.Node, id string) bool {
	for n := range doc.Descendants() {
		if attr(n, "id") == id {
			return true
		}
	}
	return false
}
