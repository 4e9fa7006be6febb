package view

import (
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
