package dissect

import "strings"

// A message is what a head says, for those who decide by it.
type message struct {
	from    Side
	method  string
	version string
	code    string
	headers []header
}

// A header is a header line. One that goes on in the next line is two.
type header struct {
	name   string // in lower case
	value  string
	folded bool // it goes on with the line before it
}

// get joins the values of all header lines of a name (RFC 9110 §5.3).
func (m *message) get(name string) string {
	var b strings.Builder
	for _, h := range m.headers {
		switch {
		case h.name != name:
			continue
		case h.folded:
			b.WriteByte(' ')
		case b.Len() > 0:
			b.WriteString(", ")
		}
		b.WriteString(h.value)
	}
	return b.String()
}

// count is how many header lines there are of a name.
func (m *message) count(name string) int {
	n := 0
	for _, h := range m.headers {
		if h.name == name && !h.folded {
			n++
		}
	}
	return n
}

// has tells whether a list header has the token, in any case.
func (m *message) has(name, token string) bool {
	for element := range strings.SplitSeq(m.get(name), ",") {
		if strings.EqualFold(strings.Trim(element, " \t"), token) {
			return true
		}
	}
	return false
}

// checkHost looks for the Host that each request must have once (RFC 9112
// §3.2).
func (m *message) checkHost() (violations violationList) {
	if n := m.count("host"); n > 1 || n == 0 && m.version == "HTTP/1.1" {
		violations.add(hostMissing)
	}
	return violations
}

// A headReader splits a head into fields, and keeps what it says.
type headReader struct {
	fieldList
	message    *message
	violations violationList
}

// text adds a field whose value is its bytes.
func (r *headReader) text(name, s string) { r.add(name, len(s), toText(s)) }

// value adds the field of a header's value.
func (r *headReader) value(field, name, s string) {
	r.text(field, s)
	if s != "" {
		r.fields[len(r.fields)-1].Covered = coveredIn(name, s)
	}
}

// lineEnd adds the end of a line, white space before it included. A line that
// the connection's end has cut has none.
func (r *headReader) lineEnd(name, s string) {
	if s == "" {
		return
	}
	if !strings.HasSuffix(s, "\r\n") {
		r.violations.add(bareLF)
	}
	r.add(name, len(s), escape(s))
}

// startLine reads a request line or a status line (RFC 9112 §3, §4), of which
// isStartLine is true, or which has been cut. It returns the target of a
// request, or the reason phrase.
func (r *headReader) startLine(line string) (target, phrase string) {
	content := trimLineEnd(line)
	first, rest, _ := strings.Cut(content, " ")
	second, third, more := strings.Cut(rest, " ")
	names := [3]string{httpFields.RequestMethod, httpFields.RequestURI, httpFields.RequestVersion}
	if r.message.from == Client {
		r.message.method, r.message.version = first, third
	} else {
		names = [3]string{httpFields.ResponseVersion, httpFields.ResponseCode, httpFields.ResponsePhrase}
		r.message.version, r.message.code = first, second
	}
	r.text(names[0], first)
	r.add(httpFields.Space, min(1, len(content)-len(first)), " ")
	if r.message.from == Client {
		r.value(names[1], ":path", second)
	} else {
		r.text(names[1], second)
	}
	if more {
		r.add(httpFields.Space, 1, " ")
	}
	r.text(names[2], third)
	r.lineEnd(httpFields.LineEnd, line[len(content):])
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
			r.lineEnd(httpFields.HeadEnd, line)
		case name != "" && (line[0] == ' ' || line[0] == '\t'):
			r.violations.add(obsFold)
			value := strings.TrimLeft(content, " \t")
			r.text(httpFields.HeaderFold, content[:len(content)-len(value)])
			r.text(fieldOf(name), value)
			r.lineEnd(httpFields.HeaderEnd, end)
			r.message.headers = append(r.message.headers, header{name, value, true})
		default:
			name = r.header(content, end == "")
			r.lineEnd(httpFields.HeaderEnd, end)
		}
	}
}

// header reads one header line without its end, which may be cut, and returns
// its name.
func (r *headReader) header(line string, cut bool) string {
	colon := strings.IndexByte(line, ':')
	if colon < 0 && cut {
		r.text(httpFields.HeaderName, line)
		return ""
	}
	if colon < 0 {
		r.violations.add(headerWithoutColon)
		r.text(httpFields.UnknownHeader, line)
		return ""
	}
	name := strings.TrimRight(line[:colon], " \t")
	value := strings.TrimLeft(line[colon+1:], " \t")
	if len(name) < colon {
		r.violations.add(headerSpace)
	}
	if !isToken(name) {
		r.violations.add(headerName)
	}
	if strings.ContainsAny(value, "\r\x00") {
		r.violations.add(headerValue)
	}
	r.text(httpFields.HeaderName, name)
	r.text(httpFields.HeaderColon, line[len(name):len(line)-len(value)])
	name = strings.ToLower(name)
	r.value(fieldOf(name), name, value)
	r.message.headers = append(r.message.headers, header{name, value, false})
	return name
}

// fieldOf is the field of a header's value, by its name in lower case.
func fieldOf(header string) string {
	if field, ok := headerFields[header]; ok {
		return field
	}
	return httpFields.UnknownHeader
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
func isStartLine(from Side, line string) bool {
	first, rest, ok := strings.Cut(line, " ")
	if !ok {
		return false
	}
	second, third, _ := strings.Cut(rest, " ")
	if from == Client {
		return isToken(first) && second != "" && isHTTP1(third)
	}
	return isHTTP1(first) && len(second) == 3 && strings.Trim(second, "0123456789") == ""
}

func isHTTP1(version string) bool {
	return len(version) == len("HTTP/1.1") && strings.HasPrefix(version, "HTTP/1.") &&
		'0' <= version[7] && version[7] <= '9'
}

// isToken is token of RFC 9110 §5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' ||
			strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
