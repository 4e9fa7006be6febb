package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seewire/content"
	"seewire/lessons"
)

// What counts something reads right where it is one: "1 tokens" does not.
func TestEnglishCountsOne(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(content.FS, "lessons/*/words.en.json")
	if err != nil {
		t.Fatal(err)
	}
	words := lessons.Words{}
	for _, file := range append(files, "ui/en.json") {
		data, err := fs.ReadFile(content.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &words); err != nil {
			t.Fatal(err)
		}
	}
	name := regexp.MustCompile(`\{(\w+)`)
	for _, key := range slices.Sorted(maps.Keys(words)) {
		var ones []any
		for _, m := range name.FindAllStringSubmatch(words[key], -1) {
			ones = append(ones, m[1], 1)
		}
		if text := words.Text(key, ones...); len(ones) > 0 && hasOneOfMany(text) {
			t.Errorf("%s reads wrong: %q; write {count|one:token|other:tokens}", key, text)
		}
	}
	for text, want := range map[string]bool{
		"1 tokens": true, "after 1 more events": true, "(1 are out)": true, "1 of 1 are right": true, "the last of 1 fragments": true,
		"1 token": false, "after 1 ms": false, "tab 1: its first": false, "1 says: a message": false, "in 21 tokens": false, "1 of the sockets came late": false,
	} {
		if got := hasOneOfMany(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

var (
	afterOne = regexp.MustCompile(`(?:^|[^\w.-])1((?: [A-Za-z-]+){1,3})`)
	// ends are words with which what is counted has ended; a name may stand for the number.
	ends = regexp.MustCompile(`^(?:in|on|to|at|from|into|after|with|without|and|the|as|of|for|may|ms|s|is|was|has|this|its|\w+ss)$`)
	// singular are verbs after a name.
	singular = regexp.MustCompile(`^(?:says|waits|asks|reads|ends|begins|differs|breaks|comes|counts|keeps|takes|arrives)$`)
	many     = regexp.MustCompile(`^(?:are|were|have|come|\w+s)$`)
)

// hasOneOfMany says whether a text has a 1 and behind it the plural of something.
func hasOneOfMany(text string) bool {
	for _, m := range afterOne.FindAllStringSubmatch(text, -1) {
		for _, word := range strings.Fields(m[1]) {
			if ends.MatchString(word) || singular.MatchString(word) {
				break
			}
			if many.MatchString(word) {
				return true
			}
		}
	}
	return false
}
