// Package languages finds the language of a course that suits somebody.
package languages

import (
	"slices"
	"strings"

	"golang.org/x/text/language"

	"seewire/lessons"
)

// Languages are those of a course, by the names that they have in addresses.
type Languages struct {
	Codes   []string // the first is for visitors who want none of them
	matcher language.Matcher
}

// Of returns the languages of a course.
func Of(course *lessons.Course) Languages {
	var tags []language.Tag
	for _, code := range course.Languages {
		tags = append(tags, language.Make(course.Words[code].Text("language.tag")))
	}
	return Languages{course.Languages, language.NewMatcher(tags)}
}

// Known says whether the course has a language.
func (l Languages) Known(code string) bool { return slices.Contains(l.Codes, code) }

// Match is the language that comes nearest to one of those wanted, as
// Accept-Language has them.
func (l Languages) Match(wanted string) string {
	tags, _, err := language.ParseAcceptLanguage(wanted)
	if err != nil {
		return l.Codes[0]
	}
	_, i, _ := l.matcher.Match(tags...)
	return l.Codes[i]
}

// OfLocale is the language that comes nearest to a locale: to zh_TW.UTF-8 that
// is one for zh-TW.
func (l Languages) OfLocale(locale string) string {
	name, _, _ := strings.Cut(locale, ".")
	name, _, _ = strings.Cut(name, "@")
	return l.Match(strings.ReplaceAll(name, "_", "-"))
}
