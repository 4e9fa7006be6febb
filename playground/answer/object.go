package answer

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An object is a value of JSON, of which only what is asked for is looked at. Its
// members lie one behind the other, each in front of what is in it.
type object []node

// A node is a value.
type node struct {
	name   string // of a member
	text   string // as it is written
	inside int    // how many nodes are in it
}

// kind is the first byte of a value, which tells its type; 0 where there is none.
func (n node) kind() byte {
	if n.text == "" {
		return 0
	}
	return n.text[0]
}

// place is where the last member with a name is; -1 for none.
func (o object) place(name string) int {
	place := -1
	for i := 0; i < len(o); i += 1 + o[i].inside {
		if o[i].name == name {
			place = i
		}
	}
	return place
}

func (o object) find(name string) node {
	if i := o.place(name); i >= 0 {
		return o[i]
	}
	return node{}
}

func (o object) text(name string) string {
	if n := o.find(name); n.kind() == '"' {
		return unquoted(n.text)
	}
	return ""
}

func (o object) number(name string) int64 {
	n, _ := strconv.ParseFloat(o.find(name).text, 64)
	return int64(n)
}

func (o object) is(name string) bool { return o.find(name).kind() == 't' }

// has says whether there is a value, which is not null.
func (o object) has(name string) bool {
	kind := o.find(name).kind()
	return kind != 0 && kind != 'n'
}

func (o object) object(name string) object {
	if i := o.place(name); i >= 0 && o[i].kind() == '{' {
		return o.inside(i)
	}
	return nil
}

func (o object) objects(name string) (all []object) {
	place := o.place(name)
	if place < 0 || o[place].kind() != '[' {
		return nil
	}
	list := o.inside(place)
	for i := 0; i < len(list); i += 1 + list[i].inside {
		if list[i].kind() == '{' {
			all = append(all, list.inside(i))
		}
	}
	return all
}

func (o object) inside(i int) object { return o[i+1:][:o[i].inside] }

// any is a value as package json has it.
func (o object) any(name string) (v any) {
	if json.Unmarshal([]byte(o.find(name).text), &v) != nil {
		return nil
	}
	return v
}

// raw is a value as JSON.
func (o object) raw(name string) string {
	if !o.has(name) {
		return ""
	}
	p, err := json.Marshal(o.any(name))
	if err != nil {
		return ""
	}
	return string(p)
}

// unquoted is the text of a string.
func unquoted(s string) string {
	if text := s[1 : len(s)-1]; strings.IndexByte(text, '\\') < 0 && utf8.ValidString(text) {
		return text
	}
	var text string
	_ = json.Unmarshal([]byte(s), &text) // it is a string of JSON
	return text
}

// A jsonReader reads objects. What package json would make of each event of a stream,
// maps of everything, takes longer than to dissect it.
type jsonReader struct {
	text  string
	at    int
	nodes []node // of the newest object, used again for the next
}

// object is the object that a text is, until the next one is read; nil where it is
// none, or no JSON.
func (r *jsonReader) object(text string) object {
	*r = jsonReader{text: text, nodes: r.nodes[:0]}
	whole := r.value("", 0)
	if r.next(); !whole || r.at < len(r.text) || r.nodes[0].kind() != '{' {
		return nil
	}
	return r.nodes[1:]
}

// next is the next byte that is no space; 0 at the end.
func (r *jsonReader) next() byte {
	for ; r.at < len(r.text); r.at++ {
		switch b := r.text[r.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

const (
	maxDepth = 10_000 // as deep as package json goes, too

	// maxNodes is how many values are kept before the objects of a list are left out:
	// no model sends as many, and each takes more than ten times what it is written in.
	maxNodes = 50_000
)

// value reads a value, and says whether there is one.
func (r *jsonReader) value(name string, depth int) (ok bool) {
	place := len(r.nodes)
	r.nodes = append(r.nodes, node{name: name})
	kind := r.next()
	begin := r.at
	switch kind {
	case '{':
		ok = depth < maxDepth && r.list('}', func() bool {
			if r.next() != '"' {
				return false
			}
			begin := r.at
			if !r.string() {
				return false
			}
			name := unquoted(r.text[begin:r.at])
			if r.next() != ':' {
				return false
			}
			r.at++
			return r.value(name, depth+1)
		})
	case '[':
		ok = depth < maxDepth && r.list(']', func() bool {
			place := len(r.nodes)
			ok := r.value("", depth+1)
			if r.nodes[place].kind() != '{' || place > maxNodes {
				r.nodes = r.nodes[:place] // nobody asks for it
			}
			return ok
		})
	case '"':
		ok = r.string()
	default:
		ok = r.word()
	}
	r.nodes[place].text = r.text[begin:r.at]
	r.nodes[place].inside = len(r.nodes) - place - 1
	return ok
}

// list reads what stands between brackets, with commas between each and the next.
func (r *jsonReader) list(end byte, one func() bool) bool {
	r.at++
	if r.next() == end {
		r.at++
		return true
	}
	for one() {
		switch r.next() {
		case ',':
			r.at++
		case end:
			r.at++
			return true
		default:
			return false
		}
	}
	return false
}

func (r *jsonReader) string() bool {
	begin, escaped := r.at, false
	for r.at++; r.at < len(r.text); r.at++ {
		switch b := r.text[r.at]; {
		case b == '"':
			r.at++
			return !escaped || json.Valid([]byte(r.text[begin:r.at]))
		case b == '\\':
			escaped = true
			r.at++
		case b < ' ':
			return false
		}
	}
	r.at = len(r.text)
	return false
}

// word reads a number, true, false or null.
func (r *jsonReader) word() bool {
	word := r.text[r.at:]
	if n := digits(word); n > 0 { // as nearly all numbers are
		r.at += n
		return true
	}
	if end := strings.IndexAny(word, " \t\r\n,]}"); end >= 0 {
		word = word[:end]
	}
	r.at += len(word)
	switch word {
	case "true", "false", "null":
		return true
	}
	_, err := strconv.ParseFloat(word, 64) // what is out of its range is none for package json either
	return err == nil && json.Valid([]byte(word))
}

// digits is the length of a number of digits alone that something follows; 0 where there
// may be another one, or none.
func digits(text string) int {
	for n := range min(len(text), 20) {
		switch b := text[n]; {
		case '0' <= b && b <= '9':
		case (b == ',' || b == ']' || b == '}') && (n == 1 || n > 1 && text[0] != '0'):
			return n
		default:
			return 0
		}
	}
	return 0
}
