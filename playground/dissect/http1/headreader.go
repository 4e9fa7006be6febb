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
	content := trimLineEnd(line)
	first, rest, _ := strings.Cut(content, " ")
	second, third, more := strings.Cut(rest, " ")
	names := [3]string{field.RequestMethod, field.RequestURI, field.RequestVersion}
	if r.message.From == dissect.Client {
		r.message.Method, r.message.Version = first, third
	} else {
		names = [3]string{field.ResponseVersion, field.ResponseCode, field.ResponsePhrase}
		r.message.Version, r.message.Code = first, second
	}
	r.text(names[0], first)
	r.Add(field.Space, min(1, len(content)-len(first)), " ")
	if r.message.From == dissect.Client {
		r.value(names[1], ":path", second)
	} else {
		r.text(names[1], second)
	}
	if more {
		r.Add(field.Space, 1, " ")
	}
	r.text(names[2], third)
	r.lineEnd(field.LineEnd, line[len(content):])
	return second, third
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
	first, rest, ok := strings.Cut(line, " ")
	if !ok {
		return false
	}
	second, third, _ := strings.Cut(rest, " ")
	if from == dissect.Client {
		return dissect.IsToken(first) && second != "" && isHTTP1(third)
	}
	return isHTTP1(first) && len(second) == 3 && strings.Trim(second, "0123456789") == ""
}

func isHTTP1(version string) bool {
	return len(version) == len("HTTP/1.1") && strings.HasPrefix(version, "HTTP/1.") &&
		'0' <= version[7] && version[7] <= '9'
}
