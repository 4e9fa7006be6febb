package lessons

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Words are the interface's words in one language, by key. {name} in a word is
// a placeholder. {count|one:event|other:events} is one of its forms, by the
// plural rules of Unicode (CLDR) for the language.
type Words map[string]string

var placeholder = regexp.MustCompile(`\{(\w+)((?:\|\w+:[^|{}]*)*)\}`)

// pluralForms are the names that CLDR has for them.
var pluralForms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// Text is the word for a key; pairs are the names and values of its
// placeholders. A key that does not exist gives itself in brackets, which the
// crawl of all pages looks for. static/js/lib/words.js does the same.
func (w Words) Text(key string, pairs ...any) string {
	if text, ok := w[key]; ok && strings.IndexByte(text, '{') < 0 {
		return text
	}
	var room [128]byte
	out := room[:0]
	for place := range w.Places(key) {
		out = append(out, place.Before...)
		switch value, ok := valueOf(pairs, place.Name); {
		case !ok:
			out = append(out, place.Text...)
		case place.Forms != "":
			out = append(out, w.Form(place.Forms, value)...)
		default:
			out = append(out, value...)
		}
	}
	return string(out)
}

// valueOf is the value of a placeholder, of which the last counts.
func valueOf(pairs []any, name string) (value string, ok bool) {
	for i := len(pairs) - 2; i >= 0; i -= 2 {
		if pairs[i] == name {
			switch v := pairs[i+1].(type) { // the kinds that nearly all are of
			case string:
				return v, true
			case int:
				return strconv.Itoa(v), true
			case int64:
				return strconv.FormatInt(v, 10), true
			default:
				return fmt.Sprint(v), true
			}
		}
	}
	return "", false
}

// A Place is a placeholder in a word.
type Place struct {
	Before string // the text between it and the one before
	Name   string
	Forms  string // "|one:event|other:events"
	Text   string // all of it
}

// Places are the placeholders of the word for a key. The last one has no name, and the
// end of the word before it.
func (w Words) Places(key string) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		text, ok := w[key]
		if !ok {
			yield(Place{Before: "⟦" + key + "⟧"})
			return
		}
		for from := 0; ; {
			begin := strings.IndexByte(text[from:], '{')
			if begin < 0 {
				yield(Place{Before: text})
				return
			}
			begin += from
			name, forms, length := placeholderAt(text[begin:])
			if from = begin + 1; length > 0 {
				if !yield(Place{text[:begin], name, forms, text[begin:][:length]}) {
					return
				}
				text, from = text[begin+length:], 0
			}
		}
	}
}

// placeholderAt is the placeholder that a text begins with: what the expression for
// one finds there, without its cost for every line that is shown. The length is 0
// where there is none.
func placeholderAt(text string) (name, forms string, length int) {
	end := strings.IndexByte(text, '}')
	if end < 0 {
		return "", "", 0
	}
	name, forms = text[1:end], ""
	if bar := strings.IndexByte(name, '|'); bar >= 0 {
		name, forms = name[:bar], name[bar:]
		for form := range strings.SplitSeq(forms[1:], "|") {
			if key, words, ok := strings.Cut(form, ":"); !ok || !isWord(key) || strings.Contains(words, "{") {
				return "", "", 0
			}
		}
	}
	if !isWord(name) {
		return "", "", 0
	}
	return name, forms, end + 1
}

// isWord tells whether a text can be the name of a placeholder or of a form.
func isWord(s string) bool {
	for _, b := range []byte(s) {
		if b != '_' && (b < '0' || b > '9') && (b < 'A' || b > 'Z') && (b < 'a' || b > 'z') {
			return false
		}
	}
	return s != ""
}

// Form is the one of a place's forms that goes with a number.
func (w Words) Form(text, number string) string {
	form := plural.Other
	if n, err := strconv.Atoi(number); err == nil && n >= 0 {
		form = plural.Cardinal.MatchPlural(parsedTag(w["language.tag"]), n, 0, 0, 0, 0)
	}
	other := ""
	for one := range strings.SplitSeq(strings.TrimPrefix(text, "|"), "|") {
		name, text, _ := strings.Cut(one, ":")
		if known, ok := pluralForms[name]; ok && known == form {
			return text
		}
		if name == "other" {
			other = text
		}
	}
	return other
}

// parsedTags are the languages' tags that were looked at, by their texts: to parse one
// takes longer than all else that a line of a dissection needs.
var parsedTags sync.Map

func parsedTag(text string) language.Tag {
	if tag, ok := parsedTags.Load(text); ok {
		return tag.(language.Tag)
	}
	tag := language.Make(text)
	parsedTags.Store(text, tag)
	return tag
}

// formsIn are the forms of a placeholder, by their names.
func formsIn(text string) map[string]string {
	forms := map[string]string{}
	for form := range strings.SplitSeq(strings.TrimPrefix(text, "|"), "|") {
		name, text, _ := strings.Cut(form, ":")
		forms[name] = text
	}
	return forms
}

// code is what a language is called in addresses and by its files. It is a tag
// of BCP 47 and no other part of an address: those have more than three letters.
var code = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*$`)

// loadLanguages reads languages.txt, ui/*.json and, with lessons, lessons/*/words.*.json.
func (r *resolver) loadLanguages(lessons bool) {
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
				found[language] = append(found[language], words...)
			}
		}
	}
	if lessons {
		r.readLessonWords(found)
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
		r.addWords(language, found[language])
		r.checkTag(language, found[language])
	}
	r.words = found
}

// A word is an entry of a file of words.
type word struct {
	key, text string
	name      string // of the file in the tree: "ui/en.json"
	file      string // for messages
	line      int
}

// readWords reads an object of texts; nil where the file is none.
func readWords(s source) (words []word, problems Problems) {
	if words, ok := plainWords(s); ok {
		return words, nil
	}
	return decodedWords(s)
}

// decodedWords is readWords of a file with which something may be wrong.
func decodedWords(s source) (words []word, problems Problems) {
	const remedy = "write {\"key\": \"text\", …}"
	decoder := json.NewDecoder(bytes.NewReader(s.text))
	at, counted := 1, 0 // the line, and the bytes to which it was counted
	next := func() (any, int, bool) {
		token, err := decoder.Token()
		offset := int(decoder.InputOffset())
		at += bytes.Count(s.text[counted:offset], []byte("\n"))
		counted = offset
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
		w := word{key.(string), "", s.name, s.file, at}
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

// plainWords reads a file whose keys are sorted and with which nothing is wrong, many
// times as fast as the decoder that can say what is. ok is false for any other file. That
// the text is UTF-8 is known: Layer.read refuses what is not.
func plainWords(s source) (words []word, ok bool) {
	rest, line := string(s.text), 1
	mark := func() byte { // the next one that is no space; 0 at the end
		for i := range len(rest) {
			switch b := rest[i]; b {
			case '\n':
				line++
			case ' ', '\t', '\r':
			default:
				rest = rest[i+1:]
				return b
			}
		}
		return 0
	}
	text := func() (text string, ok bool) {
		ok = mark() == '"'
		escaped := false
		for i := 0; ok && i < len(rest); i++ {
			switch b := rest[i]; {
			case b == '"':
				text, rest = rest[:i], rest[i+1:]
				if escaped {
					var plain string
					err := json.Unmarshal([]byte(`"`+text+`"`), &plain)
					return plain, err == nil
				}
				return text, true
			case b == '\\':
				escaped = true
				i++
			case b < ' ':
				ok = false
			}
		}
		return "", false
	}
	if mark() != '{' {
		return nil, false
	}
	words = make([]word, 0, bytes.Count(s.text, []byte("\n")))
	last := ""
	for {
		key, isText := text()
		if !isText || key <= last || mark() != ':' {
			return nil, false
		}
		last = key
		w := word{key, "", s.name, s.file, line}
		if w.text, isText = text(); !isText {
			return nil, false
		}
		words = append(words, w)
		switch mark() {
		case ',':
		case '}':
			return words, true
		default:
			return nil, false
		}
	}
}

// addWords makes a language's words from what was found. What it lacks it has from
// the course's first language.
func (r *resolver) addWords(language string, found []word) {
	c := r.course
	words := make(Words, len(found)+1)
	words["language.tag"] = language
	for _, w := range found {
		words[w.key] = w.text
	}
	c.Words[language] = words
	standIn := c.Words[c.First()]
	for key, text := range standIn {
		if _, ok := words[key]; !ok {
			words[key] = text
		}
	}
	if c.Whole(language) {
		for _, w := range found {
			if _, ok := standIn[w.key]; !ok {
				standIn[w.key] = w.text
			}
		}
	}
}

// compareWords says which keys a language lacks and which words have other
// placeholders than the course's first language.
func (r *resolver) compareWords() {
	c := r.course
	standIn := Words{"language.tag": c.First()}
	files := map[string]string{} // of the first language's words
	for _, w := range r.words[c.First()] {
		standIn[w.key], files[w.key] = w.text, w.name
	}
	for _, language := range c.Languages[1:] {
		r.compare(language, standIn, files)
	}
}

func (r *resolver) compare(language string, standIn Words, files map[string]string) {
	c := r.course
	has := map[string]bool{"language.tag": true}
	for _, w := range r.words[language] {
		has[w.key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(standIn)) {
		if has[key] {
			continue
		}
		name := cmp.Or(files[key], "ui/"+c.First()+".json")
		if r.translated(name, language) {
			r.problems.at(r.layers.where(inLanguage(name, language)), 1, "%q is missing; %s has %q", key, c.First(), standIn[key]).do("add it")
		}
	}
	for _, w := range r.words[language] {
		r.checkForms(w)
		text, ok := standIn[w.key]
		switch {
		case !ok && c.Whole(language):
			r.problems.at(r.layers.where(inLanguage(w.name, c.First())), 1, "%q is missing; %s has %q", w.key, language, w.text).do("add it")
			standIn[w.key] = w.text
		case !ok:
			r.problems.at(w.file, w.line, "%q is no word of the interface", w.key).do("take it out")
		case !slices.Equal(placeholders(text), placeholders(w.text)):
			r.problems.at(w.file, w.line, "%q has the placeholders %v, and in %s %v", w.key, placeholders(w.text), c.First(), placeholders(text)).
				do("use the same in both")
		}
	}
}

// readLessonWords adds the words that lie beside the lessons, each language's to
// those of its interface.
func (r *resolver) readLessonWords(found map[string][]word) {
	for _, name := range r.layers.glob("lessons/*/words.*.json") {
		language := strings.TrimSuffix(strings.TrimPrefix(path.Base(name), "words."), ".json")
		if found[language] == nil {
			r.problems.at(r.layers.where(name), 1, "language %q has no words of the interface", language).do("write ui/%s.json first", language)
			continue
		}
		sources, problems := r.layers.readAll(name)
		r.problems = append(r.problems, problems...)
		for _, s := range sources {
			words, problems := readWords(s)
			r.problems = append(r.problems, problems...)
			r.lessonWords = append(r.lessonWords, words...)
			found[language] = append(found[language], words...)
		}
	}
}

// translated says whether a language is to have the words of a file of another
// one: the interface's always, a lesson's where it has the lesson.
func (r *resolver) translated(name, language string) bool {
	folder := path.Dir(name)
	return folder == "ui" || r.course.Whole(language) || r.layers.depth(folder+"/"+language+".md") >= 0
}

// inLanguage is the name of a file of words in another language.
func inLanguage(name, language string) string {
	before, _, _ := strings.Cut(path.Base(name), ".")
	if path.Dir(name) == "ui" {
		return "ui/" + language + ".json"
	}
	return path.Dir(name) + "/" + before + "." + language + ".json"
}

// checkExperiments reports what experiments lack, the words among it, and the
// words beside lessons that nothing says.
func (r *resolver) checkExperiments() {
	known := map[string]bool{}
	for _, id := range r.refs.Experiments() {
		r.problems = append(r.problems, r.refs.CheckExperiment(id)...)
		folder := r.lessonOf(id)
		if folder == "" {
			r.problems.at(r.layers.where("course.txt"), 1, "no lesson has the experiment %q", id).
				do("write one with :::playground {experiment=%s}, or take the experiment out", id)
			continue
		}
		for _, w := range r.refs.ExperimentWords(id) {
			known[w.Key] = true
			for _, language := range r.course.whole {
				if _, ok := r.course.Words[language][w.Key]; !ok && !w.Optional {
					r.problems.at(r.layers.where(folder+"/words."+language+".json"), 1, "%q is missing, which is for %s", w.Key, w.For).do("add it")
				}
			}
		}
	}
	in := map[string]string{} // the folder of each key
	for _, w := range r.lessonWords {
		folder := path.Dir(w.name)
		if cmp.Or(in[w.key], folder) != folder {
			r.problems.at(w.file, w.line, "%q stands in %s too", w.key, in[w.key]).do("take one of them out")
		}
		in[w.key] = folder
		if !known[w.key] {
			r.problems.at(w.file, w.line, "%q is for no control, and no module of an experiment names it", w.key).do("take it out, or name it there")
		}
	}
}

// lessonOf is the folder of the first lesson with an experiment; "" for none.
func (r *resolver) lessonOf(experiment string) string {
	for _, list := range [][]Lesson{r.course.Lessons, r.course.outside} {
		for _, lesson := range list {
			for _, d := range r.drafts[lesson.Slug] {
				if !d.lost && d.experiment() == experiment {
					return "lessons/" + lesson.Slug
				}
			}
		}
	}
	return ""
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

// checkForms reports forms of a word that no number would have.
func (r *resolver) checkForms(w word) {
	for _, match := range placeholder.FindAllStringSubmatch(w.text, -1) {
		if match[2] == "" {
			continue
		}
		forms := formsIn(match[2])
		for _, name := range slices.Sorted(maps.Keys(forms)) {
			if _, ok := pluralForms[name]; !ok {
				r.problems.at(w.file, w.line, "%q has the form %q in %s", w.key, name, match[0]).do("name it zero, one, two, few, many or other")
			}
		}
		if _, ok := forms["other"]; !ok {
			r.problems.at(w.file, w.line, "%q lacks the form other in %s", w.key, match[0]).do("add it: {%s|one:event|other:events}", match[1])
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
