package site

import (
	"net/http"
	"strings"
	"time"

	"seewire/cmd/seewire/internal/languages"
)

// languageCookie remembers the language that somebody chose with the switch.
const languageCookie = "language"

// preferred is the language for a visitor: the one chosen before, else the one
// that the browser asks for.
func preferred(l languages.Languages, r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil && l.Known(c.Value) {
		return c.Value
	}
	return l.Match(r.Header.Get("Accept-Language"))
}

// languageOf is the language of a page's address, or the visitor's own.
func languageOf(l languages.Languages, r *http.Request) string {
	if first := firstSegment(r); l.Known(first) {
		return first
	}
	return preferred(l, r)
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
