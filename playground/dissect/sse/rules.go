package sse

import (
	"regexp"
	"slices"
	"strings"

	"seewire/playground/dissect"
)

// What keeps an event stream from being read as it was meant.
const (
	notUTF8 = iota
	charset
	contentType
	mistyped
	jsonArray
	writtenLineEnd
)

// rules says of each where it stands. What it means, the content says.
var rules = [...]dissect.Violation{
	notUTF8:     {Code: "sse.utf8", Section: "WHATWG HTML §9.2.5"},
	charset:     {Code: "sse.charset", Section: "WHATWG HTML §9.2.5"},
	contentType: {Code: "sse.content-type", Section: "WHATWG HTML §9.2.2"},
	mistyped:    {Code: "sse.mistyped", Section: "WHATWG HTML §9.2.2"},

	jsonArray:      {Code: "sse.json-array", Section: "Gemini API"},
	writtenLineEnd: {Code: "sse.written-line-end", Section: "WHATWG HTML §9.2.6"},
}

// Violations lists what can be wrong with a frame of the dissector, or with the
// response that carries an event stream.
func Violations() []dissect.Violation { return slices.Clone(rules[:]) }

// MediaType is that of an event stream.
const MediaType = "text/event-stream"

// Check holds a response against what an EventSource does with it. A request whose
// Accept has nothing but an event stream is that of one.
func Check(request, response *dissect.Head) (violations dissect.Violations) {
	mediaType, parameters, _ := strings.Cut(response.Get("content-type"), ";")
	is := strings.EqualFold(strings.TrimSpace(mediaType), MediaType)
	if !is && response.Code == "200" && strings.EqualFold(strings.TrimSpace(request.Get("accept")), MediaType) {
		violations.Add(rules[contentType])
	}
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		if is && strings.EqualFold(strings.TrimSpace(name), "charset") && !strings.EqualFold(value, "utf-8") && !strings.EqualFold(value, "utf8") {
			violations.Add(rules[charset])
		}
	}
	return violations
}

// JSONArray tells whether text begins as what Gemini's streamGenerateContent answers to a
// request without alt=sse: one array, an element for each part of the answer.
func JSONArray(start []byte) (violations dissect.Violations) {
	if geminiArray.Match(start) {
		violations.Add(rules[jsonArray])
	}
	return violations
}

var geminiArray = regexp.MustCompile(`\A\s*\[\s*\{\s*"(candidates|promptFeedback|usageMetadata)"\s*:`)

// writesLineEnds tells whether a line ends with backslashes and letters where line
// ends were to be: nothing else ends so that is written on purpose.
func writesLineEnds(line string) bool {
	line = strings.TrimRight(line, "\r\n")
	return strings.HasSuffix(line, `\n\n`) || strings.HasSuffix(line, `\r\n\r\n`) || strings.HasSuffix(line, `\r\r`)
}

var firstLine = regexp.MustCompile(`\A\x{feff}?(data|event|id|retry):`)

// Mistyped tells whether a body under another type begins as an event stream does, or
// would be one if it had been asked for.
func Mistyped(start []byte) (violations dissect.Violations) {
	if firstLine.Match(start) {
		violations.Add(rules[mistyped])
	}
	return append(violations, JSONArray(start)...)
}
