package site

import (
	"net/http/httptest"
	"testing"

	"seewire/cmd/seewire/internal/languages"
	"seewire/lessons"
)

func TestPreferred(t *testing.T) {
	l := languages.Of(&lessons.Course{
		Languages: []string{"en", "zh", "pt-BR"},
		Words: map[string]lessons.Words{
			"en": {"language.tag": "en"}, "zh": {"language.tag": "zh-CN"}, "pt-BR": {"language.tag": "pt-BR"},
		},
	})
	for _, c := range []struct{ accept, cookie, want string }{
		{"", "", "en"},
		{"zh-CN,zh;q=0.9,en;q=0.8", "", "zh"},
		{"zh-TW", "", "zh"},
		{"en-GB,en;q=0.9,zh;q=0.8", "", "en"},
		{"de,zh;q=0.5", "", "zh"},
		{"de", "", "en"},
		{"zh", "en", "en"},
		{"en", "zh", "zh"},
		{"zh", "nonsense", "zh"},
		{"pt;q=0.9,en;q=0.8", "", "pt-BR"},
		{"en", "pt-BR", "pt-BR"},
		{"%%%;q=x", "", "en"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", c.accept)
		if c.cookie != "" {
			r.Header.Set("Cookie", languageCookie+"="+c.cookie)
		}
		if got := preferred(l, r); got != c.want {
			t.Errorf("Accept-Language %q, cookie %q: %s, want %s", c.accept, c.cookie, got, c.want)
		}
	}
}
