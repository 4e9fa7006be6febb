package lessons

import (
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// A usage is a rule for words: what is not written, and what is in its place.
type usage struct {
	avoid   string
	write   string
	allowed []string // longer phrases in which it may stand, folded
	folded  string   // what to avoid
}

// loadUsages reads terms/<language>.txt: a rule a line, # begins a comment.
//
//	what not to write > what to write | a phrase in which it may stand, another
//
// A rule of an upper layer takes the place of the same in a lower one. Letters
// are matched as words of their own, small or large.
func (r *resolver) loadUsages() {
	r.usages = map[string][]usage{}
	for _, language := range r.course.Languages {
		sources, problems := r.layers.readAll("terms/" + language + ".txt")
		r.problems = append(r.problems, problems...)
		for _, s := range sources {
			for i, text := range strings.Split(string(s.text), "\n") {
				text, _, _ = strings.Cut(text, "#")
				if text = strings.TrimSpace(text); text == "" {
					continue
				}
				rule, allowed, _ := strings.Cut(text, "|")
				avoid, write, ok := strings.Cut(rule, ">")
				u := usage{avoid: strings.TrimSpace(avoid), write: strings.TrimSpace(write)}
				u.folded = fold(u.avoid)
				if !ok || u.avoid == "" || u.write == "" {
					r.problems.at(s.file, i+1, "%q is no rule", text).do("write: what not to write > what to write | a phrase in which it may stand")
					continue
				}
				for phrase := range strings.SplitSeq(allowed, ",") {
					if phrase = strings.TrimSpace(phrase); phrase != "" {
						u.allowed = append(u.allowed, fold(phrase))
					}
				}
				rules := slices.DeleteFunc(r.usages[language], func(below usage) bool { return below.avoid == u.avoid })
				r.usages[language] = append(rules, u)
			}
		}
	}
}

// found is what a text has of what the rule avoids, as it is written there; ""
// for nothing, and for what is to be written and differs in its letters' size.
// lower is the text, folded.
func (u usage) found(text, lower string) string {
	if !strings.Contains(lower, u.folded) {
		return ""
	}
	for _, phrase := range u.allowed {
		lower = strings.ReplaceAll(lower, phrase, strings.Repeat("\x00", len(phrase)))
	}
	for {
		at := indexWord(lower, u.folded)
		if at < 0 {
			return ""
		}
		if written := text[at:][:len(u.avoid)]; written != u.write {
			return written
		}
		lower = lower[:at] + strings.Repeat("\x00", len(u.avoid)) + lower[at+len(u.avoid):]
	}
}

// fold makes letters small, where that leaves a text as long as it was.
func fold(text string) string {
	if lower := strings.ToLower(text); len(lower) == len(text) {
		return lower
	}
	return text
}

// checkUsage holds a text to the rules of its language.
func (r *resolver) checkUsage(problems *Problems, language, file string, line int, text string) {
	lower := fold(text)
	for _, u := range r.usages[language] {
		if found := u.found(text, lower); found != "" {
			problems.at(file, line, "%q is not what this is called", found).do("write %q", u.write)
		}
	}
}

// checkWords holds the languages' words against each other, and to the rules.
func (r *resolver) checkWords() {
	r.compareWords()
	for language, words := range r.words {
		for _, w := range words {
			r.checkUsage(&r.problems, language, w.file, w.line, w.text)
		}
	}
}

// checkProse holds a file's text to the rules; code is not text.
func (r *resolver) checkProse(d *draft) {
	if d.language != d.site || len(r.usages[d.language]) == 0 {
		return
	}
	for _, text := range []string{d.page.Question, d.page.Summary} {
		line := lineAt(d.from.text, strings.Index(string(d.from.text), text))
		r.checkUsage(&d.problems, d.language, d.from.file, line, text)
	}
	// The error is nil: this walker never gives one.
	_ = ast.Walk(d.root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := node.(type) {
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if entering {
				r.checkUsage(&d.problems, d.language, d.from.file, lineAt(d.source, n.Segment.Start), string(n.Segment.Value(d.source)))
			}
		}
		return ast.WalkContinue, nil
	})
}

// checkLanguages says which files are in languages that the course has not.
func (r *resolver) checkLanguages() {
	for _, pattern := range []string{"fields/*.md", "glossary/*.md", "lessons/*/*.md", "terms/*.txt"} {
		for _, name := range r.layers.glob(pattern) {
			language := strings.TrimSuffix(path.Base(name), path.Ext(name))
			if !slices.Contains(r.course.Languages, language) {
				r.problems.at(r.layers.where(name), 1, "the course has no language %q", language).
					do("name the file by one of %s, or write %s first", strings.Join(r.course.Languages, ", "), r.layers[0].file("ui/"+language+".json"))
			}
		}
	}
}
