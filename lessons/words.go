package lessons

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
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

// code is what a language is called in addresses and by its files. It is a tag
// of BCP 47 and no other part of an address: those have more than three letters.
var code = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*$`)

// loadLanguages reads languages.txt and ui/*.json.
func (r *resolver) loadLanguages() {
	c := r.course
	whole, problems := r.list("languages.txt")
	r.problems = append(r.problems, problems...)
	found := map[string][]word{}
	for _, name := range r.layers.glob("ui/*.json") {
		language := strings.TrimSuffix(path.Base(name), ".json")
		if !code.MatchString(language) {
			r.problems.at(r.layers.where(name), 1, "%q is no language", language).do("name the file by a tag of BCP 47, such as de.json or pt-BR.json")
			continue
		}
		sources, problems := r.layers.readAll(name)
		r.problems = append(r.problems, problems...)
		for _, s := range sources {
			words, problems := readWords(s)
			r.problems = append(r.problems, problems...)
			if words != nil {
				found[language] = append(append([]word{}, found[language]...), words...)
			}
		}
	}
	for _, line := range whole {
		if found[line.name] == nil {
			r.problems.at(line.file, line.line, "language %q has no words", line.name).do("write %s, or take the line out", r.layers[0].file("ui/"+line.name+".json"))
			continue
		}
		c.whole = append(c.whole, line.name)
	}
	c.Languages = slices.Clone(c.whole)
	for _, language := range slices.Sorted(maps.Keys(found)) {
		if !c.Whole(language) {
			c.Languages = append(c.Languages, language)
		}
	}
	for _, language := range c.Languages {
		r.addWords(language, found[language], found[c.First()])
		r.checkTag(language, found[language])
	}
}

// A word is an entry of a file of words.
type word struct {
	key, text string
	file      string
	line      int
}

// readWords reads an object of texts; nil where the file is none.
func readWords(s source) (words []word, problems Problems) {
	const remedy = "write {\"key\": \"text\", …}"
	decoder := json.NewDecoder(bytes.NewReader(s.text))
	next := func() (any, int, bool) {
		token, err := decoder.Token()
		at := s.line(int(decoder.InputOffset()))
		if err == nil {
			return token, at, true
		}
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = s.line(int(syntax.Offset))
		} else if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			at, err = s.line(len(s.text)), errors.New("the end is missing")
		}
		problems.at(s.file, at, "this is no JSON: %v", err).do(remedy)
		return nil, at, false
	}
	token, at, ok := next()
	if !ok {
		return nil, problems
	}
	if token != json.Delim('{') {
		problems.at(s.file, at, "this is no object").do(remedy)
		return nil, problems
	}
	words = []word{}
	seen := map[string]bool{}
	for decoder.More() {
		key, at, ok := next()
		if !ok {
			return nil, problems
		}
		text, _, ok := next()
		if !ok {
			return nil, problems
		}
		w := word{key.(string), "", s.file, at}
		if w.text, ok = text.(string); !ok {
			problems.at(s.file, at, "%q is no text", w.key).do(remedy)
			return nil, problems
		}
		if seen[w.key] {
			problems.at(s.file, at, "%q stands twice", w.key).do("take one of them out")
		}
		seen[w.key] = true
		words = append(words, w)
	}
	if _, _, ok := next(); !ok { // the closing brace
		return nil, problems
	}
	return words, problems
}

// addWords makes a language's words from what was found, and says which keys it
// lacks and which words have other placeholders than the course's first
// language. What it lacks it has from there.
func (r *resolver) addWords(language string, found, first []word) {
	c := r.course
	words := Words{"language.tag": language}
	for _, w := range found {
		words[w.key] = w.text
	}
	c.Words[language] = words
	if language == c.First() {
		return
	}
	standIn := c.Words[c.First()]
	for _, key := range slices.Sorted(maps.Keys(standIn)) {
		if _, ok := words[key]; !ok {
			r.problems.at(r.layers.where("ui/"+language+".json"), 1, "%q is missing; %s has %q", key, c.First(), standIn[key]).do("add it")
			words[key] = standIn[key]
		}
	}
	for _, w := range found {
		text, ok := standIn[w.key]
		switch {
		case !ok && c.Whole(language):
			r.problems.at(r.layers.where("ui/"+c.First()+".json"), 1, "%q is missing; %s has %q", w.key, language, w.text).do("add it")
			standIn[w.key] = w.text
		case !ok:
			r.problems.at(w.file, w.line, "%q is no word of the interface", w.key).do("take it out")
		case !slices.Equal(placeholders(text), placeholders(w.text)):
			r.problems.at(w.file, w.line, "%q has the placeholders %v, and in %s %v", w.key, placeholders(w.text), c.First(), placeholders(text)).
				do("use the same in both")
		}
	}
}

// checkTag looks at a language's tag, which is its code where it says nothing.
func (r *resolver) checkTag(code string, found []word) {
	for _, w := range found {
		if w.key != "language.tag" {
			continue
		}
		if _, err := language.Parse(w.text); err != nil {
			r.problems.at(w.file, w.line, "language.tag: %q is no tag of BCP 47", w.text).do("write one, such as de, pt-BR or zh-CN")
			r.course.Words[code]["language.tag"] = code
		}
	}
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
