package main

import (
	"net/http/httptest"
	"testing"
)

func TestPreferred(t *testing.T) {
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
		{"%%%;q=x", "", "en"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", c.accept)
		if c.cookie != "" {
			r.Header.Set("Cookie", languageCookie+"="+c.cookie)
		}
		if got := preferred(r); got != c.want {
			t.Errorf("Accept-Language %q, cookie %q: %s, want %s", c.accept, c.cookie, got, c.want)
		}
	}
}
