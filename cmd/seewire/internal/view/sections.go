package view

import (
	"html"
	"regexp"
	"strings"

	"seewire/lessons"
)

// sections are a lesson's parts before its playground, those that stand beside
// it after that, and those that have the whole width: from the exercise on, or
// from a table of verdicts, which is as wide.
func sections(parts []lessons.Part) (before, after, rest []lessons.Part) {
	for i, part := range parts {
		playground, ok := part.(lessons.Playground)
		if !ok {
			continue
		}
		before = append(before, parts[:i]...)
		if playground.Caption != "" {
			before = append(before, playground.Caption)
		}
		after, rest = fromWide(parts[i+1:])
		return before, after, rest
	}
	return parts, nil, nil
}

// fromWide cuts parts in two before the heading of the first that has the whole
// width.
func fromWide(parts []lessons.Part) (beside, wide []lessons.Part) {
	for i, part := range parts {
		switch part.(type) {
		case lessons.Exercise, lessons.Verdicts:
		default:
			continue
		}
		text, ok := lessons.HTML(""), false
		if i > 0 {
			text, ok = parts[i-1].(lessons.HTML)
		}
		if !ok {
			return parts[:i], parts[i:]
		}
		at := max(0, strings.LastIndex(string(text), "<h2"))
		beside = append(append(beside, parts[:i-1]...), text[:at])
		return beside, append(append(wide, text[at:]), parts[i:]...)
	}
	return parts, nil
}

// A heading begins a part of a lesson.
type heading struct {
	ID, Text string
}

var (
	h2     = regexp.MustCompile(`(?s)<h2 id="([^"]+)"[^>]*>(.*?)</h2>`)
	markup = regexp.MustCompile(`<[^>]*>`)
)

// headings are those of a lesson's parts, in order.
func headings(parts []lessons.Part) []heading {
	var all []heading
	for _, part := range parts {
		text, _ := part.(lessons.HTML)
		for _, found := range h2.FindAllStringSubmatch(string(text), -1) {
			all = append(all, heading{found[1], html.UnescapeString(markup.ReplaceAllString(found[2], ""))})
		}
	}
	return all
}

// short is the heading in a word or two: a part that most lessons have has
// words for that.
func (h heading) short(p Page) string {
	if text, ok := p.Words["lesson.part."+h.ID]; ok {
		return text
	}
	return h.Text
}
