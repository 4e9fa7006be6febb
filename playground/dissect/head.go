package dissect

import (
	"strconv"
	"strings"
)

// MaxHead bounds a head, a trailer section or a header block, in bytes.
const MaxHead = 64 << 10

// A Head is what a head says, for those who decide by it.
type Head struct {
	From    Side
	Method  string
	Version string
	Code    string
	Headers []HeaderLine
}

// A HeaderLine is a header line. One that goes on in the next line is two.
type HeaderLine struct {
	Name   string // in lower case
	Value  string
	Folded bool // it goes on with the line before it
}

// Get joins the values of all header lines of a name (RFC 9110 §5.3).
func (m *Head) Get(name string) string {
	var b strings.Builder
	for _, h := range m.Headers {
		switch {
		case h.Name != name:
			continue
		case h.Folded:
			b.WriteByte(' ')
		case b.Len() > 0:
			b.WriteString(", ")
		}
		b.WriteString(h.Value)
	}
	return b.String()
}

// Count is how many header lines there are of a name.
func (m *Head) Count(name string) int {
	n := 0
	for _, h := range m.Headers {
		if h.Name == name && !h.Folded {
			n++
		}
	}
	return n
}

// Has tells whether a list header has the token, in any case.
func (m *Head) Has(name, token string) bool {
	for element := range strings.SplitSeq(m.Get(name), ",") {
		if strings.EqualFold(strings.Trim(element, " \t"), token) {
			return true
		}
	}
	return false
}

// Coded tells whether the content is under a coding, and so not what its type
// says as it stands.
func (m *Head) Coded() bool {
	coding := m.Get("content-encoding")
	return coding != "" && !strings.EqualFold(coding, "identity")
}

// RequestLine is what is said of a request: its target without the query.
func (m *Head) RequestLine(key, target string) []Phrase {
	target, _, _ = strings.Cut(target, "?")
	line := []Phrase{Text(key, ToText(m.Method+" "+target))}
	if id := m.Get("last-event-id"); id != "" {
		line = append(line, Text(say.LastEventID, ToText(id)))
	}
	return line
}

// StatusLine is what is said of a response.
func (m *Head) StatusLine(key, reason string) Phrase {
	if m.Code == "200" && m.Get("content-type") != "" {
		reason = m.Get("content-type")
	}
	return Text(key, ToText(strings.TrimSpace(m.Code+" "+reason)))
}

// ContentLength reads a Content-Length. Equal values in a list count as one
// (RFC 9110 §8.6).
func ContentLength(list string) (n uint64, ok bool) {
	for element := range strings.SplitSeq(list, ",") {
		element = strings.Trim(element, " \t")
		if element == "" || strings.Trim(element, "0123456789") != "" {
			return 0, false
		}
		m, err := strconv.ParseUint(element, 10, 63)
		if err != nil || ok && m != n {
			return 0, false
		}
		n, ok = m, true
	}
	return n, ok
}

// ListNames are the names in a list of names with parameters.
func ListNames(list string) (names []string) {
	for element := range strings.SplitSeq(list, ",") {
		name, _, _ := strings.Cut(element, ";")
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// IsToken is token of RFC 9110 §5.6.2.
func IsToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' ||
			strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
