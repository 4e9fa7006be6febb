package secret

import (
	"net/url"
	"slices"
	"strings"
)

// A span is a part of a value: bytes from start up to end.
type span struct{ start, end int }

// schemes are those of Authorization that are shown, in lower case: those of
// IANA's registry, and some that are in use. A value that begins with something
// else is all secret.
var schemes = []string{
	"apikey", "aws4-hmac-sha256", "basic", "bearer", "concealed", "digest", "dpop", "gnap", "hoba", "key",
	"mutual", "negotiate", "ntlm", "oauth", "privatetoken", "scram-sha-1", "scram-sha-256", "token", "vapid",
}

// longestProtocol is how long a subprotocol's name may be. A longer one is taken
// for a token: the longest that are registered have about thirty characters.
const longestProtocol = 40

// spans are the secret parts of a header's value, none of them empty. Shown are
// those that are made up, such as "visitor=ada": they stay.
func spans(kind Kind, value string, shown []string) []span {
	switch kind {
	case Cookie:
		var all []span
		for part := range parts(value, ";") {
			all = appendPair(all, value, part, shown)
		}
		return all
	case SetCookie:
		end := strings.IndexByte(value, ';')
		if end < 0 {
			end = len(value)
		}
		return appendPair(nil, value, trimmed(value, span{0, end}), shown)
	case Authorization:
		if slices.Contains(shown, strings.TrimSpace(value)) {
			return nil
		}
		scheme, _, _ := strings.Cut(value, " ")
		if len(scheme) < len(value) && slices.Contains(schemes, strings.ToLower(scheme)) {
			return appendSpan(nil, value, span{len(scheme), len(value)})
		}
		return appendSpan(nil, value, span{0, len(value)})
	case Key:
		return appendSpan(nil, value, span{0, len(value)})
	case Address:
		return addressSpans(value, shown)
	case Protocol:
		return protocolSpans(value, shown)
	}
	return nil
}

// parts yields the parts of a value between separators, without white space.
func parts(value, separators string) func(yield func(span) bool) {
	return func(yield func(span) bool) {
		for start := 0; start <= len(value); {
			end := strings.IndexAny(value[start:], separators)
			if end < 0 {
				end = len(value) - start
			}
			if !yield(trimmed(value, span{start, start + end})) {
				return
			}
			start += end + 1
		}
	}
}

func trimmed(value string, s span) span {
	const space = " \t"
	for s.start < s.end && strings.IndexByte(space, value[s.start]) >= 0 {
		s.start++
	}
	for s.start < s.end && strings.IndexByte(space, value[s.end-1]) >= 0 {
		s.end--
	}
	return s
}

func appendSpan(all []span, value string, s span) []span {
	if s = trimmed(value, s); s.start == s.end {
		return all
	}
	return append(all, s)
}

// appendPair adds what is secret in name=value. Without a name all is
// (RFC 6265bis §5.6: it is the value of a cookie that has none).
func appendPair(all []span, value string, pair span, shown []string) []span {
	text := value[pair.start:pair.end]
	if slices.Contains(shown, text) {
		return all
	}
	return appendSpan(all, value, span{pair.start + strings.IndexByte(text, '=') + 1, pair.end})
}

// addressSpans are the secrets of a URL, or of a header that has some: the
// values of parameters by their names, in a query or in a fragment, where OAuth
// puts a token (RFC 6749 §4.2.2), and whatever stands before the host.
func addressSpans(value string, shown []string) []span {
	var all []span
	if _, after, ok := strings.Cut(value, "://"); ok {
		start := len(value) - len(after)
		host := strings.IndexAny(after, "/?#")
		if host < 0 {
			host = len(after)
		}
		if at := strings.LastIndexByte(after[:host], '@'); at > 0 {
			all = append(all, span{start, start + at})
		}
	}
	start := strings.IndexAny(value, "?#")
	if start < 0 {
		return all
	}
	const ends = "&;?# \t<>\""
	for start++; start <= len(value); {
		end := strings.IndexAny(value[start:], ends)
		if end < 0 {
			end = len(value) - start
		}
		pair := value[start : start+end]
		name, _, ok := strings.Cut(pair, "=")
		if ok && isSecretParameter(name) && !slices.Contains(shown, pair) {
			all = appendSpan(all, value, span{start + len(name) + 1, start + end})
		}
		start += end + 1
	}
	return all
}

// isSecretParameter reads a name as a server does (WHATWG URL §5.1).
func isSecretParameter(name string) bool {
	if strings.ContainsAny(name, "%+") {
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
	}
	return isSecretName(name)
}

// protocolSpans are the tokens among the names of subprotocols: pages that can't
// set a header put them there. They are known by a word before them, in the same
// element (token.eyJ…) or as the one before (bearer, eyJ…), or by their look.
func protocolSpans(value string, shown []string) []span {
	var all []span
	announced := false
	for element := range parts(value, ",") {
		text := value[element.start:element.end]
		after, found := afterSecretWord(text)
		switch {
		case slices.Contains(shown, text):
			announced = false
		case announced, isRandom(text):
			all = appendSpan(all, value, element)
			announced = false
		case found && after < len(text):
			all = appendSpan(all, value, span{element.start + after, element.end})
		default:
			announced = found
		}
	}
	return all
}

// isRandom tells whether a subprotocol looks like none: names are words, short
// ones, with a version. What has been covered looks like none either.
func isRandom(text string) bool {
	digits := 0
	for i := range len(text) {
		switch {
		case text[i] == filler:
			return !strings.ContainsAny(text, ".-_:")
		case '0' <= text[i] && text[i] <= '9':
			digits++
		}
	}
	longest := 0
	for word := range words(text) {
		longest = max(longest, len(word))
	}
	return len(text) > longestProtocol || len(text) >= 16 && (digits >= 4 || longest > 20)
}

// afterSecretWord finds the words of a secret, and what comes after the last of
// those that follow one another, and the character behind it.
func afterSecretWord(text string) (after int, found bool) {
	at := 0
	for word := range words(text) {
		at += strings.Index(text[at:], word) + len(word)
		if isSecretName(word) {
			after, found = min(at+1, len(text)), true
		} else if found {
			return after, true
		}
	}
	return after, found
}

// Covered says how many bytes of a header's value were covered; 0 for none. The
// name is in lower case.
func Covered(kind Kind, value string) (bytes int) {
	for _, s := range spans(kind, value, nil) {
		if isFilled(value[s.start:s.end]) {
			bytes += s.end - s.start
		}
	}
	return bytes
}
