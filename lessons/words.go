package lessons

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Words are the interface's words in one language, by key. {name} in a word is
// a placeholder.
type Words map[string]string

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// Text is the word for a key; pairs are the names and values of its
// placeholders. A key that does not exist gives itself in brackets, which the
// crawl of all pages looks for.
func (w Words) Text(key string, pairs ...any) string {
	text, ok := w[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}

// loadWords reads ui/*.json: one language a file.
func (c *Course) loadWords(fsys fs.FS) error {
	files, err := fs.Glob(fsys, "ui/*.json")
	if err != nil || len(files) == 0 {
		return errors.Join(errors.New("ui: no words in any language"), err)
	}
	var problems []error
	for _, file := range files {
		language := strings.TrimSuffix(path.Base(file), ".json")
		words, err := readWords(fsys, file)
		c.Languages = append(c.Languages, language)
		c.Words[language] = words
		problems = append(problems, err)
	}
	first := c.Languages[0]
	for _, language := range c.Languages[1:] {
		problems = append(problems, compareWords(first, language, c.Words[first], c.Words[language]))
	}
	return errors.Join(problems...)
}

func readWords(fsys fs.FS, file string) (Words, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	var words Words
	if err := json.Unmarshal(text, &words); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return words, nil
}

// compareWords says which keys one of two languages lacks, and which words
// have other placeholders.
func compareWords(a, b string, inA, inB Words) error {
	all := maps.Clone(inA)
	maps.Copy(all, inB)
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(all)) {
		wordA, okA := inA[key]
		wordB, okB := inB[key]
		switch {
		case !okA:
			problems = append(problems, fmt.Errorf("ui/%s.json: %q is missing; %s has %q", a, key, b, wordB))
		case !okB:
			problems = append(problems, fmt.Errorf("ui/%s.json: %q is missing; %s has %q", b, key, a, wordA))
		case !slices.Equal(placeholders(wordA), placeholders(wordB)):
			problems = append(problems, fmt.Errorf("ui: %q has the placeholders %v in %s and %v in %s", key, placeholders(wordA), a, placeholders(wordB), b))
		}
	}
	return errors.Join(problems...)
}

// placeholders are the names in braces, sorted, each once.
func placeholders(word string) []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(word, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
