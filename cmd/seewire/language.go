package main

import (
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// languageCookie remembers the language that somebody chose with the switch.
const languageCookie = "language"

// languages are those of the course, the first being the one for visitors whose
// browser wants neither.
var languages = []string{"en", "zh"}

// preferred is the language for a visitor: the one chosen before, else the one
// that the browser asks for.
func preferred(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil {
		for _, lang := range languages {
			if c.Value == lang {
				return lang
			}
		}
	}
	matcher := language.NewMatcher([]language.Tag{language.English, language.Chinese})
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return languages[0]
	}
	_, i, _ := matcher.Match(wanted...)
	return languages[i]
}

// languageOf is the language of a page's address, or the visitor's own.
func languageOf(r *http.Request) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	for _, lang := range languages {
		if first == lang {
			return lang
		}
	}
	return preferred(r)
}

// remember stores the choice for a year. Scripts have no use for it.
func remember(w http.ResponseWriter, lang string) {
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: lang, Path: "/",
		MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
