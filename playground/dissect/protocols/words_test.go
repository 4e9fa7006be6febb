package protocols

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fieldHeading = regexp.MustCompile(`^## (\S+) \{#(\S+)\}$`)
	sourceLine   = regexp.MustCompile(`^\[[^]]+\]\(https://\S+ "[^"]+, \d{4}-\d\d-\d\d"\)$`)
)

// Every name and code has its words in every language: a heading, what it
// means, and where that stands. And no heading is left over.
func TestWords(t *testing.T) {
	want := Names()
	for _, code := range Violations() {
		want = append(want, "violation."+code)
	}
	for _, code := range Reasons() {
		want = append(want, "reason."+code)
	}
	slices.Sort(want)

	for _, language := range []string{"en", "zh"} {
		file, err := os.ReadFile("../../../content/fields/" + language + ".md")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, section := range strings.Split("\n"+string(file), "\n## ")[1:] {
			heading, body, _ := strings.Cut("## "+section, "\n")
			m := fieldHeading.FindStringSubmatch(heading)
			if m == nil || m[1] != m[2] {
				t.Errorf("%s: the heading %q should be: ## name {#name}", language, heading)
				continue
			}
			got = append(got, m[1])
			words, source, _ := strings.Cut(strings.TrimSpace(body), "\n\n")
			if words == "" || !sourceLine.MatchString(source) {
				t.Errorf("%s: %s should have its words, and then a line with the source, its title and date", language, m[1])
			}
		}
		slices.Sort(got)
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%s has no words for %s", language, name)
			}
		}
		for i, name := range got {
			if !slices.Contains(want, name) || i > 0 && got[i-1] == name {
				t.Errorf("%s has words for %s, which is left over", language, name)
			}
		}
	}
}

// Every phrase has its words in every language, and none is left over.
func TestPhraseWords(t *testing.T) {
	for _, language := range []string{"en", "zh"} {
		file, err := os.ReadFile("../../../content/ui/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(file, &words); err != nil {
			t.Fatal(err)
		}
		var got []string
		for key := range words {
			if phrase, ok := strings.CutPrefix(key, "say."); ok {
				got = append(got, phrase)
			}
		}
		slices.Sort(got)
		if want := Phrases(); !slices.Equal(got, want) {
			t.Errorf("%s has words for\n%q\nthe phrases are\n%q", language, got, want)
		}
	}
}
