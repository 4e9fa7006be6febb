package main

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"seewire/lessons"
)

// languageCookie remembers the language that somebody chose with the switch.
const languageCookie = "language"

// languages are those of a course, by the names that they have in addresses.
type languages struct {
	codes   []string // the first is for visitors who want none of them
	matcher language.Matcher
}

func languagesOf(course *lessons.Course) languages {
	var tags []language.Tag
	for _, code := range course.Languages {
		tags = append(tags, language.Make(course.Words[code].Text("language.tag")))
	}
	return languages{course.Languages, language.NewMatcher(tags)}
}

// known says whether the course has a language.
func (l languages) known(code string) bool { return slices.Contains(l.codes, code) }

// match is the language that comes nearest to one of those wanted, as
// Accept-Language has them.
func (l languages) match(wanted string) string {
	tags, _, err := language.ParseAcceptLanguage(wanted)
	if err != nil {
		return l.codes[0]
	}
	_, i, _ := l.matcher.Match(tags...)
	return l.codes[i]
}

// preferred is the language for a visitor: the one chosen before, else the one
// that the browser asks for.
func (l languages) preferred(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil && l.known(c.Value) {
		return c.Value
	}
	return l.match(r.Header.Get("Accept-Language"))
}

// of is the language of a page's address, or the visitor's own.
func (l languages) of(r *http.Request) string {
	if first := firstSegment(r); l.known(first) {
		return first
	}
	return l.preferred(r)
}

// firstSegment is what an address begins with: the language of a page.
func firstSegment(r *http.Request) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return first
}

// remember stores the choice for a year. Scripts have no use for it.
func remember(w http.ResponseWriter, lang string) {
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: lang, Path: "/",
		MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
