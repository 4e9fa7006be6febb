package http1

import (
	"strings"

	"seewire/playground/dissect"
)

// checkHost looks for the Host that each request must have once (RFC 9112
// §3.2).
func checkHost(m *dissect.Head) (violations dissect.Violations) {
	if n := m.Count("host"); n > 1 || n == 0 && m.Version == "HTTP/1.1" {
		violations.Add(rules[hostMissing])
	}
	return violations
}

// A headReader splits a head into fields, and keeps what it says.
type headReader struct {
	dissect.FieldList
	message    *dissect.Head
	violations dissect.Violations
}

// text adds a field whose value is its bytes.
func (r *headReader) text(name, s string) { r.Add(name, len(s), dissect.ToText(s)) }

// value adds the field of a header's value.
func (r *headReader) value(field, name, s string) {
	r.text(field, s)
	if s != "" {
		r.Fields[len(r.Fields)-1].Covered = dissect.CoveredIn(name, s)
	}
}

// lineEnd adds the end of a line, white space before it included. A line that
// the connection's end has cut has none.
func (r *headReader) lineEnd(name, s string) {
	if s == "" {
		return
	}
	if !strings.HasSuffix(s, "\r\n") {
		r.violations.Add(rules[bareLF])
	}
	r.Add(name, len(s), dissect.Escape(s))
}

// startLine reads a request line or a status line (RFC 9112 §3, §4), of which
// isStartLine is true, or which has been cut. It returns the target of a
// request, or the reason phrase.
func (r *headReader) startLine(line string) (target, phrase string) {
	from := r.message.From
	content, words, gaps := startWords(from, line)
	names := [3]string{field.RequestMethod, field.RequestURI, field.RequestVersion}
	if from == dissect.Client {
		r.message.Method, r.message.Version = words[0], words[2]
	} else {
		names = [3]string{field.ResponseVersion, field.ResponseCode, field.ResponsePhrase}
		r.message.Version, r.message.Code = words[0], words[1]
	}
	for i, word := range words {
		if from == dissect.Client && i == 1 {
			r.value(names[i], ":path", word)
		} else {
			r.text(names[i], word)
		}
		if i < len(gaps) {
			r.Add(field.Space, len(gaps[i]), gaps[i])
			if gaps[i] != " " && gaps[i] != "" {
				r.violations.Add(rules[startLine])
			}
		}
	}
	if len(content) < len(trimLineEnd(line)) {
		r.violations.Add(rules[startLine])
	}
	r.lineEnd(field.LineEnd, line[len(content):])
	return words[1], words[2]
}

// startWords are the parts of a start line without its end, and what stands
// between them. More white space than one space is not allowed there; many
// recipients take it (RFC 9112 §3).
func startWords(from dissect.Side, line string) (content string, words [3]string, gaps [2]string) {
	const white = " \t"
	content = trimLineEnd(line)
	if from == dissect.Client {
		content = strings.TrimRight(content, white)
	}
	rest := content
	for i := range gaps {
		n := strings.IndexAny(rest, white)
		if n < 0 {
			n = len(rest)
		}
		words[i], rest = rest[:n], rest[n:]
		after := strings.TrimLeft(rest, white)
		if i == 1 && from == dissect.Server {
			after = rest[min(1, len(rest)):] // the phrase may begin with one
		}
		gaps[i], rest = rest[:len(rest)-len(after)], after
	}
	words[2] = rest
	return content, words, gaps
}

// headers reads header lines (RFC 9112 §5), and the empty line after them.
func (r *headReader) headers(lines string) {
	name := ""
	for lines != "" {
		var line string
		line, lines = cutLine(lines)
		content := strings.TrimRight(trimLineEnd(line), " \t")
		end := line[len(content):]
		switch {
		case trimLineEnd(line) == "":
			r.lineEnd(field.HeadEnd, line)
		case name != "" && (line[0] == ' ' || line[0] == '\t'):
			r.violations.Add(rules[obsFold])
			value := strings.TrimLeft(content, " \t")
			r.text(field.HeaderFold, content[:len(content)-len(value)])
			r.text(fieldOf(name), value)
			r.lineEnd(field.HeaderEnd, end)
			r.message.Headers = append(r.message.Headers, dissect.HeaderLine{Name: name, Value: value, Folded: true})
		default:
			name = r.header(content, end == "")
			r.lineEnd(field.HeaderEnd, end)
		}
	}
}

// header reads one header line without its end, which may be cut, and returns
// its name.
func (r *headReader) header(line string, cut bool) string {
	colon := strings.IndexByte(line, ':')
	if colon < 0 && cut {
		r.text(field.HeaderName, line)
		return ""
	}
	if colon < 0 {
		r.violations.Add(rules[headerWithoutColon])
		r.text(field.UnknownHeader, line)
		return ""
	}
	name := strings.TrimRight(line[:colon], " \t")
	value := strings.TrimLeft(line[colon+1:], " \t")
	if len(name) < colon {
		r.violations.Add(rules[headerSpace])
	}
	if !dissect.IsToken(name) {
		r.violations.Add(rules[headerName])
	}
	if strings.ContainsAny(value, "\r\x00") {
		r.violations.Add(rules[headerValue])
	}
	r.text(field.HeaderName, name)
	r.text(field.HeaderColon, line[len(name):len(line)-len(value)])
	name = strings.ToLower(name)
	r.value(fieldOf(name), name, value)
	r.message.Headers = append(r.message.Headers, dissect.HeaderLine{Name: name, Value: value})
	return name
}

// fieldOf is the field of a header's value, by its name in lower case.
func fieldOf(header string) string {
	if field, ok := headerFields[header]; ok {
		return field
	}
	return field.UnknownHeader
}

// cutLine cuts after the first LF.
func cutLine(s string) (line, rest string) {
	n := strings.IndexByte(s, '\n') + 1
	if n == 0 {
		n = len(s)
	}
	return s[:n], s[n:]
}

// trimLineEnd takes off CRLF, or the LF alone that a recipient may take for a
// line end (RFC 9112 §2.2).
func trimLineEnd(line string) string {
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
}

// isStartLine tells whether the first line is one of HTTP/1.
func isStartLine(from dissect.Side, line string) bool {
	_, words, _ := startWords(from, line)
	if from == dissect.Client {
		return dissect.IsToken(words[0]) && words[1] != "" && isHTTP1(words[2])
	}
	// curl writes the heads of later versions in the same form.
	return (isHTTP1(words[0]) || words[0] == "HTTP/2" || words[0] == "HTTP/3") && len(words[1]) == 3 && strings.Trim(words[1], "0123456789") == ""
}

func isHTTP1(version string) bool {
	return len(version) == len("HTTP/1.1") && strings.HasPrefix(version, "HTTP/1.") &&
		'0' <= version[7] && version[7] <= '9'
}
