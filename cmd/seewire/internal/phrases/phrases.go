// Package phrases says in the words of a course what was on the wire, for pages and
// for a terminal.
package phrases

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"

	"seewire/lessons"
	"seewire/playground/dissect"
	"seewire/playground/export"
)

// Lines put into words what frames say. The words are taken apart once: a recording has
// thousands of frames that say the same. summary.js does this in the browser.
type Lines struct {
	words lessons.Words
	bytes []lessons.Place
	say   map[string][]lessons.Place // by the key of a phrase
}

// NewLines returns those in a language.
func NewLines(words lessons.Words) Lines {
	l := Lines{words, slices.Collect(words.Places("viewer.bytes")), map[string][]lessons.Place{}}
	for key := range words {
		if phrase, ok := strings.CutPrefix(key, "say."); ok {
			l.say[phrase] = slices.Collect(words.Places(key))
		}
	}
	return l
}

// Line is what a frame says, in one line.
func (l Lines) Line(say []dissect.Phrase) string {
	var room [256]byte
	line := room[:0]
	for i := range say {
		p := &say[i]
		places, ok := l.say[p.Key]
		if !ok {
			places = slices.Collect(l.words.Places("say." + p.Key))
		}
		for i := range places {
			place := &places[i]
			line = append(line, place.Before...)
			switch place.Name {
			case "bytes":
				for i := range l.bytes {
					line = append(line, l.bytes[i].Before...)
					line = l.appendCount(line, &l.bytes[i], p.Count)
				}
			case "close", "reason":
				line = append(line, l.words["viewer."+place.Name+"."+p.Text]...)
			case "text":
				line = appendText(line, p.Text)
			default:
				line = l.appendCount(line, place, p.Count)
			}
		}
	}
	return string(bytes.TrimRight(line, " "))
}

// appendCount appends a number, or the form for it, unless something else is wanted there.
func (l Lines) appendCount(line []byte, place *lessons.Place, n int64) []byte {
	switch {
	case place.Name != "count":
		return append(line, place.Text...)
	case place.Forms != "":
		return append(line, l.words.Form(place.Forms, strconv.FormatInt(n, 10))...)
	}
	return strconv.AppendInt(line, n, 10)
}

// lineText is how many characters of a text a line has.
const lineText = 60

// appendText appends what a line has of a text. Mostly it begins with what is seen as it
// is.
func appendText(line []byte, text string) []byte {
	plain := plainIn(text[:min(len(text), lineText)])
	line = append(line, text[:plain]...)
	if plain == lineText && plain < len(text) {
		return append(line, "…"...)
	}
	return append(line, Visible(Shortened(text[plain:], lineText-plain))...)
}

// Codes are the words for what frames have as codes, in one language.
type Codes struct {
	Lines
	field      func(name string) (lessons.Field, bool)
	violations *sync.Map // those that were asked for: what they mean, by code
}

// NewCodes returns those of a course.
func NewCodes(course *lessons.Course, lang string) Codes {
	field := func(name string) (lessons.Field, bool) { return course.Field(lang, name) }
	return Codes{NewLines(course.Words[lang]), field, &sync.Map{}}
}

// Violation is what was violated, and what a conformant endpoint does about it.
func (w Codes) Violation(code string) string {
	if known, ok := w.violations.Load(code); ok {
		return known.(string)
	}
	f, _ := w.field("violation." + code)
	text := PlainText(f.HTML)
	w.violations.Store(code, text)
	return text
}

// Covered says what was covered of a value, and why.
func Covered(words lessons.Words, c *dissect.Covered) string {
	return words.Text("viewer.covered."+c.Kind, "bytes", words.Text("viewer.bytes", "count", c.Bytes))
}

// Note says what there is to know about a document. Some notes are about
// files alone, others about captures too.
func Note(words lessons.Words, n export.Note) string {
	key := "bytes.note." + n.Code
	if _, ok := words[key]; !ok {
		key = "viewer.note." + n.Code
	}
	note := words.Text(key, "count", n.Count, "text", n.Text, "protocol", words["bytes.as."+n.Text], "writing", words["bytes.writing."+n.Text], "bytes", words.Text("viewer.bytes", "count", n.Count))
	if n.Connection > 0 {
		note = words.Text("bytes.note.connection", "number", n.Connection, "note", note)
	}
	return note
}
