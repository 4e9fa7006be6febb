package framing

import (
	"bytes"
	"slices"
)

// A message is the data of a block of the stream, the lines up to a blank one,
// in as many fragments as the learner made pieces of it.
type message []piece

// messages returns the data of a stream's blocks. Field names, line ends and
// blank lines are not in them: they say where an event's data begins and ends,
// and over WebSocket the frame's header does. So the last block needs no blank
// line. A block without data is no message.
func messages(pieces []piece) []message {
	var text []byte
	var from []int // the piece that each byte is from
	for i, p := range pieces {
		text = append(text, p.text...)
		from = append(from, slices.Repeat([]int{i}, len(p.text))...)
	}

	var all []message
	var m message
	previous := 0 // the piece that the last byte of data was from
	add := func(data []byte, at int) {
		if len(m) == 0 || at > previous {
			m = append(m, piece{pause: at > previous})
		}
		last := &m[len(m)-1]
		last.text = append(last.text, data...)
		previous = at
	}
	finish := func() {
		if m != nil {
			all = append(all, m)
		}
		m = nil
	}
	for _, line := range lines(text) {
		if line.begin == line.end {
			finish()
			continue
		}
		value, ok := dataIn(text, line)
		if !ok {
			continue
		}
		at := from[min(value.begin, line.end-1)]
		if m == nil {
			add(nil, at)
		} else {
			add([]byte("\n"), at)
		}
		for i := value.begin; i < value.end; i++ {
			add(text[i:i+1], from[i])
		}
	}
	finish()
	return all
}

// A span is a range of bytes of a stream.
type span struct{ begin, end int }

// lines finds the lines of a stream, without their ends. The last one needs none.
// A BOM at the start is part of no line (WHATWG HTML §9.2.5).
func lines(text []byte) []span {
	var found []span
	begin := 0
	if bytes.HasPrefix(text, []byte("\uFEFF")) {
		begin = len("\uFEFF")
	}
	for i := begin; i < len(text); {
		n := lineEnd(text[i:])
		if n == 0 {
			i++
			continue
		}
		found = append(found, span{begin, i})
		i += n
		begin = i
	}
	if begin < len(text) {
		found = append(found, span{begin, len(text)})
	}
	return found
}

// dataIn finds the value of a line whose field is data (§9.2.6).
func dataIn(text []byte, line span) (value span, ok bool) {
	name, rest, _ := bytes.Cut(text[line.begin:line.end], []byte(":"))
	rest = bytes.TrimPrefix(rest, []byte(" "))
	return span{line.end - len(rest), line.end}, string(name) == "data"
}

// lineEnd returns the length of the line end that text begins with, or 0:
// CR LF, LF and CR are line ends (WHATWG HTML §9.2.5).
func lineEnd(text []byte) int {
	switch {
	case text[0] == '\r' && len(text) > 1 && text[1] == '\n':
		return 2
	case text[0] == '\r', text[0] == '\n':
		return 1
	default:
		return 0
	}
}
