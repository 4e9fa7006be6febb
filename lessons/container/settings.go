package container

import (
	"fmt"
	"strings"
)

// Settings are what stands in braces behind a block's name or a fence's
// language: {#id key=value key="a longer value"}. Values are strings.
type Settings struct {
	ID     string
	Values map[string]string
}

// ParseSettings reads settings with their braces. An empty text has none.
func ParseSettings(text string) (Settings, error) {
	settings := Settings{Values: map[string]string{}}
	text = strings.TrimSpace(text)
	if text == "" {
		return settings, nil
	}
	inner, opened := strings.CutPrefix(text, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !opened || !closed {
		return settings, fmt.Errorf("settings %q are not in braces", text)
	}
	for rest := strings.TrimSpace(inner); rest != ""; rest = strings.TrimSpace(rest) {
		var err error
		if rest, err = settings.next(rest); err != nil {
			return settings, err
		}
	}
	return settings, nil
}

// next takes one setting from the front of text and gives what is left.
func (s *Settings) next(text string) (rest string, err error) {
	word, rest := cutWord(text)
	if id, ok := strings.CutPrefix(word, "#"); ok {
		if s.ID != "" || id == "" {
			return "", fmt.Errorf("setting %q: a block has one id", word)
		}
		s.ID = id
		return rest, nil
	}
	key, value, ok := strings.Cut(word, "=")
	if !ok || key == "" {
		return "", fmt.Errorf("setting %q is neither #id nor key=value", word)
	}
	if strings.HasPrefix(value, `"`) {
		// The word ended at the first space: the value goes on to its quote.
		value, rest, ok = strings.Cut(text[len(key)+len(`="`):], `"`)
		if !ok {
			return "", fmt.Errorf("setting %q: the quote is not closed", key)
		}
	}
	if _, twice := s.Values[key]; twice {
		return "", fmt.Errorf("setting %q stands twice", key)
	}
	s.Values[key] = value
	return rest, nil
}

func cutWord(text string) (word, rest string) {
	if end := strings.IndexAny(text, " \t"); end >= 0 {
		return text[:end], text[end:]
	}
	return text, ""
}
