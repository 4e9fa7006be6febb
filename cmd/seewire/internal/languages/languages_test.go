package languages

import (
	"testing"

	"seewire/lessons"
)

// course is one with two languages, and a third that is begun.
var course = &lessons.Course{
	Languages: []string{"en", "zh", "pt-BR"},
	Words: map[string]lessons.Words{
		"en": {"language.tag": "en"}, "zh": {"language.tag": "zh-CN"}, "pt-BR": {"language.tag": "pt-BR"},
	},
}

func TestLocale(t *testing.T) {
	l := Of(course)
	for locale, want := range map[string]string{
		"": "en", "C": "en", "POSIX": "en", "en_GB.UTF-8": "en", "zh_CN.UTF-8": "zh", "zh_TW": "zh", "zh": "zh",
		"pt_PT@euro": "pt-BR", "de_DE.UTF-8": "en", "nonsense_!": "en",
	} {
		if got := l.OfLocale(locale); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}
