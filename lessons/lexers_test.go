package lessons

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
	chromas "github.com/alecthomas/chroma/v2/lexers"
)

// TestLexersAgree compares what is marked up in the course's code with what chroma's own
// lexers find in it.
func TestLexersAgree(t *testing.T) {
	others := map[string][]string{ // what we want otherwise
		"conf": {"1.", ".1", "60s"}, // numbers
		// Words of Java are names, a regular expression may have the flag s, and an object in a
		// template ends before the template's value.
		"js":  {"byte", "final", "long", "short", "/^([^:]*):?", "?(.*)$/s", "})"},
		"mjs": {"final", "short"},
		"py":  {"and", "in", "is", "not", "or", "__init__"}, // keywords, and a function's name as any other
	}
	names := map[string]string{"conf": "nginx"} // chroma knows no file's ending of nginx's
	seen := map[string]int{}
	for file, source := range codeOfTheCourse(t) {
		language := strings.TrimPrefix(filepath.Ext(file), ".")
		name := language
		if known, ok := names[language]; ok {
			name = known
		}
		ours, theirs := marked(t, lexers[language](), source), marked(t, chroma.Coalesce(chromas.Get(name)), source)
		for i := 0; i < len(source); i++ {
			start := i
			for i < len(source) && ours[i] != theirs[i] {
				i++
			}
			if part := source[start:i]; part != "" && !slices.Contains(others[language], part) {
				t.Errorf("%s: %q is %q for us, %q for chroma", file, part, ours[start], theirs[start])
			}
		}
		seen[language]++
	}
	if len(seen) < 6 {
		t.Errorf("compared code of %v only", seen)
	}
}

// codeOfTheCourse is what lessons show: files of the experiments, and fenced code, under
// names with the language for an ending.
func codeOfTheCourse(t *testing.T) map[string]string {
	code := map[string]string{}
	fence := regexp.MustCompile("(?ms)^ *```(\\w+)[^\n]*\\n(.*?)^ *```")
	for _, folder := range []string{"../content", "../playground/experiments"} {
		err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.Contains(file, "_test.") || strings.Contains(file, ".test.") || entry.Name() == "recording.json" {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if _, known := lexers[strings.TrimPrefix(filepath.Ext(file), ".")]; known {
				code[file] = WithoutMarks(string(text))
			}
			if filepath.Ext(file) == ".md" {
				for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
					if _, known := lexers[block[1]]; known {
						code[file+"."+block[1]] += block[2]
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return code
}

// marked is the class of each byte of a source, none for white space.
func marked(t *testing.T, lexer chroma.Lexer, source string) (marks []string) {
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, source)
	if err != nil {
		t.Fatal(err)
	}
	for token := range tokens.Stdlib() {
		for _, char := range token.Value {
			class := ""
			if !unicode.IsSpace(char) {
				class = classOf(token.Type)
			}
			marks = append(marks, slices.Repeat([]string{class}, utf8.RuneLen(char))...)
		}
	}
	return marks
}

// classOf is the class of any token of chroma's, which has more kinds than ours.
func classOf(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment):
		return classes[chroma.Comment]
	case t.InCategory(chroma.Keyword):
		return classes[chroma.Keyword]
	case t.InSubCategory(chroma.LiteralString):
		return classes[chroma.LiteralString]
	case t.InSubCategory(chroma.LiteralNumber):
		return classes[chroma.LiteralNumber]
	}
	return classes[t]
}
